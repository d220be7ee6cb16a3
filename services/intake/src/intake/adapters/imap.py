"""One session with an IMAP server. Everything here blocks: call it beside the event loop."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from intake.domain.mailbox.mailbox import Mailbox

FAILURES = (IMAPClientError, OSError, ValueError)
"""What a session may raise: refused, cut off, or answered with something else than IMAP."""
HEAD_BYTES = 64 * 1024
_TIMEOUTS = SocketTimeout(connect=10.0, read=30.0)
_FLAGS = {"seen": [b"\\Seen"], "flag": [b"\\Flagged"]}


@dataclass(frozen=True, slots=True)
class Folder:
    uid_validity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class Listed:
    uid: int
    size: int


class Session:
    def __init__(self, client: IMAPClient, mailbox: Mailbox) -> None:
        self._client = client
        self._mailbox = mailbox

    @classmethod
    def opened(cls, mailbox: Mailbox, password: str, ca_file: str) -> "Session":
        """Raises one of FAILURES; no password goes over a connection without TLS but to this machine."""
        context = ssl.create_default_context(cafile=ca_file or None)
        direct = mailbox.security == "tls"
        client = IMAPClient(
            mailbox.host, mailbox.port, ssl=direct, ssl_context=context if direct else None, timeout=_TIMEOUTS
        )
        try:
            if mailbox.security == "starttls":
                client.starttls(context)
            client.login(mailbox.user, password)
        except BaseException:
            client.shutdown()
            raise
        return cls(client, mailbox)

    def select(self) -> Folder:
        """Read-only where nothing is to be marked there."""
        answer: Any = self._client.select_folder(self._mailbox.folder, readonly=self._mailbox.processed == "keep")
        return Folder(int(answer[b"UIDVALIDITY"]), int(answer.get(b"UIDNEXT", 0)))

    def listed(self, after_uid: int, most: int) -> list[Listed]:
        """The next ones, in the order they came, with their sizes: nothing of them is fetched yet."""
        found: Sequence[int] = self._client.search(["UID", f"{after_uid + 1}:*"])
        # "n:*" answers with the last one also where it lies before n (RFC 3501 §6.4.8).
        uids = sorted(uid for uid in found if uid > after_uid)[:most]
        if not uids:
            return []
        facts: Any = self._client.fetch(uids, ["RFC822.SIZE"])
        return [Listed(uid, int(facts[uid][b"RFC822.SIZE"])) for uid in uids if uid in facts]

    def fetched(self, uid: int, most_bytes: int) -> bytes:
        """The first bytes of a mail, which stays unseen; empty where it has gone meanwhile."""
        facts: Any = self._client.fetch([uid], [f"BODY.PEEK[]<0.{most_bytes}>"])
        content = facts.get(uid, {}).get(b"BODY[]<0>", b"")
        return content if isinstance(content, bytes) else b""

    def marked(self, uid: int) -> bool:
        """False where the server refuses, e.g. to move it into a folder that is not there."""
        processed = self._mailbox.processed
        try:
            if processed == "move":
                self._client.move([uid], self._mailbox.move_to)
            elif flags := _FLAGS.get(processed):
                self._client.add_flags([uid], flags, silent=True)
        except IMAPClientError:
            return False
        return True

    def close(self) -> None:
        try:
            self._client.logout()
        except FAILURES:
            self._client.shutdown()
