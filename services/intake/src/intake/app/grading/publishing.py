"""From a draft to the table in force: by the definitions' own way, so that there is one truth about it."""

from itertools import islice

from chassis import definition_service
from chassis.call import Call
from chassis.db import Tx
from chassis.definition_changes import MOST_CHANGES, changes
from chassis.definition_store import decoded
from chassis.errors import Conflict
from intake.app.grading.drafts import audit, found, held, set_state, whole
from intake.app.grading.editor import published
from intake.app.grading_tables import GRADING_TABLE, NAME
from intake.app.load import READING
from intake.domain.verdicts import check_reason
from redress.definitions.v1 import definitions_pb2
from redress.intake.v1 import grading_pb2 as pb


async def compare_draft(tx: Tx, call: Call, request: pb.CompareGradingDraftRequest) -> pb.GradingComparison:
    """What publishing would change, by row and cell."""
    call.require(*READING)
    draft = decoded((await found(tx, request.draft_id))["document"])
    version, current = await published(tx)
    differences = [
        pb.GradingDifference(path=one.path, change=one.change, before=one.before, after=one.after)
        for one in islice(changes(current, draft), MOST_CHANGES)
    ]
    names = [d.path.removeprefix("parameters.") for d in differences if d.path.startswith("parameters.")]
    return pb.GradingComparison(published_version=version, differences=differences, changed_parameters=names)


async def publish_draft(tx: Tx, call: Call, request: pb.PublishGradingDraftRequest) -> pb.GradingDraft:
    """Raises Conflict when another version was published since: whoever made the draft has not seen it. Else raises
    what publishing a definition raises: Forbidden, Invalid naming every fault."""
    call.require("admin")
    row = await held(tx, request.draft_id, request.if_version)
    reason = check_reason(request.reason)
    version = (await published(tx))[0]
    if row["based_on"] != version:
        detail = f"the draft was taken from version {row['based_on']}, in force is {version}"
        raise Conflict("draft_behind", detail, possible=["compare", f"save with based_on {version}"])
    publication = definitions_pb2.PublishDefinitionRequest(
        kind=GRADING_TABLE.name, name=NAME, document=row["document"], reason=reason, if_version=version
    )
    made = await definition_service.publish_definition({GRADING_TABLE.name: GRADING_TABLE}, tx, call, publication)
    await set_state(tx, call, row, "published", made.version)
    audit(tx, call, row["draft_id"], "published", {"state": ["open", "published"]}, reason)
    return await whole(tx, await found(tx, request.draft_id))
