"""What all dashboards share: variables, common kinds of panels, and how figures of analytics are asked for."""

from tools.dashboards.model import Json, Panel, Query

HERE = 'namespace=~"$namespace"'
SERVICES = 'namespace=~"$namespace",service=~"$service"'
GOOD_ZERO: tuple[tuple[float | None, str], ...] = ((None, "green"), (1, "red"))
GOOD_ONE: tuple[tuple[float | None, str], ...] = ((None, "red"), (1, "green"))


def steps(*above: tuple[float, str], first: str = "green") -> tuple[tuple[float | None, str], ...]:
    return ((None, first), *above)


DATASOURCE: Json = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
NAMESPACE: Json = {
    "name": "namespace",
    "label": "Namespace",
    "type": "query",
    "datasource": {"type": "prometheus", "uid": "${datasource}"},
    "query": "label_values(redress_build_info, namespace)",
    "refresh": 2,
    "sort": 1,
}
SERVICE: Json = {
    **NAMESPACE,
    "name": "service",
    "label": "Service",
    "query": 'label_values(redress_build_info{namespace=~"$namespace"}, service)',
    "includeAll": True,
    "multi": True,
    "current": {"text": ["All"], "value": ["$__all"]},
}


def choice(name: str, label: str, values: tuple[str, ...]) -> Json:
    options = [{"text": value, "value": value, "selected": value == values[0]} for value in values]
    return {
        "name": name,
        "label": label,
        "type": "custom",
        "query": ",".join(values),
        "options": options,
        "current": {"text": values[0], "value": values[0]},
    }


WINDOW = choice("window", "时间窗 / Window", ("30d", "7d", "all"))
PROFILE = choice("profile", "口径 / Profile", ("valid", "justified"))


def kpi(key: str, by: str = "", *, metric: str = "value", more: str = "", window: str = "$window") -> str:
    """A figure of analytics. Every replica shows the same number: max, never sum."""
    chosen = f'{HERE},kpi="{key}",window="{window}",profile="$profile"{more}'
    return f"max by ({by}) (redress_kpi_{metric}{{{chosen}}})"


def quantiles(key: str, *, window: str = "$window") -> tuple[Query, ...]:
    return tuple(
        Query(kpi(key, metric="seconds", more=f',quantile="{q}"', window=window), name)
        for q, name in (("0.5", "P50"), ("0.9", "P90"))
    )


def stat(
    title: str, says: str, unit: str, expr: str, colours: tuple[tuple[float | None, str], ...] = ((None, "text"),)
) -> Panel:
    return Panel(title, says, unit, (Query(expr),), kind="stat", width=4, height=4, steps=colours)


def lines(title: str, says: str, unit: str, *queries: Query, width: int = 8, stacked: bool = False) -> Panel:
    return Panel(title, says, unit, queries, width=width, stacked=stacked)


def bars(title: str, says: str, unit: str, query: Query, *, width: int = 8, most: float | None = None) -> Panel:
    return Panel(title, says, unit, (query,), kind="bargauge", width=width, most=most)


def rate(metric: str, by: str, where: str = HERE) -> str:
    return f"sum by ({by}) (rate({metric}{{{where}}}[$__rate_interval]))"


def quantile(q: float, histogram: str, by: str, where: str = HERE) -> str:
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({q}, {rate(f'{histogram}_bucket', labels, where)})"
