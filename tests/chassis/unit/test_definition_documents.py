"""Documents that people write: read, told apart, compared."""

from typing import Any

import pytest

from chassis.definition_changes import changes
from chassis.definitions import digest_of, opened
from chassis.document import Reader
from chassis.errors import Invalid


def test_the_order_of_keys_and_the_way_a_number_is_written_make_no_other_document() -> None:
    one = {"rate": 2.0, "label": {"zh": "一", "en": "one"}, "rows": [1, 2]}
    assert digest_of(one) == digest_of({"rows": [1.0, 2], "label": {"en": "one", "zh": "一"}, "rate": 2})
    assert digest_of(one) != digest_of(one | {"rows": [2, 1]})
    assert digest_of({"rate": 2.5}) != digest_of({"rate": 2})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"text"', "null", '{"a": "\\u0000"}', '{"name": "mine"}', '{"version": 3}']
)
def test_what_cannot_be_a_document_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        opened(text)
    assert refused.value.fields


def seen(before: Any, after: Any) -> list[tuple[str, str, str, str]]:
    return [(one.path, one.change, one.before, one.after) for one in changes(before, after)]


def test_members_of_lists_are_told_apart_by_their_names() -> None:
    before = {"stages": [{"key": "a", "due": {"urgent": 2}}, {"key": "b"}, {"key": "c"}]}
    after = {"stages": [{"key": "c"}, {"key": "a", "due": {"urgent": 3}}, {"key": "d"}]}
    assert seen(before, after) == [
        ("stages[a].due.urgent", "changed", "2", "3"),
        ("stages[b]", "removed", '{"key": "b"}', ""),
        ("stages[d]", "added", "", '{"key": "d"}'),
        ("stages", "changed", "order: a, c", "order: c, a"),
    ]


def test_what_has_no_name_is_shown_as_a_whole_and_not_at_full_length() -> None:
    assert seen({"text": ["a", "b"]}, {"text": ["a", "c"]}) == [("text", "changed", '["a", "b"]', '["a", "c"]')]
    ((_, _, _, after),) = seen({}, {"text": "x" * 5000})
    assert len(after) < 400
    assert seen({"a": 1}, {"a": 1.0}) == []


def test_a_reader_goes_on_after_a_fault_and_names_every_place() -> None:
    reader, raw = Reader(), {"n": 1.5, "label": {"zh": "一", "fr": "un"}, "flag": "yes", "list": {}, "texts": ["", 3]}
    reader.whole(raw, "n", "", least=1, most=9)
    reader.label(raw, "")
    reader.flag(raw, "flag", "")
    list(reader.listed(raw, "list", "deep"))
    reader.texts(raw, "texts", "deep[0]")
    places = [place for place, _ in reader.faults]
    assert places == ["n", "label.fr", "label.en", "flag", "deep.list", "deep[0].texts"]
