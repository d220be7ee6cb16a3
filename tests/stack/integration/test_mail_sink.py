import json
import smtplib
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from stack.mail import MailSink
from stack.ports import free_port

StartSink = Callable[[Sequence[str]], MailSink]


@pytest.fixture
def start_sink(tmp_path: Path) -> Iterator[StartSink]:
    started: list[MailSink] = []

    def start(options: Sequence[str]) -> MailSink:
        sink = MailSink(tmp_path / "mail", free_port(), free_port(), tmp_path, options)
        sink.start()
        started.append(sink)
        return sink

    yield start
    for sink in started:
        sink.stop()


def _get(sink: MailSink, path: str) -> Any:
    with urlopen(sink.url + path, timeout=5) as reply:
        return json.loads(reply.read())


def _send(sink: MailSink, *subjects: str) -> None:
    with smtplib.SMTP(sink.host, sink.smtp_port, local_hostname="localhost") as client:
        for subject in subjects:
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = "no-reply@x.example", "kunde@x.example", subject
            message["X-Redress-Kind"] = "receipt"
            message.set_content("您好")
            client.send_message(message)


def test_accepted_mails_are_counted_listed_and_shown(start_sink: StartSink) -> None:
    sink = start_sink(())
    _send(sink, "投诉 C26-0000001", "second")
    assert _get(sink, "/count") == {"count": 2, "refused": 0, "by_kind": {"receipt": 2}}
    (first,) = _get(sink, "/messages?limit=1&offset=0")["messages"]
    assert (first["subject"], first["to"], first["kind"]) == ("投诉 C26-0000001", ["kunde@x.example"], "receipt")
    with urlopen(f"{sink.url}/messages/{first['number']}", timeout=5) as raw:
        assert b"X-Redress-Kind: receipt" in raw.read()


def test_the_first_mails_are_refused_for_now_on_request(start_sink: StartSink) -> None:
    sink = start_sink(("--fail-first", "1"))
    with pytest.raises(smtplib.SMTPDataError) as refused:
        _send(sink, "too early")
    assert refused.value.smtp_code == 451
    _send(sink, "in time")
    assert _get(sink, "/count") == {"count": 1, "refused": 1, "by_kind": {"receipt": 1}}
