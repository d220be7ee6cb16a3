"""What a channel of the registry says about the complaints that name it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chassis.errors import Invalid
from intake.domain.channels.entry import Entry, by_channel
from intake.domain.channels.kinds import KINDS
from intake.domain.complaint import CHANNELS, Submission
from intake.domain.files.mapping import bound
from intake.domain.files.rows import submission
from intake.domain.validation import checked

BODY = Entry("gd-12315", "authority_12315", "authority", language="zh", options={"answer_days": 7})
HEADER = ["登记编号", "投诉内容", "办理期限"]
MAPPING = {
    "columns": {
        "channel_id": {"constant": "gd-12315"},
        "external_id": {"column": "登记编号"},
        "description": {"column": "投诉内容"},
        "answer_due": {"column": "办理期限"},
        "product_family": {"constant": "A6"},
    },
    "time_zone": "Asia/Shanghai",
}


def test_every_kind_counts_as_a_channel_that_figures_know() -> None:
    assert {kind.channel for kind in KINDS.values()} == set(CHANNELS)


def test_a_row_of_a_file_comes_by_the_channel_that_its_mapping_names(now: datetime) -> None:
    row = submission(bound(MAPPING, HEADER), ["GD-1", "仪表黑屏,商家拒绝维修", "2026-12-01"], historical=False)
    found = checked(by_channel(row, {"gd-12315": BODY}, now), now)
    assert (found.channel, found.channel_id, found.external_id) == ("authority", "gd-12315", "GD-1")
    assert found.answer_due == datetime.fromisoformat("2026-12-01T00:00:00+08:00")


def test_an_answer_is_due_by_the_days_of_the_channel(given: Callable[..., Submission], now: datetime) -> None:
    asked = given(channel="", channel_id="gd-12315", t_received=now - timedelta(days=1))
    assert by_channel(asked, {"gd-12315": BODY}, now).answer_due == now + timedelta(days=6)
    old = given(channel="", channel_id="gd-12315", historical=True)
    assert by_channel(old, {"gd-12315": BODY}, now).answer_due is None, "a record of the past starts no clock"


def test_an_answer_is_not_due_before_the_complaint_came(given: Callable[..., Submission], now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        checked(given(channel="authority", answer_due=now - timedelta(days=1), t_received=now), now)
    assert [fault.field for fault in refused.value.fields] == ["answer_due"]


def test_who_names_no_channel_is_left_as_they_are(given: Callable[..., Submission], now: datetime) -> None:
    asked = given()
    assert by_channel(asked, {}, now) is asked
