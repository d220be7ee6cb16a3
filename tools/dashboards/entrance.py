"""Where complaints come in and letters go out."""

from tools.dashboards.model import Dashboard, Query, Row
from tools.dashboards.parts import (
    DATASOURCE,
    GOOD_ZERO,
    HERE,
    NAMESPACE,
    PROFILE,
    WINDOW,
    kpi,
    lines,
    quantile,
    quantiles,
    rate,
    stat,
)

_REGISTERED = f'{HERE},type="redress.intake.complaint.registered.v1"'
_WRITES = f'{HERE},route=~"/v1/complaints|/v1/imports|/v1/channels/.*",method="POST"'

_NOW = Row(
    "现状 / Now",
    (
        stat(
            "一小时登记 / Registered, 1 h",
            "近一小时登记的投诉 / Complaints registered within the last hour",
            "none",
            f"sum(increase(redress_events_published_total{{{_REGISTERED}}}[1h]))",
        ),
        stat(
            "拒收 / Refused at the entrance",
            "近一小时被拒的提交(4xx)/ Entries refused within the last hour (4xx): a channel sends what does not fit",
            "none",
            f'sum(increase(redress_http_seconds_count{{{_WRITES},status=~"4.."}}[1h]))',
        ),
        stat(
            "回执 / Receipt after",
            "从收到到自动回执的均值 / Mean from receipt to the automatic answer",
            "s",
            kpi("ack_latency"),
        ),
        stat(
            "待发 / Letters waiting",
            "等待发送的通知 / Deliveries not yet sent; rising: the mail server is away",
            "none",
            f'sum(max by (kind) (redress_deliveries{{{HERE},state=~"pending|sending"}}))',
        ),
        stat(
            "发送失败 / Letters failed",
            "最终发送失败 / Deliveries given up; their log says why",
            "none",
            f'sum(max by (kind) (redress_deliveries{{{HERE},state="failed"}}))',
            GOOD_ZERO,
        ),
        stat(
            "分级准确率 / Grading accuracy",
            "未因当时判断错误而改级者 / Complaints not regraded because the grade was wrong then",
            "percentunit",
            kpi("grading_accuracy"),
        ),
    ),
)
_IN = Row(
    "入口 / In",
    (
        lines(
            "入口请求 / Entries by route",
            "接口、文件与邮件 / By API, file and mail; answers by status",
            "reqps",
            Query(rate("redress_http_seconds_count", "route, status", _WRITES), "{{route}} {{status}}"),
        ),
        lines(
            "登记结果 / Items by outcome",
            "批量接口内每条的结果 / What became of each item of a batch",
            "ops",
            Query(rate("redress_intake_items_total", "outcome"), "{{outcome}}"),
        ),
        lines(
            "邮件结果 / Mails by outcome",
            "非投诉邮件待人判断 / Registered, or parked for a person with the reason",
            "ops",
            Query(rate("redress_intake_mails_total", "outcome"), "{{outcome}}"),
        ),
        lines(
            "拒绝的调用 / Refused calls",
            "无凭证、无权限、伪造、过快 / No credentials, no right, forged actor, too fast",
            "ops",
            Query(rate("redress_http_refused_total", "slug"), "{{slug}}"),
            Query(rate("redress_http_rate_limited_total", ""), "429"),
        ),
        lines(
            "批量 / Gathered together",
            "每批平均条数,随负载增长 / Mean items of one RPC and of one transaction; grow with load",
            "none",
            Query(f"{rate('redress_batch_items_sum', 'rpc')} / {rate('redress_batch_items_count', 'rpc')}", "{{rpc}}"),
            Query(
                f"{rate('redress_intake_group_items_sum', '')} / {rate('redress_intake_group_items_count', '')}",
                "commit",
            ),
        ),
        lines(
            "回执延迟 / Acknowledgement latency",
            "P50 与 P90 / From t_received to the automatic receipt",
            "s",
            *quantiles("ack_latency"),
        ),
    ),
)
_OUT = Row(
    "通知 / Out",
    (
        lines(
            "已发送 / Sent by kind",
            "按类别累计 / Deliveries in the store, by kind",
            "none",
            Query(f'max by (kind) (redress_deliveries{{{HERE},state="sent"}})', "{{kind}}"),
        ),
        lines(
            "邮件服务器耗时 / Mail server",
            "P50 与 P95 / From taking up a mail to the server's answer",
            "s",
            Query(quantile(0.5, "redress_mail_send_seconds", ""), "P50"),
            Query(quantile(0.95, "redress_mail_send_seconds", ""), "P95"),
        ),
        lines(
            "满意度问卷 / Surveys",
            "已答应随已发增长 / Answered follows sent",
            "none",
            Query(f"max by (state) (redress_surveys{{{HERE}}})", "{{state}}"),
        ),
    ),
)
ENTRANCE = Dashboard(
    "redress-entrance",
    "Redress / 入口与通知 / Entrance and letters",
    "投诉从何而来,通知是否发出 / Where complaints come in, and whether letters go out",
    (DATASOURCE, NAMESPACE, WINDOW, PROFILE),
    (_NOW, _IN, _OUT),
    since="now-24h",
)
