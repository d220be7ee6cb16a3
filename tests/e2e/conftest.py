"""One installation for all end-to-end tests: the stack as `redressctl up` starts it, and people who work in it."""

import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.ids import new_id
from redressctl import demo
from redressctl.target import target_of
from stack.errors import StackError
from stack.stack import Stack
from tests.e2e.prometheus import Prometheus, installed

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A start that fails is tried once more on a fresh folder; its reason is shown as a warning, not hidden."""
    running = Stack(tmp_path_factory.mktemp("stack"), fast=True)
    try:
        running.start()
    except StackError as error:
        running.stop()
        warnings.warn(f"the stack did not come up at first: {error}", stacklevel=1)
        running = Stack(tmp_path_factory.mktemp("stack"), fast=True)
        running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus | None]:
    """Scrapes from before the demo on; None where Debian's prometheus is not installed."""
    program = installed()
    if program is None:
        yield None
        return
    running = Prometheus(program, tmp_path_factory.mktemp("prometheus"), stack)
    yield running
    running.stop()


@pytest.fixture(scope="package")
def played(stack: Stack, prometheus: Prometheus | None) -> dict[str, Any]:
    """The demo has been played on it; what came of it."""
    return demo.run(target_of(stack.record(), Path(stack.log_dir).parent))


class Person:
    """Speaks to the public API as one person, key or nobody."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=20)
        self.person_id = ""

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, version: int | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key or new_id()}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self.http.request(method, path, json=body if body is not None else {}, headers=headers)

    def do(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.send(method, path, body, **more)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


@pytest.fixture(scope="package")
def admin(stack: Stack) -> Person:
    return Person(stack.public_url, stack.admin_key)


@pytest.fixture(scope="package")
def nobody(stack: Stack) -> Person:
    return Person(stack.public_url)


@pytest.fixture(scope="package")
def person(stack: Stack, admin: Person) -> Callable[..., Person]:
    """`person("quality", department="quality")`: a person of that role, signed in; each call makes another one."""

    def make(*roles: str, department: str | None = None, lead: bool = False) -> Person:
        account = f"{roles[0]}-{new_id()[-8:]}"
        made = admin.do(
            "POST",
            "/v1/persons",
            {
                "account": account,
                "name": f"Person {account}",
                "email": f"{account}@company.example",
                "password": PASSWORD,
                "roles": list(roles),
                "department": department,
                "lead": lead,
                "language": "en",
            },
        )
        session = admin.do("POST", "/v1/tokens", {"account": account, "password": PASSWORD})
        signed_in = Person(stack.public_url, session["access_token"])
        signed_in.person_id = made["person_id"]
        return signed_in

    return make


@pytest.fixture(scope="package")
def clerk(person: Callable[..., Person]) -> Person:
    return person("customer_service", department="customer_service")


@pytest.fixture(scope="package")
def quality(person: Callable[..., Person]) -> Person:
    return person("quality", department="quality")


def complaint(**more: Any) -> dict[str, Any]:
    return {
        "channel": "api",
        "language": "en",
        "customer_name": "Ada Lovelace",
        "customer_email": f"{new_id()[-12:]}@customers.example",
        "product_family": "Aurora e-bike",
        "description": "The motor stops after ten minutes of riding and the display shows error 21.",
        "defect_code": "motor_stops",
        "failure_location": "motor",
        "injury_or_fire": "no",
        "legal": "no",
        "several_affected": "no",
        "core_business_stopped": "no",
        "remedy_wanted": "repair",
    } | more


@pytest.fixture
def new_complaint() -> Callable[..., dict[str, Any]]:
    return complaint


@pytest.fixture(scope="package")
def complaint_of() -> Callable[..., dict[str, Any]]:
    return complaint


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Calls until it returns something true, or fails with what it returned last."""

    def wait(check: Callable[[], Any], seconds: float = 15.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (last := check()):
            assert time.monotonic() < deadline, f"still {last!r} after {seconds} s"
            time.sleep(0.1)
        return last

    return wait


@pytest.fixture(scope="package")
def shared_data() -> Path:
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.exists():
        pytest.skip("the real complaints of ../shared/data are not on this machine")
    return folder
