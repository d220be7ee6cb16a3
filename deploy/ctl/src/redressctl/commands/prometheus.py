import json
from pathlib import Path
from typing import Annotated

import typer

from redressctl.errors import CtlError
from redressctl.scraping import configuration
from redressctl.target import DEFAULT_DIR, DirOption, find_target

EXAMPLES = (
    "redressctl prometheus > prometheus.yml",
    "redressctl prometheus --rules deploy/helm/redress/files/rules > prometheus.yml",
)
_NAMESPACE = "laptop"


def prometheus(
    data_dir: DirOption = DEFAULT_DIR,
    rules: Annotated[Path | None, typer.Option(help="Folder of rule files to evaluate.", file_okay=False)] = None,
) -> None:
    """Print a prometheus.yml that scrapes a running stack, labelled as on Kubernetes; its namespace is "laptop".

    It is JSON, which YAML includes. Ports change when the stack is started again: print it again then.
    """
    record = find_target(data_dir, "", "").record
    if record is None:
        raise CtlError("This is for a stack in a data directory; on Kubernetes the chart's ServiceMonitor does it.")
    files = [str(rules.absolute() / "*.yaml")] if rules else []
    print(json.dumps(configuration(record.ops_urls, namespace=_NAMESPACE, rules=files), indent=2))
