"""`python -m chassis.provision`: every stream of the catalogue, and the durable consumers of services and partners.

Safe to run again at any time, and never deletes anything. Exit code 0: all is there. 2: an operator has to do
something; `why` and `do` in the last line of the log say what.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from nats.aio.client import Client
from nats.js.errors import APIError, BadRequestError

from chassis import logs, nats_client
from chassis.bus import OUTAGE
from chassis.provision_settings import ProvisionSettings
from chassis.streams import ask, ensure_consumer, ensure_stream, follow_shape
from redress.catalog import OWNERS, stream_of
from redress.listeners import LISTENERS
from redress.nats_users import Partner, by_owner

_LOG = logs.get("provision")
_AGAIN_S = 1.0
_FEW_SERVERS = {10005, 10074}
_NO_ROOM = {10023, 10028, 10047}
_SUBJECTS_TAKEN = 10065


class CannotProvision(Exception):
    """What an operator has to mend."""

    def __init__(self, why: str, do: str) -> None:
        super().__init__(why)
        self.why, self.do = why, do


def main() -> None:
    logs.configure("provision", "provision", "info")
    try:
        asyncio.run(provision(ProvisionSettings()))
    except Exception as error:
        from chassis.start_failures import explained

        known = error if isinstance(error, CannotProvision) else explained(error)
        if known is None:
            raise
        _LOG.error("cannot provision", why=known.why, do=known.do)
        sys.exit(2)


async def provision(settings: ProvisionSettings) -> None:
    """Tries again while NATS is not there, or not all of it, for as long as the settings say.

    Raises CannotProvision, or what nats-py says of a server that cannot be reached.
    """
    deadline = time.monotonic() + settings.provision_wait_seconds
    while True:
        try:
            return await _once(settings)
        except (*OUTAGE,) as error:
            if time.monotonic() > deadline or (isinstance(error, BadRequestError) and not _may_pass(error)):
                if refusal := _refusal(error, settings):
                    raise refusal from error
                raise
            _LOG.warning("waiting for nats", error=type(error).__name__, detail=str(error)[:200])
        await asyncio.sleep(_AGAIN_S)


async def _once(settings: ProvisionSettings) -> None:
    denied: list[str] = []

    async def note(error: Exception) -> None:
        if "permissions" in str(error).lower():
            denied.append(str(error))

    nc = await nats_client.connect(
        settings, connect_timeout=5, allow_reconnect=False, max_reconnect_attempts=1, error_cb=note
    )
    try:
        for owner in OWNERS:
            await _owner(nc, owner, settings)
        _LOG.info("provisioned", streams=len(OWNERS), partners=[partner.name for partner in settings.partners])
    except TimeoutError:
        if denied:  # NATS does not answer what it forbids
            raise _forbidden(denied[0]) from None
        raise
    finally:
        await nc.close()


async def _owner(nc: Client, owner: str, settings: ProvisionSettings) -> None:
    stream = stream_of(owner)
    if await ensure_stream(nc, owner, settings):
        _LOG.info("stream made", stream=stream)
    for change in await follow_shape(nc, owner, settings):
        _LOG.info("stream changed", stream=stream, change=change)
    wanted = dict(consumers(owner, settings.partners))
    for durable, types in wanted.items():
        if change := await ensure_consumer(nc, stream, durable, types):
            _LOG.info(f"consumer {change}", stream=stream, consumer=durable, types=len(types))
    there = (await ask(nc, f"CONSUMER.LIST.{stream}"))["consumers"]
    if nobodys := sorted({one["name"] for one in there if one["config"].get("durable_name")} - wanted.keys()):
        _LOG.warning("consumers that nobody names any more: delete them when nobody reads", consumers=nobodys)


def consumers(owner: str, partners: Sequence[Partner]) -> Iterator[tuple[str, Sequence[str]]]:
    """Durable name and types of everybody who reads this owner's stream."""
    readers: Mapping[str, Sequence[str]] = {**LISTENERS, **{one.consumer: one.types for one in partners}}
    for durable, types in readers.items():
        if own := by_owner(types).get(owner):
            yield durable, own


def _may_pass(error: BadRequestError) -> bool:
    """While a cluster forms it has fewer servers than it will have."""
    return error.err_code in _FEW_SERVERS


def _forbidden(told: str) -> CannotProvision:
    return CannotProvision(
        f"this NATS user may not do what provisioning does: {told}",
        "let REDRESS_NATS_USER be the user with the rights of `provisioner`; `redressctl nats users` prints them",
    )


def _refusal(error: BaseException, settings: ProvisionSettings) -> CannotProvision | None:
    if not isinstance(error, APIError):
        return None
    why = f"JetStream refuses: {error.description or type(error).__name__}"
    if error.err_code in _FEW_SERVERS:
        return CannotProvision(
            why, f"REDRESS_NATS_REPLICAS is {settings.nats_replicas}: at most as many as there are NATS servers"
        )
    if error.err_code in _NO_ROOM:
        return CannotProvision(why, "give JetStream more storage (max_file_store, or the account's limits)")
    if error.err_code == _SUBJECTS_TAKEN:
        return CannotProvision(why, "another stream of this account holds subjects under redress.: remove it there")
    return CannotProvision(why, "turn JetStream on in the account of this user; docs/nats.md shows the configuration")


if __name__ == "__main__":
    main()
