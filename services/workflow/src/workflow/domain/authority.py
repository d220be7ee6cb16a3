"""Who may do what with a case or task. Roles come from the token, department and lead from the memberships."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.errors import Forbidden
from workflow.domain.case import Task
from workflow.domain.definition import Department

STAFF = frozenset({"customer_service", "engineer", "quality", "manager", "admin", "service"})
_OVERSEERS = frozenset({"manager", "admin"})


@dataclass(frozen=True)
class Person:
    person_id: str
    roles: frozenset[str]
    department: str | None
    lead: bool

    @property
    def oversees(self) -> bool:
        return not self.roles.isdisjoint(_OVERSEERS)

    def works_for(self, department: str, departments: Mapping[str, Department]) -> bool:
        """By membership, or by a role that stands for the department; managers for all of them."""
        known = departments.get(department)
        by_role = known is not None and not self.roles.isdisjoint(known.roles)
        return self.oversees or self.department == department or by_role

    def leads(self, department: str) -> bool:
        return self.oversees or (self.lead and self.department == department)


def require_staff(person: Person) -> None:
    if person.roles.isdisjoint(STAFF):
        raise Forbidden("cases are for the company's own people")


def require_work(person: Person, task: Task, departments: Mapping[str, Department]) -> None:
    """Its assignee, a member of its department, the lead, a manager, an admin."""
    if task.assignee != person.person_id and not person.works_for(task.department, departments):
        raise Forbidden(f"the task belongs to {task.department}")


def require_handover(person: Person, task: Task) -> None:
    """Its assignee (转办), the department's lead, a manager, an admin."""
    if task.assignee != person.person_id and not person.leads(task.department):
        raise Forbidden(f"only the assignee or the lead of {task.department} hands this task over")


def require_stage(person: Person, department: str, departments: Mapping[str, Department]) -> None:
    """Whoever works for the department that owns the stage."""
    if not person.works_for(department, departments):
        raise Forbidden(f"the stage belongs to {department}")


def require_waiver(person: Person, department: str) -> None:
    """The department's lead, quality, a manager, an admin: a gate is not waived by whoever stands before it."""
    if "quality" not in person.roles and not person.leads(department):
        raise Forbidden(f"waiving is for quality, managers or the lead of {department}")
