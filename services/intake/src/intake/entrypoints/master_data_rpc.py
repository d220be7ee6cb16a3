"""MasterDataService: each call one use case; what all registers share stands as a table."""

from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import Message

from chassis.call import current_call
from chassis.commands import Commands
from intake.app.master_data import exporting, samples, scope, service_life, unknown
from intake.app.master_data.importing import ImportMasterData
from intake.app.master_data.records import UseCase, listing, putting
from intake.domain.master_data import registers as r
from intake.domain.master_data.register import Register
from redress.intake.v1 import master_data_pb2 as pb

Context = Any

REGISTERS: tuple[tuple[str, str, Register, type[Message], type[Message]], ...] = (
    ("PutProductFamily", "ListProductFamilies", r.PRODUCT_FAMILIES, pb.ProductFamily, pb.ListProductFamiliesReply),
    ("PutProductModel", "ListProductModels", r.PRODUCT_MODELS, pb.ProductModel, pb.ListProductModelsReply),
    ("PutProductLot", "ListProductLots", r.PRODUCT_LOTS, pb.ProductLot, pb.ListProductLotsReply),
    ("PutProductSerial", "ListProductSerials", r.PRODUCT_SERIALS, pb.ProductSerial, pb.ListProductSerialsReply),
    ("PutCodeAlias", "ListCodeAliases", r.ALIASES, pb.CodeAlias, pb.ListCodeAliasesReply),
    ("PutShipment", "ListShipments", r.SHIPMENTS, pb.Shipment, pb.ListShipmentsReply),
    ("PutCodeGroup", "ListCodeGroups", r.CODE_GROUPS, pb.CodeGroup, pb.ListCodeGroupsReply),
    ("PutCode", "ListCodes", r.CODES, pb.Code, pb.ListCodesReply),
    (
        "PutCustomerAccount",
        "ListCustomerAccounts",
        r.CUSTOMER_ACCOUNTS,
        pb.CustomerAccount,
        pb.ListCustomerAccountsReply,
    ),
    ("PutAccountContact", "ListAccountContacts", r.ACCOUNT_CONTACTS, pb.AccountContact, pb.ListAccountContactsReply),
    ("PutConsent", "ListConsents", r.CONSENTS, pb.Consent, pb.ListConsentsReply),
)
WRITES: dict[str, UseCase] = {
    **{put: putting(register, item) for put, _, register, item, _ in REGISTERS},
    "ExportMasterData": exporting.export,
    "ResolveUnknownCode": unknown.resolve,
    "AskForSample": samples.ask_for,
    "SendSample": samples.send,
    "ReceiveSample": samples.receive,
    "TakeSampleToLab": samples.take_to_lab,
    "ConcludeSample": samples.conclude,
    "WithdrawSample": samples.withdraw,
}
READS: dict[str, UseCase] = {
    **{many: listing(register, item, reply) for _, many, register, item, reply in REGISTERS},
    "ListUnknownCodes": unknown.list_unknown,
    "ListCodeFixes": unknown.list_fixes,
    "GetScope": scope.get_scope,
    "ListScopeComplaints": scope.list_complaints,
    "GetUnitsInService": service_life.get_units_in_service,
    "ListExposures": service_life.list_exposures,
    "GetSample": samples.get_sample,
    "ListSamples": samples.list_samples,
}


class MasterDataServicer:
    def __init__(self, commands: Commands, import_file: ImportMasterData) -> None:
        self._import_file = import_file
        for name, use_case in WRITES.items():
            setattr(self, name, _call(commands.run, use_case))
        for name, use_case in READS.items():
            setattr(self, name, _call(commands.ask, use_case))

    async def ImportMasterData(
        self, request_iterator: AsyncIterator[pb.ImportMasterDataRequest], context: Context
    ) -> pb.MasterDataImport:
        return await self._import_file(current_call(), request_iterator)


def _call(run: Any, use_case: UseCase) -> Any:
    async def method(request: Any, _context: Context) -> Any:
        return await run(request, use_case)

    return method
