"""Grafana dashboards as code: `python -m tools.generate dashboards` writes deploy/helm/redress/files/dashboards."""
