"""What may be asked, judged and called a root in a 5-Why tree. See DOMAIN 7."""

from collections.abc import Iterable
from dataclasses import replace

from capa.domain import require
from capa.domain.blame import blames_a_person
from capa.domain.rca import LEGS, VERIFICATIONS, Rca, Why, editable
from capa.domain.rules import Rules
from chassis.errors import Conflict, FieldError, Invalid


def add_why(rca: Rca, why: Why, rules: Rules) -> Rca:
    """A further why. Branches are free; the tree need not have five levels.

    `Invalid` for an unknown leg or category, `Conflict` below a refuted answer (which explains nothing) or below a root
    (which ends its branch until the mark is taken away).
    """
    editable(rca)
    require.text("question", why.question)
    require.text("answer", why.answer)
    require.one_of("leg", why.leg, LEGS)
    if why.category:
        require.one_of("category", why.category, rules.categories(rca.category_set))
    if why.parent is not None:
        _joins(rca.why(why.parent), why)
    return replace(rca, whys=(*rca.whys, why))


def _joins(parent: Why, why: Why) -> None:
    if parent.leg != why.leg:
        raise Invalid(
            f"a why stays on the leg of its parent ({parent.leg})", fields=[FieldError("leg", f"must be {parent.leg}")]
        )
    if parent.verify == "refuted":
        raise Conflict("parent_refuted", "a refuted answer explains nothing: branch off above it")
    if parent.is_root:
        raise Conflict("below_root", "a root ends its branch: take the mark away before you dig deeper")


def verify_why(rca: Rca, why_id: str, verify: str, evidence: Iterable[str]) -> Rca:
    """Judges an answer. Confirming and refuting need evidence; a refuted answer stays on record and is no root."""
    why = editable(rca).why(why_id)
    require.one_of("verify", verify, VERIFICATIONS)
    proof = tuple(dict.fromkeys((*why.evidence, *require.evidence(evidence))))
    if verify != "unverified" and not proof:
        raise Invalid(
            f"a why is {verify} by evidence: name the test, measurement or document",
            fields=[FieldError("evidence", "must be given")],
        )
    return _put(rca, replace(why, verify=verify, evidence=proof, is_root=why.is_root and verify == "confirmed"))


def mark_root(rca: Rca, why_id: str, is_root: bool, rules: Rules) -> Rca:
    """Calls an answer a root cause, or takes that back.

    A root is confirmed with evidence, ends its branch, is controllable, and is not a person (DOMAIN 7). `Conflict` says
    which of these fails.
    """
    why = editable(rca).why(why_id)
    if is_root:
        _may_be_root(rca, why, rules)
    return _put(rca, replace(why, is_root=is_root))


def _may_be_root(rca: Rca, why: Why, rules: Rules) -> None:
    if blames_a_person(why.answer, rules.blame):
        raise Conflict(
            "person_is_no_root",
            f"“{why.answer}” names a person, not a cause: ask why the process let the error happen and why nothing "
            "stopped it (人为/操作失误不是根本原因，请继续追问流程为何允许其发生)",
            possible=["add_why"],
        )
    if not rca.stands(why):
        raise Conflict(
            "root_not_confirmed",
            "a root cause must be confirmed with evidence, and so must not rest on a refuted answer",
            possible=["verify_why"],
        )
    if rca.children(why.why_id):
        raise Conflict("root_has_whys", "there are deeper answers below it: a root is the last of its branch")
    if not why.controllable:
        raise Conflict(
            "root_not_controllable", "a root is where you can act: go on asking until the cause is in your control"
        )


def _put(rca: Rca, changed: Why) -> Rca:
    return replace(rca, whys=tuple(changed if why.why_id == changed.why_id else why for why in rca.whys))
