from pathlib import Path

import nats as nats_client
import pytest
from nats.errors import Error
from nats.js import JetStreamContext

from stack.nats import Nats


async def _publish(server: Nats, count: int) -> int:
    """Returns the number of messages in the stream."""
    client = await nats_client.connect(server.url)
    stream: JetStreamContext = client.jetstream()
    await stream.add_stream(name="facts", subjects=["facts.>"])
    for _ in range(count):
        await stream.publish("facts.happened", b"x")
    info = await stream.stream_info("facts")
    await client.close()
    return info.state.messages


async def test_messages_are_kept_over_a_kill(nats: Nats) -> None:
    await _publish(nats, 3)
    nats.kill()
    nats.start()
    assert await _publish(nats, 0) == 3


async def test_an_older_store_put_back_has_lost_its_tail(nats: Nats, tmp_path: Path) -> None:
    await _publish(nats, 3)
    nats.snapshot_store(tmp_path / "older")
    assert await _publish(nats, 2) == 5
    nats.stop()
    nats.restore_store(tmp_path / "older")
    nats.start()
    assert await _publish(nats, 0) == 3


def test_the_store_of_a_running_server_is_not_replaced(nats: Nats, tmp_path: Path) -> None:
    nats.snapshot_store(tmp_path / "older")
    with pytest.raises(RuntimeError, match="stop it first"):
        nats.restore_store(tmp_path / "older")


async def test_strangers_are_refused(nats: Nats) -> None:
    address = nats.url.rsplit("@", 1)[1]
    with pytest.raises(Error, match=r"(?i)authorization"):
        await nats_client.connect(f"nats://redress:wrong@{address}", allow_reconnect=False, max_reconnect_attempts=0)
