"""The public application: every route, every error as a problem, nothing else."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from chassis.errors import RedressError
from gateway.edge import refusing
from gateway.edge.around import AroundEveryRequest
from gateway.edge.guarded_route import GuardedRoute
from gateway.edge.hot_front import HotFront
from gateway.entrypoints import openapi
from gateway.routes import (
    admin,
    attachments,
    back_test_csv,
    capas,
    cases,
    channels,
    complaints,
    definitions,
    exports,
    figures,
    figures_csv,
    form_page,
    forms,
    grading,
    hooks,
    hot,
    identity,
    imports,
    likeness,
    links,
    mails,
    master_data,
    master_data_files,
    newest,
    one_complaint,
    privacy,
    public_forms,
    public_status,
    public_survey,
    submissions,
    surveys,
    views,
)
from gateway.routes.forward import add_routes

TABLES = {
    "complaints": [*complaints.COMPLAINTS, *admin.COMPLAINT_AUDIT],
    "imports": complaints.IMPORTS,
    "views": views.VIEWS,
    "repeats": likeness.LIKENESS,
    "search": views.INDEX,
    "submissions": submissions.SUBMISSIONS,
    "attachments": attachments.ATTACHMENTS,
    "privacy": privacy.PRIVACY,
    "channels": [*channels.CHANNELS, *channels.ANSWERS],
    "forms": [*forms.FORMS, *forms.ANSWERS],
    "grading": [*complaints.GRADING, *grading.GRADING_WORK],
    "master data": master_data.MASTER_DATA,
    "scope": master_data.SCOPE,
    "samples": master_data.SAMPLES,
    "cases": cases.CASES,
    "tasks": cases.TASKS,
    "members": cases.MEMBERS,
    "definitions": definitions.DEFINITIONS,
    "root causes": capas.RCAS,
    "capas": capas.CAPAS,
    "costs": capas.COSTS,
    "knowledge": capas.KNOWLEDGE,
    "deliveries": figures.DELIVERIES,
    "surveys": surveys.SURVEYS,
    "kpis": figures.KPIS,
    "administration": admin.ADMINISTRATION,
}

_CORS: dict[str, Any] = {
    "allow_methods": ["*"],
    "allow_headers": ["*"],
    "expose_headers": ["ETag", "Location", "Retry-After", "X-Request-Id"],
}


class PublicApp(FastAPI):
    cors_origins: tuple[str, ...] = ()

    def build_middleware_stack(self) -> ASGIApp:
        """Ours stands outside of all that FastAPI brings along, and the hottest routes before all of it."""
        stack: ASGIApp = AroundEveryRequest(HotFront(super().build_middleware_stack(), self.routes))
        return CORSMiddleware(stack, allow_origins=self.cors_origins, **_CORS) if self.cors_origins else stack


def create_app(public_url: str = "", cors_origins: tuple[str, ...] = ()) -> FastAPI:
    """Needs no server and no settings; the bootstrap puts the opened Door into `app.state`."""
    app = PublicApp(
        title="Redress",
        version=version("redress-gateway"),
        # The interactive pages load their scripts from a CDN; the document itself is served.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": public_url}] if public_url else None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        exception_handlers={
            RedressError: refusing.by_us,
            RequestValidationError: refusing.by_fastapi,
            HTTPException: refusing.by_starlette,
        },
    )
    app.cors_origins = cors_origins
    # Not by include_router: it would look through all routes again on every request.
    app.router.route_class = GuardedRoute
    _add_routes(app.router)
    openapi.describe(app)
    return app


def _add_routes(router: APIRouter) -> None:
    hot.add_routes(router)
    newest.add_routes(router)
    for table, rows in TABLES.items():
        add_routes(router, rows, table)
    one_complaint.add_routes(router)
    definitions.add_routes(router)
    exports.add_routes(router)
    links.add_routes(router)
    imports.add_routes(router)
    mails.add_routes(router)
    master_data_files.add_routes(router)
    attachments.add_routes(router)
    submissions.add_routes(router)
    identity.add_routes(router)
    figures_csv.add_routes(router)
    back_test_csv.add_routes(router)
    forms.add_routes(router)
    public_forms.add_routes(router)
    form_page.add_routes(router)
    public_status.add_routes(router)
    public_survey.add_routes(router)
    hooks.add_routes(router)
    openapi.add_routes(router)
