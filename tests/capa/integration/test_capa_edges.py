import json
from typing import Any

import grpc
import pytest
from prometheus_client import CollectorRegistry

from capa.adapters.intake import IntakeTexts
from capa.metrics import Backlog
from chassis.asking import channel
from chassis.errors import NotFound, Unavailable
from chassis.tokens import Signer, generate_key
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1 import intake_pb2_grpc


class Intake(intake_pb2_grpc.IntakeServiceServicer):
    async def GetTexts(self, request: pb.GetTextsRequest, context: Any) -> pb.GetTextsReply:
        known = [pb.ComplaintText(complaint_id="c1", description="漏油")]
        return pb.GetTextsReply(texts=[text for text in known if text.complaint_id in request.complaint_ids])


async def test_a_complaint_text_is_asked_of_intake_over_grpc() -> None:
    server = grpc.aio.server()
    intake_pb2_grpc.add_IntakeServiceServicer_to_server(Intake(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    intake = channel(f"127.0.0.1:{port}")
    texts = IntakeTexts(intake, Signer("capa", json.dumps(generate_key())))
    assert (await texts.of("c1")).description == "漏油"
    with pytest.raises(NotFound):
        await texts.of("c2")
    await server.stop(None)
    with pytest.raises(Unavailable):
        await texts.of("c1")
    await intake.close()


async def test_the_backlog_is_counted_from_the_store(desk: Any) -> None:
    registry = CollectorRegistry()
    backlog = Backlog(desk.db, registry)
    await desk.verifying()
    await backlog.measure()
    assert registry.get_sample_value("redress_capa_capas", {"state": "verifying"}) == 1
    assert registry.get_sample_value("redress_capa_rcas", {"state": "completed"}) == 1
    assert registry.get_sample_value("redress_capa_checks_due") == 1
    assert registry.get_sample_value("redress_capa_actions_overdue") == 0
