"""The arithmetic behind the bench's figures."""

import json
import math
import random

import pytest

from tests.bench.complaints import Complaints, make_complaint
from tests.bench.cpu import busy_seconds, spent
from tests.bench.delivered import waiting_of
from tests.bench.generator import Outcome
from tests.bench.layers import shares
from tests.bench.metrics_page import parse
from tests.bench.phases import Saturated, Steady, goes_on
from tests.bench.quantiles import Histogram, percentile
from tests.bench.report import best, cpu_lines, lag_lines, result_line
from tests.bench.row_limit import tps_of
from tests.bench.wire import whole_answer

PAGE = """
# HELP redress_event_lag_seconds lag
# TYPE redress_event_lag_seconds histogram
redress_event_lag_seconds_bucket{le="0.1",owner="intake"} 90.0
redress_event_lag_seconds_bucket{le="0.5",owner="intake"} 100.0
redress_event_lag_seconds_bucket{le="+Inf",owner="intake"} 100.0
redress_event_lag_seconds_bucket{le="0.1",owner="capa"} 10.0
redress_event_lag_seconds_bucket{le="0.5",owner="capa"} 10.0
redress_event_lag_seconds_bucket{le="+Inf",owner="capa"} 20.0
# TYPE redress_outbox_pending gauge
redress_outbox_pending 3.0
"""


def outcome(accepted: int, seconds: float, p99_ms: float = 9.0) -> Outcome:
    return Outcome(accepted, {}, seconds, p50_ms=5.0, p99_ms=p99_ms, max_ms=20.0)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 2.5), (1.0, 4.0), (0.99, 3.97)])
def test_a_percentile_lies_between_the_nearest_ranks(share: float, expected: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == pytest.approx(expected)


def test_nothing_has_no_percentile() -> None:
    assert percentile([], 0.5) is None
    assert Histogram().quantile(0.5) is None


def test_a_histograms_quantile_is_interpolated_inside_its_bucket() -> None:
    lag = Histogram({0.1: 50, 0.5: 100, math.inf: 100})
    assert lag.quantile(0.5) == pytest.approx(0.1)
    assert lag.quantile(0.75) == pytest.approx(0.3)
    assert lag.quantile(0.25) == pytest.approx(0.05)


def test_what_lies_above_the_highest_bound_is_given_as_that_bound() -> None:
    assert Histogram({0.1: 1, 0.5: 1, math.inf: 100}).quantile(0.99) == 0.5


def test_a_phase_sees_only_what_was_observed_during_it() -> None:
    before = Histogram({0.1: 10, math.inf: 1000})
    after = Histogram({0.1: 110, math.inf: 1100})
    assert (after - before).quantile(0.99) == pytest.approx(0.099)


def test_series_of_a_metrics_page_are_summed_over_the_labels_not_named() -> None:
    page = parse(PAGE)
    assert page.histogram("redress_event_lag_seconds").buckets == {0.1: 100, 0.5: 110, math.inf: 120}
    assert page.histogram("redress_event_lag_seconds", owner="capa").count == 20
    assert page.total("redress_outbox_pending") == 3
    assert page.total("redress_nothing") == 0


def test_an_answer_is_read_only_when_it_is_whole() -> None:
    raw = b'HTTP/1.1 201 Created\r\nETag: "1"\r\ncontent-length: 4\r\n\r\nbody'
    assert whole_answer(raw[:20]) is None
    assert whole_answer(raw[:-1]) is None
    assert whole_answer(raw + b"HTTP/1.1") == (201, b"body", len(raw))


def test_what_was_delivered_and_not_acknowledged_still_waits() -> None:
    consumers = [
        {"name": "workflow", "num_pending": 0, "num_ack_pending": 4},
        {"name": "analytics", "num_pending": 0, "num_ack_pending": 0},
    ]
    jsz = {"account_details": [{"stream_detail": [{"name": "REDRESS_INTAKE", "consumer_detail": consumers}]}]}
    assert waiting_of(jsz) == {"REDRESS_INTAKE > workflow": 4}


def test_pgbench_says_its_tps() -> None:
    assert tps_of("latency average = 1 ms\ntps = 1125.016 (without initial connection time)\n") == 1125.016
    with pytest.raises(ValueError, match="no tps"):
        tps_of("connection refused")


def test_cpu_spent_is_listed_from_the_most_expensive() -> None:
    assert list(spent({"a": 1.0, "b": 1.0}, {"a": 1.5, "b": 3.0}).items()) == [("b", 2.0), ("a", 0.5)]


def test_a_machine_is_busy_with_all_but_idling_and_waiting() -> None:
    assert busy_seconds("cpu  100 10 50 9000 800 5 15 20 0 0", 100) == 2.0


def test_complaints_are_bilingual_different_and_of_real_length() -> None:
    dice = random.Random(1)
    made = [json.loads(make_complaint(dice)) for _ in range(300)]
    assert {one["language"] for one in made} == {"zh", "en"}
    assert all(80 <= len(one["description"]) <= 400 for one in made)
    assert len({one["description"] for one in made}) > 250


def test_each_number_is_a_customer_of_its_own() -> None:
    stock = Complaints(seed=1, stock=3)
    first, again = json.loads(stock.body(1)), json.loads(stock.body(4))
    assert first["description"] == again["description"]
    assert (first["customer_ref"], again["customer_ref"]) == ("K00000001", "K00000004")


def test_the_best_concurrency_is_the_one_with_most_accepted() -> None:
    assert best([(4, outcome(400, 1.0)), (8, outcome(900, 1.0)), (16, outcome(850, 1.0))]) == 8


def test_the_climb_goes_on_beyond_128_only_while_it_gains() -> None:
    assert goes_on(128, [300.0, 200.0])
    assert goes_on(256, [200.0, 300.0])
    assert not goes_on(256, [300.0, 200.0])


def test_the_last_line_begins_with_the_figures_that_are_asked_for() -> None:
    cpu = {"postgres": 4.0, "gateway-0": 1.0}
    saturated = Saturated(
        32, outcome(1000, 4.0), delivered_after_s=1.0, cpu=cpu, generator_cpu_s=0.5, foreign_cores=0.1
    )
    steady = Steady(outcome(200, 2.0, p99_ms=12.5), {"workflow": Histogram({0.1: 100, math.inf: 100})}, {"nats": 1.0})
    found = json.loads(result_line(saturated, steady, {1: 300.0, 16: 1000.0}, idle_cores=0.05, refused=0))
    assert list(found)[:6] == [
        "accepted_per_s",
        "p99_ms_at_100",
        "lag_p99_ms_at_100",
        "cpu_ms_per_complaint",
        "limit_per_s",
        "ratio",
    ]
    assert [*found.values()][:6] == [250.0, 12.5, 99.0, 5.0, 1000.0, 0.25]
    assert found["delivered_per_s"] == 200.0
    assert list(cpu_lines(saturated))[-1].split() == ["(others)", "0.50", "0.10"]
    assert len(list(lag_lines(steady))) == 2


def test_a_sample_counts_for_the_innermost_layer_it_is_in() -> None:
    append = (
        "run (uvloop/__init__.py:92);serve (chassis/rpc.py:115);append (chassis/audit.py:57);dumps (json/encoder.py:9)"
    )
    loop = "run (uvloop/__init__.py:92)"
    assert shares([f"{append} 3", f"{loop} 1"]) == {"audit trail": 0.75, "event loop and the rest": 0.25}
