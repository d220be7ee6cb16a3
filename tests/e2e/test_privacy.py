"""Personal data reaches people through the API and the mail they are sent, and nothing else."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import nats

from chassis.ids import new_id
from redress.catalog import OWNERS, stream_of
from stack.stack import Stack

NAME, PHONE, STREET = "Xanthippe Querulante", "+49 171 5550199", "Veilchenweg 77"


def test_names_phones_and_free_text_are_in_no_log_event_or_metric(
    stack: Stack, clerk: Any, new_complaint: Any, eventually: Callable[..., Any]
) -> None:
    mail = f"quer{new_id()[-8:]}@customers.example"
    body = new_complaint(
        customer_name=NAME, customer_phone=PHONE, customer_email=mail, description=f"Bring it to {STREET}, it rattles."
    )
    accepted = clerk.do("POST", "/v1/complaints", body)
    clerk.send("POST", "/v1/complaints", body | {"language": "xx"})
    eventually(lambda: clerk.get("/v1/deliveries", case_id=accepted["complaint_id"], state="sent")["items"])
    haystacks = {str(p): p.read_text(errors="replace") for p in Path(stack.log_dir).glob("*") if p.is_file()}
    for service in ("intake", "workflow", "capa", "notify", "analytics", "gateway"):
        haystacks[f"{service} /metrics"] = httpx.get(f"{stack.ops_url(service)}/metrics").text
    haystacks["events"] = asyncio.run(all_events(stack.nats.url))
    found = [
        (needle, where)
        for where, text in haystacks.items()
        for needle in (NAME, PHONE, STREET, mail)
        if needle in text and "mail-sink" not in where
    ]
    assert found == []


async def all_events(url: str) -> str:
    client = await nats.connect(url)
    js = client.jetstream()
    texts = []
    for owner in OWNERS:
        state = (await js.stream_info(stream_of(owner))).state
        for sequence in range(max(state.first_seq, state.last_seq - 500), state.last_seq + 1):
            if sequence:
                texts.append(((await js.get_msg(stream_of(owner), seq=sequence)).data or b"").decode(errors="replace"))
    await client.close()
    return "\n".join(texts)
