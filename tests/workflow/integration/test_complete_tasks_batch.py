import json
from typing import Any

from chassis.errors import Forbidden, IdempotencyMismatch, IllegalTransition, Malformed, RedressError, StaleVersion
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app.complete_tasks import Item, complete_tasks
from workflow.entrypoints.completing import Completing


async def _first_tasks(real: Any, number: int) -> list[pb.Task]:
    return [(await real.case(await real.open())).tasks[0] for _ in range(number)]


def asked(task: pb.Task, **more: Any) -> pb.CompleteTask:
    return pb.CompleteTask(task_id=task.task_id, result="done", **more)


async def test_each_item_is_answered_by_itself(real: Any) -> None:
    await real.staff()
    good, stale, foreign, broken = await _first_tasks(real, 4)
    manager = real.as_("manager", "boss")
    items = [
        Item(manager, asked(good)),
        Item(manager, asked(stale, if_version=7)),
        Item(real.as_("engineer", "pr-1"), asked(foreign)),
        Item(manager, asked(broken, deliverables="[1")),
        Item(manager, asked(good)),
    ]
    answers = await Completing(real.db).run(items)
    kinds = [type(answer) for answer in answers]
    assert kinds == [pb.Task, StaleVersion, Forbidden, Malformed, IllegalTransition]
    assert isinstance(answers[0], pb.Task)
    assert answers[0].state == "done"
    assert [(await real.case(task.case_id)).stage for task in (good, stale)] == ["diagnosis", "intake"]


async def test_a_hundred_completions_cost_no_more_statements_than_one(real: Any, counting: Any) -> None:
    await real.staff()
    tasks = await _first_tasks(real, 21)

    async def statements(batch: list[pb.Task]) -> int:
        async with real.db.tx() as tx:
            counter = counting(tx)
            answers = await complete_tasks(tx, [Item(real.as_("manager"), asked(task)) for task in batch])
            await tx.flush()
        assert not any(isinstance(answer, RedressError) for answer in answers)
        return int(counter.statements)

    assert await statements(tasks[:1]) == await statements(tasks[1:]) <= 20


async def test_an_idempotency_key_answers_the_same_and_refuses_another_body(real: Any) -> None:
    one, other = await _first_tasks(real, 2)
    call = real.as_("manager", "boss")
    run = Completing(real.db).run
    first = Item(call, asked(one, idempotency_key="k-1", token="a"))
    again = Item(call, asked(one, idempotency_key="k-1", token="b"))
    another = Item(call, asked(other, idempotency_key="k-1"))
    same_group = await run([first, again, another])
    assert [type(answer) for answer in same_group] == [pb.Task, pb.Task, IdempotencyMismatch]
    later = await run([again, another])
    assert later[0] == same_group[0]
    assert isinstance(later[1], IdempotencyMismatch)
    assert (await real.names(one.case_id)).count("task.completed") == 1


async def test_the_key_of_a_refused_item_can_be_used_again(real: Any) -> None:
    case_id = await real.open()
    await real.complete(case_id, "grade_review")
    task = next(t for t in (await real.case(case_id)).tasks if t.kind == "diagnose")
    call, run = real.as_("manager", "boss"), Completing(real.db).run
    values = {"preliminary_cause": "seal", "reproduction": "reproduced", "onsite_support": "no"}
    (refused,) = await run([Item(call, asked(task, idempotency_key="k"))])
    assert isinstance(refused, RedressError)
    assert refused.possible == list(values)
    (done,) = await run([Item(call, asked(task, idempotency_key="k", deliverables=json.dumps(values)))])
    assert isinstance(done, pb.Task)
    assert done.state == "done"
