import json
from pathlib import Path

from chassis.envelope import Undecodable, decode
from redress.catalog import TYPE_OF
from redress.intake.v1.events import ComplaintRegistered
from tests.chaos.poison import venoms

_TYPE = TYPE_OF[ComplaintRegistered]
_GOOD = json.loads((Path(__file__).parents[2] / "contracts" / "golden" / f"{_TYPE}--1.json").read_text())


def test_each_venom_is_refused_by_the_envelope_its_subject_or_its_age() -> None:
    refused = 0
    for body in venoms(_GOOD):
        try:
            event = decode(body)
        except Undecodable:
            refused += 1
            continue
        assert event.type != _TYPE or event.time.year == 2024
    assert refused >= 12


def test_the_good_one_is_none() -> None:
    assert decode(json.dumps(_GOOD).encode()).type == _TYPE
