"""The template documents of the package: every version that a delivery may still be pinned to."""

import json
from collections.abc import Mapping
from importlib.resources import files

from notify.domain.template import TemplateSet, read_templates


def load_templates() -> Mapping[int, TemplateSet]:
    """By version. Raises TemplateBroken: a service with a broken letter must not start."""
    documents = [path for path in files("notify").joinpath("definitions").iterdir() if path.name.endswith(".json")]
    sets = [read_templates(json.loads(path.read_text(encoding="utf-8"))) for path in documents]
    return {templates.version: templates for templates in sets}
