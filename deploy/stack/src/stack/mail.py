import sys
from collections.abc import Sequence
from pathlib import Path

from stack.part import Part
from stack.ports import LOOPBACK
from stack.process import ManagedProcess
from stack.waiting import answers_ok


class MailSink(Part):
    """`stack.mail_sink` as a process of its own; `options` are its --fail-first and --fail-rate."""

    def __init__(
        self, data_dir: Path, smtp_port: int, http_port: int, log_dir: Path, options: Sequence[str] = ()
    ) -> None:
        self.host = LOOPBACK
        self.smtp_port = smtp_port
        self.url = f"http://{LOOPBACK}:{http_port}"
        ports = ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
        argv = [sys.executable, "-m", "stack.mail_sink", *ports, "--dir", str(data_dir), *options]
        self.process = ManagedProcess("mail-sink", argv, log_dir / "mail-sink.log")

    def ready(self) -> bool:
        return answers_ok(f"{self.url}/count")
