"""How each part of an installation is, and what to do about what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from redressctl.target import Target
from redressctl.together import together
from redressctl.verify.books import SERVICES

_TIMEOUT_S = 3.0
_OLD_S = 60.0
_SAMPLE = re.compile(r"^(redress_\w+)(?:{[^}]*})? (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class PartHealth:
    name: str
    address: str
    ready: bool
    troubles: tuple[str, ...] = ()
    to_send: int | None = None
    to_take_in: int | None = None
    dead_letters: int | None = None

    @property
    def numbers(self) -> tuple[int | None, int | None, int | None]:
        return self.to_send, self.to_take_in, self.dead_letters

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def ask_installation(target: Target) -> list[PartHealth]:
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http:
        asked = [_public(http, target)]
        if target.record is None:
            asked += [_from_outside(http, target, service) for service in SERVICES]
        else:
            for service, urls in target.record.ops_urls.items():
                asked += [_service(http, f"{service}-{n}", service, url) for n, url in enumerate(urls)]
            asked.append(_sink(http, target.record.sink_url))
        return await together(asked)


async def _public(http: httpx.AsyncClient, target: Target) -> PartHealth:
    answer = await _get(http, f"{target.url}/v1/me", target.key)
    trouble = {
        None: "nobody answers: is the gateway up, and the address right?",
        401: "these credentials are not known: check --key or REDRESS_KEY",
    }.get(answer.status_code if answer else None, f"answers {answer.status_code if answer else ''}")
    ready = answer is not None and answer.is_success
    return PartHealth("public API", target.url, ready, () if ready else (trouble,))


async def _from_outside(http: httpx.AsyncClient, target: Target, service: str) -> PartHealth:
    """Dead letters are all that an installation tells of its services without its metrics."""
    answer = await _get(http, f"{target.url}/v1/admin/{service}/dead-letters?limit=200", target.key)
    if answer is None or not answer.is_success:
        return PartHealth(service, target.url, False, (f"cannot be asked ({_said(answer)})",))
    parked = len(answer.json()["items"])
    return PartHealth(service, target.url, True, tuple(_parked(service, parked)), dead_letters=parked)


async def _service(http: httpx.AsyncClient, name: str, service: str, url: str) -> PartHealth:
    ready, metrics = await _get(http, f"{url}/readyz"), await _get(http, f"{url}/metrics")
    if ready is None:
        return PartHealth(name, url, False, (f"does not answer: its log says why (logs/{name}.log)",))
    checks: Mapping[str, str] = ready.json().get("checks", {})
    troubles = [
        f"{what} {said}{_remedy(what, said)}" for what, said in checks.items() if said != "ok" and what != "schema"
    ]
    found = sums(metrics.text if metrics is not None else "")
    parked = int(found.get("redress_dead_letters", 0))
    if found.get("redress_outbox_oldest_age_seconds", 0.0) > _OLD_S:
        troubles.append("events have waited for more than a minute: is NATS up, does any replica hold the relay?")
    return PartHealth(
        name,
        url,
        ready.is_success,
        (*troubles, *_parked(service, parked)),
        to_send=int(found.get("redress_outbox_pending", 0)),
        to_take_in=int(found.get("redress_consumer_pending", 0)),
        dead_letters=parked,
    )


async def _sink(http: httpx.AsyncClient, url: str) -> PartHealth:
    answer = await _get(http, f"{url}/count")
    ready = answer is not None and answer.is_success
    return PartHealth("mail sink", url, ready, () if ready else ("does not answer: see logs/mail-sink.log",))


async def _get(http: httpx.AsyncClient, url: str, key: str = "") -> httpx.Response | None:
    try:
        return await http.get(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    except httpx.HTTPError:
        return None


def sums(page: str) -> dict[str, float]:
    """Metric -> the sum of its samples on a /metrics page."""
    found: dict[str, float] = {}
    for name, value in _SAMPLE.findall(page):
        found[name] = found.get(name, 0.0) + float(value)
    return found


def _parked(service: str, count: int) -> Iterator[str]:
    if count:
        yield f"{count} dead letter{'s' if count > 1 else ''}: `redressctl dlq list`, then `dlq show {service} ID`"


def _remedy(what: str, said: str) -> str:
    if "migrate" in said or "provision" in said or what == "service":
        return ""
    return f": see logs/{'postgres' if what == 'database' else what}.log"


def _said(answer: httpx.Response | None) -> str:
    return "no answer" if answer is None else str(answer.status_code)
