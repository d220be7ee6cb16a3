from chassis.migrate import run_env
from intake.adapters import (  # noqa: F401 - each puts its tables into the metadata
    channel_tables,
    master_data_tables,
    search_tables,
)
from intake.adapters.entrance_tables import submissions

run_env(submissions.metadata)
