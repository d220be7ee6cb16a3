"""The facts: which columns there are and which event owns each. adapters/tables.py gives them their types."""

from analytics.projections.rules import Earliest, Greatest, Newest, Once, Projection, Rule, United


def _all(rule: Rule, *names: str) -> dict[str, Rule]:
    return dict.fromkeys(names, rule)


def _state(guard: str, *names: str) -> dict[str, Rule]:
    return {guard: Greatest()} | _all(Newest(guard), *names)


FACTS = Projection(
    "facts",
    ("complaint_id",),
    # intake
    _all(Once(), "number", "channel", "language", "key_account", "historical", "grade_first", "grade_row")
    | _all(Once(), "grading_table", "grading_version", "t_occurred", "t_aware", "t_received", "t_registered")
    | _all(Once(), "t_closed_import", "merged_into", "reachable")
    | _state("described_seq", "product_family", "product_model", "lot", "defect_code", "failure_location", "signature")
    | _state("grade_seq", "grade")
    | _state("proposals_seq", "open_proposals")
    | _state("repeat_seq", "repeat_level")
    | _all(Earliest(), "t_regraded_wrong", "t_merged", "t_contacted")
    # workflow
    | _all(Once(), "definition", "definition_version", "t_opened", "response_due_at")
    | _state("due_original_seq", "due_original")
    | _state("due_current_seq", "due_current")
    | _state("stage_seq", "stage")
    | _state("case_seq", "case_state")
    | _state("closed_seq", "t_closed", "outcome", "remedy", "accepted", "justified", "path")
    | _all(Newest("closed_seq"), "working_seconds", "investigated")
    | _all(Greatest(), "reopened_seq")
    | _all(Earliest(), "t_closed_first_here", "t_reopened_first", "t_first_human")
    # The clock never runs backwards: the earliest answer is the one with the least time on it.
    | _all(Earliest(), "working_seconds_response")
    | _all(Once(), "working_seconds_first")
    | _all(Greatest(), "t_task_done")
    | _all(United(), "touched")
    # capa, notify
    | _all(Earliest(), "t_contained", "t_auto_ack"),
)

STAGE_VISITS = Projection("stage_visits", ("complaint_id", "stage", "visit"), _all(Once(), "t_enter", "enter_seq"))

STAGE_EXITS = Projection("stage_exits", ("complaint_id", "stage", "exit_seq"), _all(Once(), "t_exit", "outcome"))

TASK_FACTS = Projection(
    "task_facts",
    ("task_id",),
    _all(Once(), "complaint_id", "kind", "stage", "ref")
    | _all(Earliest(), "t_assigned", "t_started", "t_done", "t_overdue")
    | _all(Greatest(), "escalation")
    | _state("department_at", "department")
    | _state("due_said_at", "due_at"),
)

CASE_EXTENSIONS = Projection("case_extensions", ("complaint_id", "extension_seq"), _all(Once(), "at"))

CONTACTS = Projection("contacts", ("contact_id",), _all(Once(), "complaint_id", "channel", "at"))

REPEAT_LINKS = Projection("repeat_links", ("complaint_id", "other"), _state("judged_seq", "level"))

ACTION_FACTS = Projection(
    "action_facts",
    ("action_id",),
    _all(Once(), "capa_id", "type", "due_original")
    | _all(Earliest(), "t_assigned", "t_done")
    | _state("due_said_at", "due_current"),
)

ACTION_EXTENSIONS = Projection("action_extensions", ("action_id", "extension_seq"), _all(Once(), "capa_id", "at"))

CAPA_FACTS = Projection(
    "capa_facts",
    ("capa_id",),
    _all(Once(), "number", "rca_id", "risk_class")
    | _all(Earliest(), "t_opened", "t_approved")
    | _state("implemented_seq", "t_implemented", "window_ends_at")
    | _state("closed_seq", "t_closed", "outcome")
    | _all(Greatest(), "reopened_seq"),
)

CAPA_WINDOWS = Projection(
    "capa_windows", ("capa_id", "implemented_seq"), _all(Once(), "t_implemented", "window_ends_at")
)

CAPA_CASES = Projection("capa_cases", ("capa_id", "complaint_id"), {})

CAPA_CHECKS = Projection("capa_checks", ("capa_id", "check_seq"), _all(Once(), "verdict", "at", "window_ends_at"))

COST_LINES = Projection(
    "cost_lines",
    ("cost_id",),
    _all(Once(), "date", "category", "sub_type", "amount_minor", "currency", "complaint_id", "capa_id", "estimated"),
)

SURVEYS = Projection(
    "surveys",
    ("survey_id",),
    _all(Once(), "complaint_id", "closing", "t_sent")
    | _state("answered_seq", "process_rating", "result_rating", "t_answered", "via"),
)

PROJECTIONS = (
    FACTS,
    STAGE_VISITS,
    STAGE_EXITS,
    TASK_FACTS,
    CASE_EXTENSIONS,
    CONTACTS,
    REPEAT_LINKS,
    ACTION_FACTS,
    ACTION_EXTENSIONS,
    CAPA_FACTS,
    CAPA_WINDOWS,
    CAPA_CASES,
    CAPA_CHECKS,
    COST_LINES,
    SURVEYS,
)
