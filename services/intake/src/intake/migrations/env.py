from chassis.migrate import run_env
from intake.adapters import (  # noqa: F401 - each puts its tables into the metadata
    attachment_tables,
    channel_tables,
    entrance_tables,
    form_tables,
    grading_work_tables,
    likeness_tables,
    master_data_tables,
    person_tables,
    search_tables,
)
from intake.adapters.submission_tables import submissions

run_env(submissions.metadata)
