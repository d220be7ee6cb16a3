"""What `helm test` runs: a complaint goes in by the gateway; its case, receipt and figure must appear.

Standard library only. REDRESS_SMOKE_GATEWAY_URL, REDRESS_SMOKE_ANALYTICS_URL (its ops port), REDRESS_SMOKE_KEY (an API
key of role customer_service or admin); optional: REDRESS_SMOKE_EMAIL (where the receipt goes) and REDRESS_SMOKE_SECONDS
(for all of it, 180). Exit code 1 names what is missing.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Json = dict[str, Any]

GATEWAY = os.environ.get("REDRESS_SMOKE_GATEWAY_URL", "").rstrip("/")
ANALYTICS = os.environ.get("REDRESS_SMOKE_ANALYTICS_URL", "").rstrip("/")
EMAIL = os.environ.get("REDRESS_SMOKE_EMAIL") or "installation-test@redress.invalid"
SECONDS = float(os.environ.get("REDRESS_SMOKE_SECONDS") or 180)
_RECEIVED = "redress_complaints_received"
_PASSING = (429, 502, 503, 504)
_WHAT_IT_IS = "Installation test, not a customer's complaint. 安装测试,并非客户投诉。"
_SAFETY = (
    "injury_or_fire",
    "legal",
    "main_function_lost",
    "several_affected",
    "core_business_stopped",
    "key_account",
    "media",
)

_begun = time.monotonic()


class Missing(Exception):
    """What did not appear in time, or was refused."""


def main() -> None:
    before = until("figures", "analytics to show its figures", received)
    complaint_id = register()
    until("case", "the case in workflow", lambda: case_of(complaint_id))
    until("receipt", "the receipt in notify", lambda: receipt_of(complaint_id))
    until("fact", "the fact in analytics", lambda: fact_of(complaint_id))
    until("figure", f"{_RECEIVED} to rise above {before:g}", lambda: risen(before))
    close(complaint_id)
    say("passed", "registered, case, receipt and figure")


def register() -> str:
    """The Idempotency-Key makes the repeated attempts one complaint."""
    body = {
        "language": "zh",
        "customer_name": "Installation test 安装测试",
        "customer_email": EMAIL,
        "product_family": "installation-test",
        "description": f"{_WHAT_IT_IS} {uuid.uuid4()}",
    } | dict.fromkeys(_SAFETY, "no")
    key = f"smoke-{uuid.uuid4()}"
    found = until("registered", "the gateway to register", lambda: send("POST", "/v1/complaints", body, key=key))
    return str(found["complaint_id"])


def case_of(complaint_id: str) -> Json | None:
    return found_or_none(f"/v1/cases/{complaint_id}")


def fact_of(complaint_id: str) -> Json | None:
    return found_or_none(f"/v1/complaints/{complaint_id}/fact")


def receipt_of(complaint_id: str) -> Json | None:
    """Sent, or skipped because no mail server is configured. Raises Missing when the mail server refused it."""
    found = send("GET", f"/v1/deliveries?case_id={complaint_id}&kind=receipt")["items"]
    states = {each["state"] for each in found}
    if "failed" in states:
        raise Missing(
            f"the receipt failed: {found[0].get('error', '')}; where the mail server refuses {EMAIL},"
            " name an address that it takes (REDRESS_SMOKE_EMAIL)"
        )
    return found[0] if states & {"sent", "skipped"} else None


def risen(before: float) -> float | None:
    now = received()
    return now if now is not None and now > before else None


def received() -> float | None:
    """Valid complaints ever received, as Prometheus sees it; None until analytics has computed its figures."""
    text = answer(urllib.request.Request(f"{ANALYTICS}/metrics")).decode()
    samples = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    if not any(name == "redress_kpi_computed_timestamp_seconds" for name, _ in samples):
        return None
    return 0.0 + sum(float(value) for name, value in samples if name.partition("{")[0] == _RECEIVED)


def close(complaint_id: str) -> None:
    """As a duplicate: the one outcome that leaves the figures as they were and sends no letter. The reason tells."""
    path = f"/v1/cases/{complaint_id}"
    try:
        case = send("GET", path)
        case = send("POST", f"{path}/skip-investigation", {"reason": _WHAT_IT_IS}, version=case["version"])
        outcome = {"code": "duplicate", "reason": _WHAT_IT_IS}
        send("POST", f"{path}/close", {"outcome": outcome}, version=case["version"])
    except Missing as why:
        say("left open", f"case {complaint_id}, close it by hand: {why}")
        return
    say("closed", "as a duplicate: it counts in no figure, and no second letter goes out")


def until(step: str, what: str, look: Callable[[], T | None]) -> T:
    """Looks until something is there; what is not there yet or does not answer yet is looked for again."""
    why = "nothing came"
    while True:
        try:
            found = look()
        except (OSError, ValueError) as error:
            found, why = None, f"{type(error).__name__}: {error}"
        if found is not None:
            say(step, told(found))
            return found
        if time.monotonic() - _begun > SECONDS:
            raise Missing(f"waited {SECONDS:g} s for {what}: {why}")
        time.sleep(0.5)


def told(found: object) -> str:
    if not isinstance(found, dict):
        return f"{_RECEIVED} {found:g}" if isinstance(found, float) else ""
    if "delivery_id" in found:
        unsent = found["state"] == "skipped"
        return f"skipped, no letter went out: {found.get('error', '')}" if unsent else f"sent to {EMAIL}"
    return " ".join(str(found[name]) for name in ("number", "grade", "stage", "state") if found.get(name))


def found_or_none(path: str) -> Json | None:
    try:
        return send("GET", path)
    except NotThere:
        return None


class NotThere(Missing):
    """404: it has not arrived yet."""


def send(method: str, path: str, body: Json | None = None, *, key: str = "", version: int = 0) -> Json:
    """Raises Missing for what is refused for good, OSError for what may work in a moment."""
    headers = {"Authorization": f"Bearer {os.environ['REDRESS_SMOKE_KEY']}", "Content-Type": "application/json"}
    headers |= {"Idempotency-Key": key or str(uuid.uuid4())} if method == "POST" else {}
    headers |= {"If-Match": f'"{version}"'} if version else {}
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(GATEWAY + path, content, headers, method=method)
    try:
        return dict(json.loads(answer(request)))
    except urllib.error.HTTPError as error:
        if error.code in _PASSING:
            raise
        refused = NotThere if error.code == 404 else Missing
        raise refused(f"{method} {path} answered {error.code}: {error.read(400).decode(errors='replace')}") from error


def answer(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=10) as reply:
        return bytes(reply.read())


def say(step: str, text: str) -> None:
    sys.stdout.write(f"{time.monotonic() - _begun:6.1f} s  {step:<10} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for needed in ("REDRESS_SMOKE_GATEWAY_URL", "REDRESS_SMOKE_ANALYTICS_URL", "REDRESS_SMOKE_KEY"):
        if not os.environ.get(needed):
            sys.exit(f"{needed} is not set")
    try:
        main()
    except Missing as missing:
        say("FAILED", str(missing))
        sys.exit(1)
    except (KeyError, TypeError, AttributeError) as unexpected:
        say("FAILED", f"an answer has another shape than expected: {unexpected!r}")
        sys.exit(1)
