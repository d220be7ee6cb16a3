"""A longer run of the contract fuzzer on a stack of its own: every caller, every phase.

    python -m tests.security [--seconds 600] [--seed 1]

Half of the time goes to the administrator, the rest to the other callers. Exits with 1 when anything was found.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

import httpx

from stack.stack import Stack
from tests.security.fuzz import Caller, fuzz

_LIFTED = {"gateway": {"REDRESS_REFUSED_PER_S": "5000"}}
_OTHERS = ("customer_service", "quality", "channel", "partner")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.security", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="by chance when not given")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="redress-fuzz-") as directory,
        Stack(Path(directory), fast=True, env_overrides=_LIFTED) as stack,
    ):
        callers = [Caller(role, _key(stack, role)) for role in _OTHERS] + [Caller("nobody")]
        shares = [(Caller("admin", stack.admin_key), given.seconds // 2)]
        shares += [(caller, given.seconds // 2 // len(callers)) for caller in callers]
        return max(_run(stack, caller, max(4, seconds), given.seed) for caller, seconds in shares)


def _run(stack: Stack, caller: Caller, seconds: int, seed: int) -> int:
    """Stateful in its own half: the other phases would use up all the time."""
    found = 0
    for phases in ("examples,coverage,fuzzing", "stateful"):
        findings = fuzz(stack.public_url, caller, seconds=seconds // 2, seed=seed, phases=phases, examples=20)
        print(f"{findings}: {phases}", *findings.failures, sep="\n  ", flush=True)  # noqa: T201
        found |= bool(findings.failures)
    return found


def _key(stack: Stack, role: str) -> str:
    body = {"name": role, "roles": [role], "rate_per_s": 5_000}
    answer = httpx.post(f"{stack.public_url}/v1/api-keys", json=body, headers={"X-API-Key": stack.admin_key})
    return str(answer.json()["key"])


if __name__ == "__main__":
    sys.exit(main())
