from types import MappingProxyType

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from redress.admin.v1 import admin_pb2
from redress.analytics.v1 import analytics_pb2
from redress.capa.v1 import capa_pb2
from redress.definitions.v1 import definitions_pb2
from redress.intake.v1 import (
    attachments_pb2,
    channels_pb2,
    forms_pb2,
    grading_pb2,
    imports_pb2,
    intake_pb2,
    master_data_pb2,
    privacy_pb2,
    search_pb2,
    similarity_pb2,
)
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
# Beside its first service, an owner may have one per capability; a method's name is unique within its owner.
FURTHER: MappingProxyType[str, tuple[ServiceDescriptor, ...]] = MappingProxyType(
    {
        "intake": (
            attachments_pb2.DESCRIPTOR.services_by_name["AttachmentService"],
            channels_pb2.DESCRIPTOR.services_by_name["ChannelService"],
            forms_pb2.DESCRIPTOR.services_by_name["FormService"],
            grading_pb2.DESCRIPTOR.services_by_name["GradingService"],
            imports_pb2.DESCRIPTOR.services_by_name["ImportService"],
            master_data_pb2.DESCRIPTOR.services_by_name["MasterDataService"],
            privacy_pb2.DESCRIPTOR.services_by_name["PrivacyService"],
            search_pb2.DESCRIPTOR.services_by_name["SearchService"],
            similarity_pb2.DESCRIPTOR.services_by_name["SimilarityService"],
        )
    }
)
OWNERS = tuple(name for name in SERVICES if name not in ("admin", "definitions"))


def method_of(owner: str, name: str) -> MethodDescriptor:
    """Raises KeyError for a method that no service of the owner has."""
    for service in (SERVICES[owner], *FURTHER.get(owner, ())):
        if name in service.methods_by_name:
            return service.methods_by_name[name]
    raise KeyError(f"{owner}.{name}")


def all_services() -> list[ServiceDescriptor]:
    return [*SERVICES.values(), *(service for more in FURTHER.values() for service in more)]
