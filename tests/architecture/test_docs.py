"""What the pages promise is there: links, headings, metrics and settings by their names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for folder in ("*.md", "docs/**/*.md", "deploy/*/*.md", "services/*/*.md")
    for page in ROOT.glob(folder)
    if ".venv" not in page.parts
)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_METRIC, _SETTING = re.compile(r"`(redress_[a-z_]+)`"), re.compile(r"`(REDRESS_[A-Z_]*[A-Z])`")
# Of the terminal and of the tests, not of a service.
_OTHER_VARIABLES = {"REDRESS_URL", "REDRESS_KEY", "REDRESS_TEST_INFRA"}


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings: lower case, blanks as hyphens, other signs left out."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(pattern: re.Pattern[str], page: Path) -> set[str]:
    return set(pattern.findall(page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    broken = []
    for path, anchor in _LINK.findall(page.read_text()):
        target = page.parent / path if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(f"{path}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_metrics_and_settings_are_called_by_names_that_exist(page: Path) -> None:
    unknown = named(_METRIC, page) - named(_METRIC, ROOT / "docs/metrics.md")
    streams = {f"REDRESS_{owner}" for owner in ("INTAKE", "WORKFLOW", "CAPA", "NOTIFY", "GATEWAY")}
    known = named(_SETTING, ROOT / "docs/settings.md") | streams | _OTHER_VARIABLES
    assert sorted(unknown | (named(_SETTING, page) - known)) == []
