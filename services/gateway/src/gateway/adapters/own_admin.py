from typing import Any

from google.protobuf.message import Message

from chassis.admin import AdminServicer
from chassis.call import Call, set_current_call


class OwnAdmin:
    """The gateway's own AdminService without the way over the network."""

    def __init__(self, servicer: AdminServicer) -> None:
        self._servicer = servicer

    async def ask(self, method: str, request: Message, call: Call) -> Message:
        set_current_call(call)
        serve: Any = getattr(self._servicer, method)
        reply: Message = await serve(request, None)
        return reply
