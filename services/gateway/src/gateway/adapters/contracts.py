from types import MappingProxyType

from redress.admin.v1 import admin_pb2
from redress.analytics.v1 import analytics_pb2
from redress.capa.v1 import capa_pb2
from redress.definitions.v1 import definitions_pb2
from redress.intake.v1 import intake_pb2
from redress.notify.v1 import notify_pb2
from redress.workflow.v1 import workflow_pb2

# `admin` is the AdminService that every service has, `definitions` the DefinitionService of every owner of any.
SERVICES = MappingProxyType(
    {
        "intake": intake_pb2.DESCRIPTOR.services_by_name["IntakeService"],
        "workflow": workflow_pb2.DESCRIPTOR.services_by_name["WorkflowService"],
        "capa": capa_pb2.DESCRIPTOR.services_by_name["CapaService"],
        "notify": notify_pb2.DESCRIPTOR.services_by_name["NotifyService"],
        "analytics": analytics_pb2.DESCRIPTOR.services_by_name["AnalyticsService"],
        "admin": admin_pb2.DESCRIPTOR.services_by_name["AdminService"],
        "definitions": definitions_pb2.DESCRIPTOR.services_by_name["DefinitionService"],
    }
)
OWNERS = tuple(name for name in SERVICES if name not in ("admin", "definitions"))
