"""The house's rules that a reader relies on, checked on the source itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("intake", "workflow", "capa", "notify", "analytics", "gateway")
ROOMS = ("__main__.py", "settings.py", "bootstrap.py", "metrics.py", "migrations", "entrypoints", "adapters", "app")


def sources(service: str) -> list[Path]:
    return sorted((ROOT / "services" / service / "src").rglob("*.py"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service: str) -> None:
    base = ROOT / "services" / service / "src" / service
    assert [room for room in ROOMS if not (base / room).exists()] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_what_it_owns(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text().lower()
    assert [word for word in ("owns", "emits", "rpc", "invariants") if word not in text] == []


@pytest.mark.parametrize("service", SERVICES)
def test_commit_happens_in_the_chassis_only(service: str) -> None:
    calls = [
        f"{path.name}:{node.lineno}"
        for path in sources(service)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert calls == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_domain_never_asks_for_the_time_or_chance(service: str) -> None:
    """Time and ids come in as arguments."""
    asked = [
        f"{path.name}:{node.lineno} {node.attr}"
        for path in sources(service)
        if "domain" in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "uuid4", "random", "urandom")
    ]
    assert asked == []


@pytest.mark.parametrize("service", SERVICES)
def test_reactions_do_not_swallow_errors(service: str) -> None:
    """An event whose reaction failed must be retried or parked, never acknowledged as done."""
    swallowed = [
        f"{path.name}:{node.lineno}"
        for path in sources(service)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and isinstance(node.type, ast.Name)
        and node.type.id in ("Exception", "BaseException")
        and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert swallowed == []


def test_no_file_outgrows_a_head() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for folder in ("services", "deploy", "proto", "tools")
        for path in (ROOT / folder).rglob("*.py")
        if "_pb2" not in path.name and (lines := len(path.read_text().splitlines())) > 400
    ]
    assert long == []
