"""What a form on the open web carries, and what a browser sends back."""

from zoneinfo import ZoneInfo

import pytest

from chassis.errors import Invalid
from gateway.app import form_token
from gateway.app.form_page import answers

KEY = "a key of the installation"
NOW = 1_800_000_000.0


def test_a_token_is_read_by_whoever_has_the_key_for_its_form_only() -> None:
    text = form_token.issued("general", 3, NOW, KEY)
    token = form_token.read(text, "general", KEY)
    assert (token.version, token.issued_at) == (3, NOW)
    for name, key, given in (("other", KEY, text), ("general", "another", text), ("general", KEY, text[:-1] + "x")):
        with pytest.raises(Invalid):
            form_token.read(given, name, key)


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.4", "x" * 5000, "１.1.a.b", "1.2.é.ü", "9" * 30 + ".1.a.b"])
def test_what_we_never_gave_is_no_token(text: str) -> None:
    with pytest.raises(Invalid):
        form_token.read(text, "general", KEY)


@pytest.mark.parametrize(("age", "slug"), [(1, "too_quick"), (90_000, "form_token"), (-50, "too_quick")])
def test_nobody_is_that_quick_or_that_slow(age: int, slug: str) -> None:
    token = form_token.read(form_token.issued("general", 1, NOW, KEY), "general", KEY)
    form_token.check_age(token, NOW + 10, 3)
    with pytest.raises(Invalid) as refused:
        form_token.check_age(token, NOW + age, 3)
    assert refused.value.slug == slug


def test_answers_of_a_browser_become_json_values() -> None:
    kinds = {"who": "customer", "n": "number", "some": "choices", "ok": "consent", "no": "consent", "t": "date_time"}
    document = {"fields": [{"key": key, "type": kind} for key, kind in kinds.items()]}
    posted = {
        "f.who.name": [" Ann "],
        "f.who.ref": [""],
        "f.n": ["3.5"],
        "f.some": ["a", "b", "a"],
        "f.ok": ["yes"],
        "f.t": ["2026-03-10T18:20"],
        "f.absent": ["x"],
    }
    assert answers(document, posted, ZoneInfo("Asia/Shanghai")) == {
        "who": {"name": "Ann"},
        "n": 3.5,
        "some": ["a", "b"],
        "ok": True,
        "t": "2026-03-10T18:20:00+08:00",
    }
    assert answers(document, {"f.n": ["many"]}, ZoneInfo("UTC")) == {"n": "many"}
