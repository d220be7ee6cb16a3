import json
from typing import Any

from chassis.commands import Commands
from chassis.published_keys import PublishedKeys
from chassis.tokens import Calls, Signer, generate_key
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.entrypoints.rpc import WorkflowServicer


def servicer_and_signer(real: Any) -> tuple[WorkflowServicer, Signer]:
    signer = Signer("gateway", json.dumps(generate_key()))

    async def keys(_url: str) -> dict[str, Any]:
        return signer.jwks()

    return WorkflowServicer(real.db, Commands(real.db), Calls(PublishedKeys({"gateway": "the gateway"}, keys))), signer


async def test_each_item_acts_with_its_own_token_and_a_refusal_is_audited(real: Any) -> None:
    servicer, signer = servicer_and_signer(real)
    await real.staff()
    tasks = [(await real.case(await real.open())).tasks[0] for _ in range(3)]
    tokens = [signer.sign("cs-9", roles=("customer_service",)), signer.sign("pr-1", roles=("engineer",)), "forged"]
    items = [pb.CompleteTask(task_id=t.task_id, token=token) for t, token in zip(tasks, tokens, strict=True)]
    reply = await servicer.CompleteTasks(pb.CompleteTasksRequest(items=items), None)
    assert reply.results[0].task.state == "done"
    assert [result.refusal.status for result in reply.results[1:]] == [403, 401]
    by = await real.value("SELECT actor FROM audit WHERE action = 'task completed: grade_review'")
    refused = await real.value("SELECT action || ' ' || reason FROM audit WHERE aggregate_type = 'access'")
    assert (by, refused) == ("cs-9", "refused CompleteTask 403 forbidden")
