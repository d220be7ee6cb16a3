"""schemathesis over every operation of the public API, as each kind of caller. `python -m tests.security` runs longer.

REDRESS_FUZZ_SEED repeats a run, REDRESS_FUZZ_SECONDS lengthens it.
"""

import os
import random
from collections.abc import Callable

import pytest

from stack.stack import Stack
from tests.security.fuzz import Caller, Findings, fuzz

SEED = int(os.environ.get("REDRESS_FUZZ_SEED") or random.randrange(10**6))
SECONDS = int(os.environ.get("REDRESS_FUZZ_SECONDS") or 12)


def expect_clean(findings: Findings) -> None:
    print(findings)  # noqa: T201 - shown by pytest when it fails, and with -s
    assert not findings.failures, f"{findings}\n" + "\n".join(findings.failures) + findings.output[-6000:]


def test_an_administrator_finds_no_operation_that_breaks_its_contract(stack: Stack) -> None:
    caller = Caller("admin", stack.admin_key)
    expect_clean(fuzz(stack.public_url, caller, seconds=SECONDS, seed=SEED, phases="coverage,fuzzing"))


def test_chains_along_the_links_of_the_document_break_nothing(stack: Stack) -> None:
    caller = Caller("admin", stack.admin_key)
    expect_clean(fuzz(stack.public_url, caller, seconds=SECONDS, seed=SEED, phases="stateful"))


@pytest.mark.parametrize("role", ["admin", "customer_service", "channel", ""])
def test_every_operation_keeps_its_contract_for_every_caller(
    stack: Stack, key_of: Callable[..., str], role: str
) -> None:
    caller = Caller(role or "nobody", key_of(role) if role else "")
    findings = fuzz(stack.public_url, caller, seconds=0, seed=SEED, phases="examples", examples=1)
    expect_clean(findings)
    assert findings.operations > 90
