"""For those who chase: what is near its deadline, what has passed it, who has it."""

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
    quantiles,
    stat,
    steps,
)


def _cases(by: str, more: str = "") -> str:
    return f"sum by ({by}) (max by (clock, state, grade) (redress_sla_cases{{{HERE}{more}}}))"


def _hourly(event: str) -> str:
    chosen = f'{HERE},type="redress.workflow.{event}.v1"'
    return f"3600 * sum(rate(redress_events_published_total{{{chosen}}}[$__rate_interval]))"


_NOW = Row(
    "现状 / Now",
    (
        stat(
            "临近时限 / At risk",
            "已预警而未完成的时限(首次响应或关闭)/ Deadlines warned of and not done: first response or closure",
            "none",
            _cases("", ',state="at_risk"'),
            steps((1, "orange")),
        ),
        stat(
            "已超时 / Breached",
            "已超过时限的未关闭案件时限 / Deadlines of open cases that have passed",
            "none",
            _cases("", ',state="breached"'),
            GOOD_ZERO,
        ),
        stat(
            "紧急未响应 / Urgent, unanswered",
            "超过首次响应时限仍无人响应的紧急投诉 / Urgent complaints past the deadline of their first human response",
            "none",
            _cases("", ',state="breached",clock="response",grade="urgent"'),
            GOOD_ZERO,
        ),
        stat(
            "逾期任务 / Overdue tasks",
            "未完成且已过期的任务 / Undone tasks past their deadline",
            "none",
            f"sum(max by (department) (redress_overdue_tasks{{{HERE}}}))",
            GOOD_ZERO,
        ),
        stat(
            "无人任务 / Unassigned tasks",
            "部门内无人可承接的任务 / Tasks that nobody present in their department could take",
            "none",
            f"max(redress_unassigned_tasks{{{HERE}}})",
            GOOD_ZERO,
        ),
        stat(
            "时限监控 / Timer",
            "距上次巡检;超过 5 分钟则无预警与升级 / Since the timer's last round; beyond 5 min nobody is warned",
            "s",
            f"time() - max(redress_workflow_timer_ran_timestamp_seconds{{{HERE}}})",
            steps((60, "orange"), (300, "red")),
        ),
    ),
)
_COURSE = Row(
    "走势 / Course",
    (
        lines(
            "时限状态 / Deadlines by clock",
            "response:首次响应;case:关闭 / response: first human response; case: closure",
            "none",
            Query(_cases("clock, state"), "{{clock}} {{state}}"),
        ),
        lines(
            "超时的等级 / Breached by grade",
            "紧急投诉全天候计时 / The urgent clock runs day and night",
            "none",
            Query(_cases("grade", ',state="breached"'), "{{grade}}"),
        ),
        lines(
            "每小时预警与超时 / Warned and breached per hour",
            "预警之后仍超时,说明催办无效 / Breaches after warnings: chasing did not help",
            "none",
            Query(_hourly("sla.warning"), "预警 / warned"),
            Query(_hourly("sla.breached"), "超时 / breached"),
        ),
        lines(
            "各部门逾期任务 / Overdue tasks by department",
            "催办或改派 / Chase, or reassign",
            "none",
            Query(f"max by (department) (redress_overdue_tasks{{{HERE}}})", "{{department}}"),
        ),
        lines(
            "催办与升级 / Escalations",
            "每小时:提醒、通知主管、通知经理 / Per hour: assignee reminded, then lead, then managers told",
            "none",
            Query(_hourly("task.overdue"), "提醒 / reminded"),
            Query(_hourly("task.escalated"), "升级 / escalated"),
        ),
        lines(
            "定时器处理 / Handled by the timer",
            "每秒处理的行数 / Rows a second, by duty",
            "ops",
            Query(
                f"sum by (duty) (rate(redress_workflow_timer_handled_total{{{HERE}}}[$__rate_interval]))", "{{duty}}"
            ),
        ),
    ),
)
_KEPT = Row(
    "守时 / Kept",
    (
        lines(
            "按期首次响应 / On-time response",
            "分母为到期数 / Of those due in the window",
            "percentunit",
            Query(kpi("on_time_response"), "按期 / on time"),
            width=6,
        ),
        lines(
            "按期关闭 / On-time closure",
            "按原时限与现时限 / By the original and the current due date",
            "percentunit",
            Query(kpi("on_time_closure", "dimension"), "{{dimension}}"),
            width=6,
        ),
        lines(
            "未关闭时长 / Age of open complaints",
            "与已关闭均值并看,以免幸存者偏差 / Read it beside every mean of closed ones",
            "s",
            *quantiles("open_age", window="all"),
            width=6,
        ),
        bars(
            "未关闭案件 / Open cases by stage",
            "工作流中的案件 / Cases in workflow",
            "none",
            Query(f"sum by (stage) (max by (stage, grade) (redress_open_cases{{{HERE}}}))", "{{stage}}", instant=True),
            width=6,
        ),
    ),
)
DEADLINES = Dashboard(
    "redress-deadlines",
    "Redress / 时限 / Deadlines",
    "预警、超时、催办与守时 / What is near its deadline, what has passed it, and how many are kept",
    (DATASOURCE, NAMESPACE, WINDOW, PROFILE),
    (_NOW, _COURSE, _KEPT),
    since="now-24h",
)
