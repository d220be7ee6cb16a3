"""Saved views of the list of complaints, and the index that words are looked up in."""

from gateway.app.principal import ADMIN
from gateway.routes.table import Forward

_ONE = "/v1/views/{view_id}"

VIEWS = [
    Forward("GET", "/v1/views", "intake.ListSavedViews", "One's own views and shared ones, by name"),
    Forward(
        "POST",
        "/v1/views",
        "intake.CreateSavedView",
        "Save filters and columns under a name, for oneself or for all",
        status=201,
        location="/v1/views/{view_id}",
    ),
    Forward("GET", _ONE, "intake.GetSavedView", "One view"),
    Forward("PATCH", _ONE, "intake.UpdateSavedView", "Rename, share or change a view of one's own"),
    Forward("DELETE", _ONE, "intake.DeleteSavedView", "Delete a view of one's own"),
    Forward("GET", f"{_ONE}/complaints", "intake.RunSavedView", "The complaints of a view, newest first"),
]

INDEX = [
    Forward("GET", "/v1/search-index", "intake.GetSearchIndex", "How far the index of words is", roles=ADMIN),
    Forward(
        "POST",
        "/v1/search-index/rebuild",
        "intake.RebuildSearchIndex",
        "Make the index of words anew; what is found meanwhile is incomplete",
        roles=ADMIN,
    ),
]
