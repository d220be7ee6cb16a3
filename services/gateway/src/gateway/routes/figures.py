from gateway.routes.table import Forward

DELIVERIES = [
    Forward("GET", "/v1/deliveries", "notify.ListDeliveries", "Messages to customers and colleagues, newest first"),
    Forward("GET", "/v1/deliveries/{delivery_id}", "notify.GetDelivery", "One delivery with its attempts"),
    Forward("POST", "/v1/deliveries/{delivery_id}/retry", "notify.RetryDelivery", "Try a failed delivery again"),
    Forward("GET", "/v1/deliveries-totals", "notify.GetTotals", "Deliveries by state"),
]

# What only the figures themselves know what to do with.
_FIGURES_ONLY = frozenset({"keys", "panel", "baseline_from", "baseline_to"})

KPIS = [
    Forward("GET", "/v1/kpis", "analytics.GetKpis", "KPIs of a period, with n and interval"),
    Forward("GET", "/v1/kpis/definitions", "analytics.ListKpis", "What each KPI means"),
    Forward("GET", "/v1/kpis/panels", "analytics.ListKpiPanels", "KPIs that are read together, e.g. for ISO 10002"),
    Forward(
        "GET",
        "/v1/kpis/stage-times",
        "analytics.GetStageTimes",
        "Dwell per stage, with P50 and P90",
        hidden=_FIGURES_ONLY,
    ),
    Forward(
        "GET", "/v1/kpis/{key}/facts", "analytics.ListKpiFacts", "The complaints behind a figure", hidden=_FIGURES_ONLY
    ),
]
