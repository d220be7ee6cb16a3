"""The chart's test tells apart what is missing; what it prints holds no key."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import ModuleType
from typing import Any

import pytest

from tests.deploy.processes.outside import CHART

KEY = "a-key-that-nobody-may-read"
_COMPUTED = "redress_kpi_computed_timestamp_seconds 1\n"
_SENT = {"delivery_id": "d", "state": "sent"}


class Fake:
    """A gateway and analytics' /metrics: `answers` by path, `received` what the figure shows, one step a look."""

    def __init__(self) -> None:
        self.refuses_writes = 0
        self.received = [1, 2]
        self.answers: dict[str, Any] = {
            "/v1/cases/c": {"number": "C26-1", "state": "open", "version": 1},
            "/v1/deliveries": {"items": [_SENT]},
            "/v1/complaints/c/fact": {"number": "C26-1"},
        }

    def reply(self, method: str, path: str) -> tuple[int, str]:
        if path == "/metrics":
            figure = self.received.pop(0) if len(self.received) > 1 else self.received[0]
            return 200, f'{_COMPUTED}redress_complaints_received{{grade="routine"}} {figure}\n'
        if method == "POST":
            return self.refuses_writes or 201, json.dumps({"complaint_id": "c", "number": "C26-1", "version": 2})
        found = self.answers.get(path.partition("?")[0])
        return (200, json.dumps(found)) if found is not None else (404, "{}")


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def smoke(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake.reply))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    url = f"http://127.0.0.1:{server.server_port}"
    for name, value in (("GATEWAY_URL", url), ("ANALYTICS_URL", url), ("KEY", KEY), ("SECONDS", "0.3")):
        monkeypatch.setenv(f"REDRESS_SMOKE_{name}", value)
    yield _loaded()
    server.shutdown()
    server.server_close()


def _handler(reply: Callable[[str, str], tuple[int, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, text = reply(self.command, self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Silence."""

    return Handler


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("smoke", CHART / "files/smoke.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_is_there_and_the_complaint_is_closed_again(smoke: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    smoke.main()
    told = capsys.readouterr().out
    assert [line.split()[2] for line in told.splitlines()][-2:] == ["closed", "passed"]
    assert "sent to" in told
    assert KEY not in told


def test_a_receipt_that_was_skipped_is_told_from_one_that_was_sent(
    smoke: ModuleType, fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    skipped = _SENT | {"state": "skipped", "error": "no mail server is configured"}
    fake.answers["/v1/deliveries"] = {"items": [skipped]}
    smoke.main()
    assert "skipped, no letter went out: no mail server is configured" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "missing"),
    [("/v1/cases/c", "the case in workflow"), ("/v1/complaints/c/fact", "the fact in analytics")],
)
def test_what_does_not_appear_is_named(smoke: ModuleType, fake: Fake, path: str, missing: str) -> None:
    del fake.answers[path]
    with pytest.raises(smoke.Missing, match=missing):
        smoke.main()


def test_a_receipt_that_failed_or_waits_is_missing(smoke: ModuleType, fake: Fake) -> None:
    fake.answers["/v1/deliveries"] = {"items": [_SENT | {"state": "failed", "error": "550"}]}
    with pytest.raises(smoke.Missing, match="the receipt failed: 550"):
        smoke.main()
    fake.answers["/v1/deliveries"] = {"items": [_SENT | {"state": "pending"}]}
    with pytest.raises(smoke.Missing, match="the receipt in notify"):
        smoke.main()


def test_a_figure_that_does_not_rise_fails(smoke: ModuleType, fake: Fake) -> None:
    fake.received = [4]
    with pytest.raises(smoke.Missing, match="to rise above 4"):
        smoke.main()


def test_a_refused_key_is_told_at_once(smoke: ModuleType, fake: Fake) -> None:
    fake.refuses_writes = 401
    with pytest.raises(smoke.Missing, match="answered 401"):
        smoke.main()


def test_a_complaint_that_cannot_be_closed_is_left_and_named(
    smoke: ModuleType, fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.refuses_writes = 409
    smoke.close("c")
    assert "left open" in capsys.readouterr().out
