from collections.abc import Sequence
from pathlib import Path

from stack.mail import MailSink
from stack.nats import Nats
from stack.part import Part
from stack.ports import PortSource, free_port
from stack.postgres import Postgres
from stack.secret_file import SecretFile


class Infrastructure:
    """The servers that a company would run for the services: PostgreSQL, NATS, and a mail server that only keeps."""

    def __init__(
        self,
        data_dir: Path,
        *,
        fast: bool = False,
        next_port: PortSource = free_port,
        mail_options: Sequence[str] = (),
    ) -> None:
        logs = data_dir / "logs"
        self.secrets = SecretFile(data_dir / "secrets.json")
        self.postgres = Postgres(data_dir / "postgres", next_port(), self.secrets, logs, fast)
        self.nats = Nats(data_dir / "nats", next_port(), next_port(), self.secrets, logs, fast)
        self.sink = MailSink(data_dir / "mail", next_port(), next_port(), logs, mail_options)
        self.databases = self.postgres.databases

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.postgres, self.nats, self.sink

    def start(self) -> None:
        for part in reversed(self.parts):  # PostgreSQL last: its first launch blocks for initdb
            part.launch()
        for part in self.parts:
            part.wait_ready()
        self.databases.close_common_doors()

    def stop(self) -> None:
        for part in reversed(self.parts):
            part.stop()
