from chassis.migrate import run_env
from intake.adapters.entrance_tables import submissions

run_env(submissions.metadata)
