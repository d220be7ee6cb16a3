"""What a healthy demo does not have: each thing that a dashboard or an alert is there for, made to happen."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import nats

from stack.stack import Stack

# More than the two batches that are on their way to a consumer that stands still.
_BACKLOG = 450
# Of each kind while PostgreSQL is away, twice: a rate needs a step between two looks.
_REFUSED_THEN = 15
_BETWEEN_LOOKS_S = 2.5
# A consumer looks at what waits for it every five seconds.
_PAUSE_S = 6.0

_LATE_CASES = """
UPDATE cases SET response_due_at = now() - interval '1 minute', response_notice_at = now(),
  due_current_at = now() - interval '1 minute', case_notice_at = now()
WHERE case_id IN (SELECT case_id FROM cases WHERE state = 'open' AND grade = 'urgent'
  AND first_response_at IS NULL ORDER BY case_id LIMIT 4);
UPDATE cases SET response_notice_at = now() WHERE case_id IN (SELECT case_id FROM cases
  WHERE state = 'open' AND grade = 'routine' AND first_response_at IS NULL ORDER BY case_id LIMIT 2);
UPDATE tasks SET due_at = now() - interval '1 hour', escalate_at = now(), lead_at = now(), manager_at = now()
WHERE task_id IN (SELECT task_id FROM tasks WHERE state = 'open' ORDER BY task_id LIMIT 3);
UPDATE tasks SET assignee = NULL, department = 'nobody'
WHERE task_id = (SELECT task_id FROM tasks WHERE state = 'open' ORDER BY task_id DESC LIMIT 1);
"""
_DUE_BY_NOW = """
UPDATE facts SET due_original = t_closed + interval '1 second', due_current = t_closed + interval '1 second',
  response_due_at = t_first_human + interval '1 second',
  -- Whoever runs this at night or at noon has worked no second.
  working_seconds = 600, working_seconds_first = 600, working_seconds_response = 60 WHERE case_state = 'closed';
UPDATE facts SET due_current = now() - interval '1 minute' WHERE case_state = 'open';
UPDATE action_facts SET due_original = t_done + interval '1 second', due_current = t_done + interval '1 second';
"""
_LATE_ACTION = """
UPDATE actions SET state = 'assigned', due_current = now() - interval '1 hour'
WHERE action_id = (SELECT action_id FROM actions ORDER BY action_id LIMIT 1);
UPDATE capas SET implemented_at = now() - interval '400 days' WHERE state = 'verifying';
"""
# Letters that are sent: what is under way belongs to its sender.
_LETTERS = """
UPDATE deliveries SET state = 'failed'
WHERE delivery_id = (SELECT delivery_id FROM deliveries WHERE state = 'sent' ORDER BY delivery_id LIMIT 1);
UPDATE deliveries SET state = 'pending', next_attempt_at = now() + interval '1 hour'
WHERE delivery_id = (SELECT delivery_id FROM deliveries WHERE state = 'sent' ORDER BY delivery_id LIMIT 1);
"""
_AGAIN = """
SELECT product_family, defect_code, failure_location, lot FROM facts JOIN capa_cases USING (complaint_id)
JOIN capa_windows USING (capa_id) WHERE signature IS NOT NULL AND window_ends_at > now() AND t_received <= t_implemented
LIMIT 1;
"""


class Incidents:
    def __init__(
        self, stack: Stack, clerk: Any, admin: Any, nobody: Any, complaint: Callable[..., dict[str, Any]]
    ) -> None:
        self._stack, self._clerk, self._admin, self._nobody = stack, clerk, admin, nobody
        self._complaint = complaint

    def happen(self) -> None:
        """In an order in which none hides another."""
        self._make_late()
        self._get_refused()
        self._recur()
        self._poison()
        store = self._stack.nats.data_dir / "store.before"
        self._stack.nats.snapshot_store(store)
        with self._broken_letters():
            self._pile_up()
        self._stack.nats.stop()
        self._register(3)
        time.sleep(2)
        self._stack.nats.restore_store(store)
        self._stack.nats.start(30)
        self._lose_the_database()
        self._restart("capa")
        self._register(1)

    def settle(self) -> None:
        """Dead letters: those who come after us count theirs."""
        for service in self._stack.replicas:
            for letter in self._admin.get(f"/v1/admin/{service}/dead-letters")["items"]:
                path = f"/v1/admin/{service}/dead-letters/{letter['id']}/discard"
                self._admin.do("POST", path, {"reason": "made by a test of what operators see"})

    def _make_late(self) -> None:
        for service, script in (
            ("workflow", _LATE_CASES),
            ("analytics", _DUE_BY_NOW),
            ("capa", _LATE_ACTION),
            ("notify", _LETTERS),
        ):
            self._sql(service, script)

    def _get_refused(self) -> None:
        assert self._nobody.http.get("/v1/cases").status_code == 401
        assert self._clerk.send("POST", "/v1/persons", {"account": "x"}).status_code == 403
        assert self._clerk.send("POST", "/v1/complaints", {"language": "xx"}).status_code == 422
        assert self._clerk.http.get("/v1/cases/00000000-0000-7000-8000-000000000000").status_code == 404
        slow = {"name": "slow", "roles": ["quality"], "rate_per_s": 0.1}
        key = {"X-API-Key": self._admin.do("POST", "/v1/api-keys", slow)["key"]}
        answers = {self._nobody.http.get("/v1/me", headers=key).status_code for _ in range(5)}
        assert answers == {200, 429}

    def _recur(self) -> None:
        """The problem of a CAPA that is implemented comes again."""
        names = ("product_family", "defect_code", "failure_location", "lot")
        values = self._sql("analytics", _AGAIN).split("|")
        signature = {name: value for name, value in zip(names, values, strict=True) if value}
        self._clerk.do("POST", "/v1/complaints", self._complaint(**signature))

    def _poison(self) -> None:
        async def publish() -> None:
            client = await nats.connect(self._stack.nats.url)
            await client.jetstream().publish("redress.capa.rca.completed.v1", b'{"specversion":"1.0","id":"x"}')
            await client.close()

        asyncio.run(publish())

    @contextmanager
    def _broken_letters(self) -> Iterator[None]:
        """Reactions of notify fail meanwhile, and are tried again."""
        self._sql("notify", "ALTER TABLE deliveries ADD CONSTRAINT broken CHECK (version < 0) NOT VALID;")
        try:
            yield
        finally:
            self._sql("notify", "ALTER TABLE deliveries DROP CONSTRAINT broken;")

    def _pile_up(self) -> None:
        """Work comes in while analytics stands still."""
        paused = time.monotonic()
        self._stack.service("analytics").pause()
        try:
            self._register(_BACKLOG)
            time.sleep(max(0.0, _PAUSE_S - (time.monotonic() - paused)))
        finally:
            self._stack.service("analytics").resume()
        time.sleep(1)

    def _register(self, count: int) -> None:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: self._clerk.do("POST", "/v1/complaints", self._drill()), range(count)))

    def _drill(self) -> dict[str, Any]:
        """A complaint that resembles none: tests after us meet no repeats of it."""
        return self._complaint(product_family="Drill", defect_code="other", failure_location="other")

    def _lose_the_database(self) -> None:
        self._stack.postgres.stop()
        try:
            for _ in range(2):
                for _ in range(_REFUSED_THEN):
                    assert self._clerk.send("POST", "/v1/complaints", self._drill()).status_code == 503
                    assert self._clerk.http.get("/v1/cases").status_code == 503
                time.sleep(_BETWEEN_LOOKS_S)
        finally:
            self._stack.postgres.start(30)
        for service in self._stack.replicas:
            self._stack.service(service).wait_ready(30)

    def _restart(self, service: str) -> None:
        self._stack.service(service).kill()
        self._stack.service(service).start(60)

    def _sql(self, service: str, script: str) -> str:
        return self._stack.postgres.databases.run(f'\\connect "redress_{service}"\n{script}')
