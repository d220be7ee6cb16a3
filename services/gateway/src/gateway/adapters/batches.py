from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from chassis.asking import error_of, invoke
from chassis.call import Call
from gateway.adapters.coalesce import BatchLimits, Coalescer
from gateway.adapters.contracts import SERVICES
from gateway.adapters.owners import Owners, answered, for_client, unary
from gateway.metrics import EdgeMetrics
from gateway.settings import Settings
from redress.intake.v1 import intake_pb2
from redress.workflow.v1 import workflow_pb2


class Batches:
    """The two commands that arrive most. Each item carries its caller's own token and Idempotency-Key."""

    def __init__(self, settings: Settings, owners: Owners, metrics: EdgeMetrics) -> None:
        self._owners, self._metrics = owners, metrics
        self._timeout_s = settings.write_timeout_s
        limits = BatchLimits(
            items=settings.batch_items, in_flight=settings.batches_in_flight, apart_s=settings.batches_apart_ms / 1000
        )
        register = self._rpc("intake", "RegisterBatch", intake_pb2.RegisterBatchRequest)
        complete = self._rpc("workflow", "CompleteTasks", workflow_pb2.CompleteTasksRequest)
        self._registering = Coalescer[intake_pb2.RegisterItem, intake_pb2.RegisterResult](register, _size, limits)
        self._completing = Coalescer[workflow_pb2.CompleteTask, workflow_pb2.CompleteTaskResult](
            complete, _size, limits
        )

    async def register(self, command: intake_pb2.RegisterCommand, call: Call) -> intake_pb2.Registered:
        """Raises what intake refused this one item for."""
        item = intake_pb2.RegisterItem(
            command=command,
            token=self._owners.token(call),
            idempotency_key=call.idempotency_key,
            traceparent=call.traceparent,
        )
        result = await self._registering.submit(item, self._timeout_s)
        if result.WhichOneof("outcome") == "refusal":
            raise for_client(error_of(result.refusal))
        return result.registered

    async def complete(self, item: workflow_pb2.CompleteTask, call: Call) -> workflow_pb2.Task:
        item.token = self._owners.token(call)
        if call.idempotency_key:
            item.idempotency_key = call.idempotency_key
        result = await self._completing.submit(item, self._timeout_s)
        if result.WhichOneof("outcome") == "refusal":
            raise for_client(error_of(result.refusal))
        return result.task

    async def drain(self) -> None:
        await self._registering.drain()
        await self._completing.drain()

    def _rpc(self, owner: str, name: str, request: Any) -> Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]:
        method = unary(self._owners.channels[owner], SERVICES[owner].methods_by_name[name])
        return partial(self._send, name, method, request)

    async def _send(self, name: str, method: Any, request: Any, items: Sequence[Any]) -> Sequence[Any]:
        self._metrics.batch_items.labels(name).observe(len(items))
        reply = await answered(
            invoke(method, request(items=items), token=self._owners.own_token(), timeout=self._timeout_s)
        )
        results: Sequence[Any] = reply.results
        return results


def _size(message: Any) -> int:
    size: int = message.ByteSize()
    return size
