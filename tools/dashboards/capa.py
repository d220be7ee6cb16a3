"""For quality people: root causes, actions, their effect."""

from tools.dashboards.model import Dashboard, Query, Row
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
    stat,
    steps,
)


def _daily(event: str) -> str:
    chosen = f'{HERE},type="redress.capa.{event}.v1"'
    return f"86400 * sum(rate(redress_events_published_total{{{chosen}}}[$__rate_interval]))"


_NOW = Row(
    "现状 / Now",
    (
        stat(
            "进行中 CAPA / CAPAs under way",
            "未关闭、未取消的 CAPA / Neither closed nor cancelled",
            "none",
            f'sum(max by (state) (redress_capa_capas{{{HERE},state!~"closed|cancelled"}}))',
        ),
        stat(
            "逾期措施 / Actions overdue",
            "超过当前期限的措施(含延期)/ Past their current due date, extensions included",
            "none",
            f"max(redress_capa_actions_overdue{{{HERE}}})",
            GOOD_ZERO,
        ),
        stat(
            "待下结论 / Checks due",
            "观察期已满而未下结论的有效性验证 / Windows that are over and have no verdict",
            "none",
            f"max(redress_capa_checks_due{{{HERE}}})",
            GOOD_ZERO,
        ),
        stat(
            "有效率 / Effective",
            "有效性验证结论为有效的占比;实践目标 90% 以上 / Checks concluded effective; practice aims above 90 %",
            "percentunit",
            kpi("capa_effectiveness_rate"),
            steps((0.7, "orange"), (0.9, "green"), first="red"),
        ),
        stat(
            "改进 / Improvements", "因投诉实施的改进 / Improvements made due to complaints", "none", kpi("improvements")
        ),
        stat(
            "知识 / Knowledge cases",
            "知识库案例 / Finished cases that are offered to the next",
            "none",
            f"max(redress_capa_knowledge_cases{{{HERE}}})",
        ),
    ),
)
_WORK = Row(
    "推进 / Work",
    (
        lines(
            "根因分析 / Root cause analyses",
            "按状态 / By state",
            "none",
            Query(f"max by (state) (redress_capa_rcas{{{HERE}}})", "{{state}}"),
            stacked=True,
        ),
        lines(
            "CAPA",
            "按状态;停滞的状态是瓶颈 / By state; one that only grows is the bottleneck",
            "none",
            Query(f"max by (state) (redress_capa_capas{{{HERE}}})", "{{state}}"),
            stacked=True,
        ),
        lines(
            "逾期与待结论 / Overdue and due",
            "催办责任人 / Chase the owners",
            "none",
            Query(f"max(redress_capa_actions_overdue{{{HERE}}})", "逾期措施 / actions"),
            Query(f"max(redress_capa_checks_due{{{HERE}}})", "待结论 / checks"),
        ),
        lines(
            "每日 / Per day",
            "完成的根因、措施与知识 / Root causes completed, actions done, knowledge published",
            "none",
            Query(_daily("rca.completed"), "根因 / RCA"),
            Query(_daily("action.done"), "措施 / actions"),
            Query(_daily("knowledge.published"), "知识 / knowledge"),
        ),
        lines(
            "措施 / Actions",
            "完成率与按期率(原期限、现期限)/ Completed, and on time by the original and the current due date",
            "percentunit",
            Query(kpi("action_completion_rate"), "完成率 / completed"),
            Query(kpi("on_time_action_rate", "dimension"), "{{dimension}}"),
        ),
        lines(
            "关闭率与有效率 / Closed and effective",
            "关闭率只表示速度,须与有效率并看 / Closure shows speed only: never alone",
            "percentunit",
            Query(kpi("capa_closure_rate"), "关闭率 / closed"),
            Query(kpi("capa_effectiveness_rate"), "有效率 / effective"),
        ),
    ),
)
_EFFECT = Row(
    "效果 / Effect",
    (
        lines(
            "再发 / Recurrence",
            "CAPA 观察期内同类投诉再发 / Complaints that match a CAPA within its window: a proposal to look",
            "none",
            Query(kpi("recurrences"), "再发投诉 / complaints"),
        ),
        bars(
            "节点一次通过率 / First pass",
            "被退回的节点 / Where work is sent back",
            "percentunit",
            Query(f"max by (stage) (redress_stage_first_pass_ratio{{{HERE}}})", "{{stage}}", instant=True),
            most=1,
        ),
        bars(
            "良好与不良质量成本 / CoGQ and COPQ",
            "最小货币单位 / Minor units",
            "none",
            Query(
                f"{kpi('cogq', 'kpi, dimension')} or {kpi('copq', 'kpi, dimension')}",
                "{{kpi}} {{dimension}}",
                instant=True,
            ),
        ),
    ),
)
CAPA = Dashboard(
    "redress-capa",
    "Redress / 根因与 CAPA / Root cause and CAPA",
    "根因、措施、有效性与再发 / Root causes, actions, effectiveness and recurrence",
    (DATASOURCE, NAMESPACE, WINDOW, PROFILE),
    (_NOW, _WORK, _EFFECT),
    since="now-7d",
)
