"""The CAPA of one cluster: planned with its criterion, approved by someone else, carried out, proven, closed."""

from dataclasses import dataclass

from redressctl.api import Json
from redressctl.clusters import Cluster
from redressctl.demo.analysis import root_of
from redressctl.demo.cast import APPROVER
from redressctl.demo.people import Person
from redressctl.demo.play import EVENTS_WITHIN_S, Play, in_days, refused
from redressctl.demo.wording import Wording
from redressctl.errors import ApiProblem
from redressctl.polling import until
from redressctl.together import together

_TESTED_UNITS = 60


@dataclass(frozen=True)
class Roles:
    author: Person
    checker: Person
    approver: Person


def roles_for(play: Play, language: str) -> Roles:
    """The author plans, another judges the effect, a third approves."""
    liu, anna = play.team.named("liu.fang"), play.team.named("anna.kovacs")
    author, checker = (liu, anna) if language == "zh" else (anna, liu)
    return Roles(author, checker, play.team.named(APPROVER))


async def plan(play: Play, roles: Roles, cluster: Cluster, wording: Wording, rca: Json, *, watched: bool) -> Json:
    """A CAPA up to its submission. `watched`: judged by recurrence over 30 days, not by a test at once."""
    capa = await roles.author.api.post(
        "/v1/capas",
        {
            "title": wording("capa_title"),
            "problem": wording("problem"),
            "rca_id": rca["rca_id"],
            "case_ids": rca["case_ids"],
            "risk_class": "major" if len(cluster.complaints) >= 8 else "minor",
            "source": "complaint",
            "required": True,
            "rationale": wording("rationale"),
        },
    )
    roots = [root_of(rca, "occurrence")["why_id"], root_of(rca, "escape")["why_id"]]
    for kind, text, department, effect, _ in wording.rows("actions"):
        owner = roles.author if department == "quality" else play.team.someone(department, wording.language)
        action = {
            "type": kind,
            "text": text,
            "owner": owner.person_id,
            "department": department,
            "due": in_days(14),
            "expected_effect": effect,
        } | ({"root_cause": roots.pop(0)} if kind == "corrective" else {})
        capa = await change(roles.author, capa, "actions", action)
    criterion = _by_recurrence(cluster, wording) if watched else _by_test(wording)
    body = {"plan": criterion | {"checker": roles.checker.person_id}}
    path = f"/v1/capas/{capa['capa_id']}"
    capa = await roles.author.api.change(path, "effectiveness-plan", body, version=capa["version"], verb="PUT")
    return await change(roles.author, capa, "submit")


def _by_test(wording: Wording) -> Json:
    """60 units at a baseline of 20 % would give 12 failures: enough to tell, by the rule of three (DOMAIN 9)."""
    return {
        "metric": wording("metric"),
        "method": "verification_test",
        "baseline": 0.2,
        "baseline_period": f"{wording.words['from']}/{wording.words['to']}",
        "target": 0.02,
        "window_days": 0,
        "minimum_exposure": 40,
    }


def _by_recurrence(cluster: Cluster, wording: Wording) -> Json:
    return {
        "metric": wording("recurrence_metric"),
        "method": "recurrence",
        "baseline": float(max(3, len(cluster.complaints))),
        "baseline_period": f"{wording.words['from']}/{wording.words['to']}",
        "target": 1,
        "window_days": 30,
        "minimum_exposure": 0.8,
    }


async def refuse_self_approval(play: Play, roles: Roles, capa: Json) -> None:
    attempt = roles.author.api.change(f"/v1/capas/{capa['capa_id']}", "approve", {}, version=capa["version"])
    problem = await refused("author_approves_own_plan", attempt)
    play.story.tell(roles.author.name, f"approves the own plan of {capa['number']}: {problem.status} {problem.slug}")


async def carry_out(play: Play, roles: Roles, capa: Json, wording: Wording) -> Json:
    """Approved, its actions worked off the one task list, implemented."""
    capa = await change(roles.approver, capa, "approve", {"reason": "4-eyes"})
    evidence = {row[1]: row[4] for row in wording.rows("actions")}
    await _on_the_task_list(play, {action["action_id"] for action in capa["actions"]})
    await together(_do(play, capa, action, evidence[action["text"]]) for action in capa["actions"])
    return await roles.author.api.get(f"/v1/capas/{capa['capa_id']}")


async def _on_the_task_list(play: Play, action_ids: set[str]) -> None:
    """There is one task list: an approved action is a task there, to be worked on in its CAPA."""
    manager = play.team.named("helen.brooks").api

    async def look() -> set[str]:
        tasks = await manager.all("/v1/tasks", kind="action", state="open")
        return {task["ref"] for task in tasks} & action_ids

    what = f"{len(action_ids)} approved actions becoming tasks"
    await until(look, lambda seen: seen == action_ids, what, within_s=EVENTS_WITHIN_S, every_s=0.3)


async def _do(play: Play, capa: Json, action: Json, evidence: str) -> None:
    owner = play.team.assigned(action["owner"], action["department"])
    path = f"/v1/capas/{capa['capa_id']}/actions/{action['action_id']}/complete"
    await owner.api.post(path, {"evidence": [evidence]})


async def conclude(play: Play, roles: Roles, capa: Json, wording: Wording) -> Json:
    """The verdict by the checker, the close by the approver."""
    found = {"observed": 0, "exposure": _TESTED_UNITS, "note": wording("check_note")}
    capa = await change(roles.checker, capa, "effectiveness-checks", found)
    return await change(roles.approver, capa, "close", {"reason": wording("check_note")})


async def refuse_early_close(play: Play, roles: Roles, capa: Json) -> None:
    path = f"/v1/capas/{capa['capa_id']}"
    for person, what, body in (
        (roles.checker, "effectiveness-checks", {"observed": 0, "exposure": 1, "note": "too early"}),
        (roles.approver, "close", {"reason": "too early"}),
    ):
        problem: ApiProblem = await refused("", person.api.change(path, what, body, version=capa["version"]))
        play.story.tell(person.name, f"{what} of {capa['number']} ({capa['state']}): {problem.status} {problem.slug}")


async def change(person: Person, capa: Json, what: str, body: Json | None = None) -> Json:
    return await person.api.change(f"/v1/capas/{capa['capa_id']}", what, body, version=capa["version"])
