"""The rows a measure of the catalogue may count, and what their columns are called there."""

from dataclasses import dataclass
from types import MappingProxyType

_REPEATED = (
    "LEFT JOIN (SELECT l.other, min(r.t_registered) AS t_repeat"
    " FROM repeat_links l JOIN facts o ON o.complaint_id = l.other JOIN facts r ON r.complaint_id = l.complaint_id"
    " WHERE l.level = 'R1' AND r.valid AND r.t_registered > o.t_registered GROUP BY l.other) repeated"
    " ON repeated.other = f.complaint_id"
)
# Only the few stages that were entered again are grouped; all others have one visit.
_VISITS = """
(SELECT complaint_id, stage AS visited_stage, visit, t_exit, outcome AS visit_outcome,
   date_part('epoch', t_exit - t_enter) AS dwell FROM stage_visits) v
JOIN facts f ON f.complaint_id = v.complaint_id
LEFT JOIN (SELECT complaint_id AS again_id, stage AS again_stage, max(visit) AS last_visit,
    max(visit) FILTER (WHERE t_exit IS NOT NULL AND outcome <> 'skipped') AS last_finished,
    max(visit) FILTER (WHERE outcome = 'done') AS last_done,
    sum(date_part('epoch', t_exit - t_enter)) FILTER (WHERE outcome <> 'skipped') AS dwell_all
  FROM stage_visits WHERE (complaint_id, stage) IN (SELECT complaint_id, stage FROM stage_visits WHERE visit > 1)
  GROUP BY complaint_id, stage) again ON again_id = v.complaint_id AND again_stage = v.visited_stage
"""
# One window per implementation; a verdict of insufficient exposure says how far it now reaches.
_WINDOWS = """
(SELECT w.capa_id, w.implemented_seq, w.t_implemented,
   greatest(w.window_ends_at, max(k.window_ends_at)) AS t_window_end
 FROM (SELECT *, lead(implemented_seq) OVER (PARTITION BY capa_id ORDER BY implemented_seq) AS next_seq
       FROM capa_windows) w
 LEFT JOIN capa_checks k ON k.capa_id = w.capa_id AND k.check_seq > w.implemented_seq
   AND (w.next_seq IS NULL OR k.check_seq < w.next_seq)
 GROUP BY w.capa_id, w.implemented_seq, w.t_implemented, w.window_ends_at)
"""
# What must not come back: the signatures of the complaints that led to the CAPA, not of those linked to it later.
_WATCHED = f"""
(SELECT DISTINCT w.capa_id, w.implemented_seq, w.t_implemented, w.t_window_end, o.signature AS watched
 FROM {_WINDOWS} w JOIN capa_cases k ON k.capa_id = w.capa_id JOIN facts o ON o.complaint_id = k.complaint_id
 WHERE o.valid AND o.signature IS NOT NULL AND o.t_received <= w.t_implemented)
"""  # noqa: S608 - our own text
_RECURS = (
    "m.valid AND m.signature = a.watched AND coalesce(m.t_occurred, m.t_received) > a.t_implemented"
    " AND coalesce(m.t_occurred, m.t_received) <= a.t_window_end"
)


@dataclass(frozen=True)
class Source:
    """Rows of one `kind`. `capa_id` leads to the complaints of rows that are none themselves."""

    kind: str
    tables: str
    unit_id: str
    complaint_id: str = "NULL::uuid"
    capa_id: str | None = None
    base: str = "true"


def _of_complaints(kind: str, tables: str, unit_id: str, base: str = "f.valid") -> Source:
    return Source(kind, tables, unit_id, "f.complaint_id", base=base)


def _of_capas(kind: str, tables: str, unit_id: str) -> Source:
    return Source(kind, tables, unit_id, capa_id="c.capa_id")


SOURCES = MappingProxyType(
    {
        "complaints": _of_complaints("complaint", f"facts f {_REPEATED}", "f.complaint_id::text"),
        "surveys": _of_complaints(
            "survey",
            "(SELECT survey_id, complaint_id, t_sent, t_answered, process_rating, result_rating FROM surveys) s"
            " JOIN facts f ON f.complaint_id = s.complaint_id",
            "s.survey_id::text",
        ),
        "visits": _of_complaints(
            "visit",
            _VISITS,
            "f.complaint_id || '/' || visited_stage || '/' || visit",
            "f.valid AND v.t_exit IS NOT NULL AND v.visit_outcome <> 'skipped'",
        ),
        "extensions": _of_complaints(
            "extension",
            "(SELECT complaint_id, extension_seq, at AS extended_at FROM case_extensions) e"
            " JOIN facts f ON f.complaint_id = e.complaint_id",
            "e.complaint_id || '/' || e.extension_seq",
        ),
        "recurrences": _of_complaints(
            "complaint",
            f"(SELECT DISTINCT m.complaint_id FROM {_WATCHED} a JOIN facts m ON {_RECURS}) r"  # noqa: S608
            " JOIN facts f ON f.complaint_id = r.complaint_id",
            "f.complaint_id::text",
        ),
        "costs": Source(
            "cost",
            "(SELECT cost_id, complaint_id, date, category, amount_minor, currency, estimated FROM cost_lines) c"
            " LEFT JOIN facts f ON f.complaint_id = c.complaint_id",
            "c.cost_id::text",
            "c.complaint_id",
        ),
        "capas": _of_capas(
            "capa",
            "(SELECT capa_id, t_opened, outcome AS capa_outcome,"
            " coalesce(closed_seq > coalesce(reopened_seq, 0), false) AS is_closed FROM capa_facts) c",
            "c.capa_id::text",
        ),
        "windows": _of_capas(
            "window",
            f"(SELECT w.capa_id, w.implemented_seq, w.t_window_end, r.recurred FROM {_WINDOWS} w LEFT JOIN"  # noqa: S608
            f" (SELECT a.capa_id, a.implemented_seq, bool_or(EXISTS (SELECT FROM facts m WHERE {_RECURS})) AS recurred"
            f" FROM {_WATCHED} a GROUP BY 1, 2) r"
            " ON r.capa_id = w.capa_id AND r.implemented_seq = w.implemented_seq) c",
            "c.capa_id || '/' || c.implemented_seq",
        ),
        "checks": _of_capas("check", "capa_checks c", "c.capa_id || '/' || c.check_seq"),
        "actions": _of_capas(
            "action",
            "(SELECT a.action_id, a.capa_id, a.type AS action_type, a.t_assigned, a.due_original, a.due_current,"
            " a.t_done, coalesce(k.closed_seq > coalesce(k.reopened_seq, 0) AND k.outcome = 'cancelled', false)"
            " AS called_off, EXISTS (SELECT FROM capa_cases x WHERE x.capa_id = a.capa_id) AS of_complaints"
            " FROM action_facts a LEFT JOIN capa_facts k ON k.capa_id = a.capa_id) c",
            "c.action_id::text",
        ),
        "action_extensions": _of_capas(
            "extension",
            "(SELECT action_id, extension_seq, capa_id, at AS extended_at FROM action_extensions) c",
            "c.action_id || '/' || c.extension_seq",
        ),
    }
)
"""By the `rows` of a measure."""
