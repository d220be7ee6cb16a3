"""For those who answer for complaints: how many, how fast, how well, at what cost."""

from tools.dashboards.model import Dashboard, Panel, Query, Row
from tools.dashboards.parts import (
    DATASOURCE,
    GOOD_ZERO,
    HERE,
    NAMESPACE,
    PROFILE,
    WINDOW,
    bars,
    kpi,
    lines,
    quantiles,
    stat,
    steps,
)

_NOW = Row(
    "现状 / Now",
    (
        stat(
            "收到 / Received",
            "所选时间窗内收到的有效投诉 / Valid complaints received in the window",
            "none",
            kpi("received"),
        ),
        stat(
            "未关闭 / Open",
            "当前未关闭的投诉 / Complaints not closed, now",
            "none",
            f"sum(max by (stage, grade) (redress_complaints_open{{{HERE}}}))",
        ),
        stat(
            "逾期 / Overdue",
            "超过当前时限的未关闭投诉;应为 0 / Open complaints past their current due date; should be 0",
            "none",
            f"sum(max by (grade) (redress_complaints_overdue{{{HERE}}}))",
            GOOD_ZERO,
        ),
        stat("首次响应 / FRT", "首次人工响应时间均值 / Mean time until a person answered", "s", kpi("frt")),
        stat("解决时间 / MTTR", "从登记到最终关闭的均值 / Mean from registration to final closure", "s", kpi("mttr")),
        stat(
            "数据年龄 / Age of figures",
            "指标计算至今的时间;超过 15 分钟说明停滞 / Since they were computed; beyond 15 min analytics stands still",
            "s",
            f"time() - max(redress_kpi_computed_timestamp_seconds{{{HERE}}})",
            steps((300, "orange"), (900, "red")),
        ),
    ),
)
_STOCK = Row(
    "流入与存量 / Inflow and stock",
    (
        lines(
            "每小时登记与关闭 / Registered and closed per hour",
            "流入长期高于流出则存量增长 / The stock grows where more comes in than goes out",
            "none",
            Query(
                "3600 * sum(rate(redress_events_published_total"
                f'{{{HERE},type="redress.intake.complaint.registered.v1"}}[$__rate_interval]))',
                "登记 / registered",
            ),
            Query(
                "3600 * sum(rate(redress_events_published_total"
                f'{{{HERE},type="redress.workflow.case.closed.v1"}}[$__rate_interval]))',
                "关闭 / closed",
            ),
        ),
        lines(
            "各节点未关闭 / Open by stage",
            "持续增长的节点是瓶颈 / A stage that keeps growing is the bottleneck",
            "none",
            Query(f"sum by (stage) (max by (stage, grade) (redress_complaints_open{{{HERE}}}))", "{{stage}}"),
            stacked=True,
        ),
        lines(
            "各等级未关闭与逾期 / Open and overdue by grade",
            "紧急投诉不应逾期 / Urgent ones should never be overdue",
            "none",
            Query(f"sum by (grade) (max by (stage, grade) (redress_complaints_open{{{HERE}}}))", "{{grade}}"),
            Query(f"max by (grade) (redress_complaints_overdue{{{HERE}}})", "逾期 / overdue {{grade}}"),
        ),
    ),
)
_SPEED = Row(
    "速度 / Speed",
    (
        lines(
            "首次响应 P50 与 P90 / FRT",
            "自然时间 / Calendar time until a person answered",
            "s",
            *quantiles("frt"),
            width=6,
        ),
        lines(
            "解决时间 / Time to resolution",
            "自然时间与工作时间(暂停除外)/ Calendar time, and working time without named pauses",
            "s",
            *quantiles("mttr"),
            Query(kpi("mttr_working"), "工时均值 / mean, working"),
            width=6,
        ),
        bars(
            "节点停留 P90 / Time per stage",
            "已完成停留的 P90,全部时间 / P90 of finished visits, all time; the slowest stage is where to look first",
            "s",
            Query(f'max by (stage) (redress_stage_seconds{{{HERE},quantile="0.9"}})', "{{stage}}", instant=True),
            width=6,
        ),
        bars(
            "一次通过率 / First pass",
            "一次通过该节点的投诉占比 / Complaints that passed a stage with one visit; falling means sent back",
            "percentunit",
            Query(f"max by (stage) (redress_stage_first_pass_ratio{{{HERE}}})", "{{stage}}", instant=True),
            width=6,
            most=1,
        ),
    ),
)
_QUALITY = Row(
    "质量 / Quality",
    (
        lines(
            "重复投诉率 / Repeat rate",
            "R1 同客户同问题,R2 同类问题 / R1 same customer and problem, R2 same kind of problem",
            "percentunit",
            Query(kpi("repeat_rate", "dimension"), "{{dimension}}"),
        ),
        lines(
            "首次联系解决率 / First contact resolution",
            "毛:全部联系;净:除去一线不能解决者 / Gross of all contacts; net without those level 1 cannot resolve",
            "percentunit",
            Query(kpi("fcr_gross"), "毛 / gross"),
            Query(kpi("fcr_net"), "净 / net"),
        ),
        lines(
            "客户满意度 / Customer satisfaction",
            "4-5 分占比(过程、结果)与回收率 / Ratings of 4 or 5, for process and result, with the response rate",
            "percentunit",
            Query(kpi("csat", "dimension"), "{{dimension}}"),
            Query(kpi("survey_response_rate", more=',dimension=""'), "回收率 / response rate"),
        ),
    ),
)
_COST = Row(
    "成本与结论 / Cost and outcomes",
    (
        bars(
            "质量成本 / Cost of quality",
            "按币种与类别,最小货币单位(分)/ By currency and category, in minor units (cents)",
            "none",
            Query(kpi("coq", "dimension"), "{{dimension}}", instant=True),
        ),
        bars(
            "不良质量成本 / COPQ",
            "内部与外部损失,最小货币单位 / Internal and external failure, in minor units",
            "none",
            Query(kpi("copq", "dimension"), "{{dimension}}", instant=True),
            width=4,
        ),
        bars(
            "关闭结论 / Outcomes",
            "已关闭投诉的结论,全部时间 / Outcomes of closed complaints, all time",
            "none",
            Query(
                f"sum by (outcome) (max by (outcome, path) (redress_complaints_closed{{{HERE}}}))", "{{outcome}}", True
            ),
            width=4,
        ),
        Panel(
            "全部指标及样本数 / Every figure with its n",
            "n 小于约 30 时比率意义有限 / Below about n = 30 a ratio says little. Value #A, n #B",
            "none",
            (
                Query(kpi("[KPI]", "kpi, dimension").replace('kpi="[KPI]",', ""), instant=True),
                Query(kpi("[KPI]", "kpi, dimension", metric="n").replace('kpi="[KPI]",', ""), instant=True),
            ),
            kind="table",
            width=8,
        ),
    ),
)
COMPLAINTS = Dashboard(
    "redress-complaints",
    "Redress / 投诉 KPI / Complaints",
    "投诉闭环的业务指标,由分析服务从数据库计算 / Business figures of the loop, computed from the store by analytics",
    (DATASOURCE, NAMESPACE, WINDOW, PROFILE),
    (_NOW, _STOCK, _SPEED, _QUALITY, _COST),
    since="now-7d",
)
