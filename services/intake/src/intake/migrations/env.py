from chassis.migrate import run_env
from intake.adapters import entrance_tables, tables

assert entrance_tables.metadata is tables.metadata
run_env(tables.metadata)
