"""Every target of the contract, judged on what was recorded of a real run, and on the same run with a miss planted."""

from collections.abc import Callable
from dataclasses import replace
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf.validate.evidence import LOAD, NORMAL, Evidence
from perf.validate.sample import Figure
from perf.validate.targets import TARGETS, Side, Target
from perf.validate.verdicts import Outcome, exit_code, outcome, verdict, verdicts
from tests.perf.validate.recorded import a_run, with_calls, with_column, without_column

MB = 1_000_000.0
CONTRACT = {
    "submit": "< 100 ms",
    "status": "< 50 ms",
    "health": "< 100 ms",
    "list": "< 1000 ms",
    "requests_per_minute": "> 1000 1/min",
    "requests_per_s": "> 100 1/s",
    "at_once": ">= 50 ",
    "memory": "< 1000 MB",
    "memory_part": "< 80 %",
    "cpu_normal": "< 50 %",
    "cpu_load": "< 70 %",
    "job_success": "> 99 %",
    "errors": "< 1 %",
    "failed_calls": "<= 0 ",
    "uptime": ">= 99.9 %",
    "db_queries": "> 500 1/s",
    "db_pool": "< 80 %",
    "redis_pool": "< 70 %",
    "leak": "< 5 MB/h",
}
PLANTED: dict[str, tuple[Callable[[], Evidence], set[str]]] = {
    "submit": (lambda: with_calls(LOAD, "submit", p95_ms=400.0), set()),
    "status": (lambda: with_calls(LOAD, "status", p95_ms=51.0, server_p95_ms=50.0), set()),
    "health": (lambda: with_calls(LOAD, "health", p95_ms=30_000.0), set()),
    "list": (lambda: with_calls(LOAD, "list", p95_ms=2_000.0), set()),
    "requests_per_minute": (lambda: with_column("requests", times=0.1), {"requests_per_s"}),
    "requests_per_s": (lambda: with_column("requests", times=0.6), set()),
    "at_once": (lambda: replace(a_run(), guests_most=49), set()),
    "memory": (lambda: with_column("rss_bytes", plus=1000 * MB), set()),
    "memory_part": (lambda: with_column("available_bytes", times=0.19), set()),
    "cpu_normal": (lambda: with_column("cpu_s", plus_an_hour=3600 * 2), {"cpu_load"}),
    "cpu_load": (lambda: with_column("processors", times=0.2), set()),
    "job_success": (lambda: replace(a_run(), accepted=int(1.02 * a_run().accepted)), set()),
    "errors": (lambda: with_calls(LOAD, "list", refused=3_000), set()),
    "failed_calls": (lambda: with_calls(NORMAL, "submit", failures=1), set()),
    "uptime": (lambda: replace(a_run(), answered=a_run().windows - 1), set()),
    "db_queries": (lambda: with_column("queries", times=0.1), set()),
    "db_pool": (lambda: with_column("db_used", plus=40.0), set()),
    "redis_pool": (lambda: with_column("redis_free", plus=-35.0), set()),
    "leak": (lambda: with_column("rss_bytes", plus_an_hour=50 * MB), set()),
}
BY_NAME = {target.name: target for target in TARGETS}


def missed(evidence: Evidence) -> set[str]:
    return {each.name for each in verdicts(evidence) if each.outcome is Outcome.MISSED}


def test_every_target_of_the_contract_is_there_with_its_bar() -> None:
    assert {each.name: f"{each.bar} {each.unit}" for each in verdicts(a_run())} == CONTRACT


def test_the_recorded_run_missed_nothing_and_what_it_could_not_tell_it_did_not_pass() -> None:
    assert missed(a_run()) == set()
    untold = {each.name for each in verdicts(a_run()) if each.outcome is Outcome.NOT_MEASURED}
    assert untold == {"submit", "status", "health", "leak"}
    assert exit_code(verdicts(a_run())) == 2


@pytest.mark.parametrize("name", CONTRACT)
def test_a_planted_miss_is_found_and_no_other_with_it(name: str) -> None:
    plant, along = PLANTED[name]
    evidence = plant()
    assert missed(evidence) == {name} | along
    assert exit_code(verdicts(evidence)) == 1


@pytest.mark.parametrize("name", CONTRACT)
def test_where_nothing_was_seen_nothing_is_met(name: str) -> None:
    found = verdict(BY_NAME[name], Evidence())
    assert (found.outcome, found.value) == (Outcome.NOT_MEASURED, None)
    assert found.note


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("processors", "cpu_load"),
        ("cpu_s", "cpu_normal"),
        ("requests", "requests_per_s"),
        ("queries", "db_queries"),
        ("rss_bytes", "memory"),
        ("limit_bytes", "memory_part"),
        ("db_pool", "db_pool"),
        ("redis_pool", "redis_pool"),
    ],
)
def test_what_the_service_does_not_tell_is_not_measured(column: str, name: str) -> None:
    assert verdict(BY_NAME[name], without_column(column)).outcome is Outcome.NOT_MEASURED


def test_a_service_that_began_anew_has_no_rate() -> None:
    requests = list(a_run().server["requests"])
    anew = replace(a_run(), server={**a_run().server, "requests": [*requests[:-30], *([1.0] * 30)]})
    assert "began anew" in verdict(BY_NAME["requests_per_s"], anew).note


def test_a_tester_that_is_late_neither_passes_nor_blames_the_service() -> None:
    calls = with_calls(LOAD, "submit", p95_ms=400.0, server_p95_ms=25.0)
    submit = BY_NAME["submit"]
    across = verdict(submit, replace(calls, late_ms=150.0))
    assert across.outcome is Outcome.NOT_MEASURED
    assert "between 25 and 400" in across.note
    assert verdict(submit, replace(calls, late_ms=1.0)).outcome is Outcome.MISSED
    own = with_calls(LOAD, "submit", p95_ms=400.0, server_p95_ms=100.0)
    assert verdict(submit, replace(own, late_ms=150.0)).outcome is Outcome.MISSED


def test_memory_that_comes_to_rest_is_met_by_its_later_half_and_not_missed_by_its_earlier() -> None:
    run, leak = a_run(), BY_NAME["leak"]
    moments = [at or 0.0 for at in run.server["at_s"]]

    def rising(*, settles_s: float) -> Evidence:
        rss: list[float | None] = [100 * MB + 10 * MB * (1 - exp(-at / settles_s)) for at in moments]
        return replace(run, server={**run.server, "rss_bytes": rss, "kept_bytes": [0.0] * len(rss)})

    assert verdict(leak, rising(settles_s=60)).outcome is Outcome.MET
    assert verdict(leak, rising(settles_s=150)).outcome is Outcome.NOT_MEASURED
    assert verdict(leak, rising(settles_s=3000)).outcome is Outcome.MISSED


@pytest.mark.parametrize(
    ("an_hour", "expected"),
    [(0, Outcome.MET), (2, Outcome.MET), (5, Outcome.NOT_MEASURED), (10, Outcome.MISSED), (20, Outcome.MISSED)],
)
def test_a_leak_is_found_while_it_fills_room_that_the_process_has(an_hour: int, expected: Outcome) -> None:
    found = verdict(BY_NAME["leak"], in_free_room(an_hour))
    assert found.outcome is expected
    assert "resident 0.0" in found.note


def in_free_room(an_hour: int) -> Evidence:
    """So many MB leak, and the process is no larger for it; half a MB on average is in flight."""
    run, in_flight = a_run(), Random(1)
    moments = [at or 0.0 for at in run.server["at_s"]]
    allocated = [45 * MB + an_hour * MB * at / 3600 + in_flight.expovariate(2 / MB) for at in moments]
    flat = {"rss_bytes": [120 * MB] * len(moments), "kept_bytes": [0.0] * len(moments)}
    return replace(run, server={**run.server, **flat, "allocated_bytes": allocated})


def test_under_an_uneven_load_what_is_allocated_tells_nothing() -> None:
    leaks = in_free_room(20)
    # For a minute of the second half nothing is answered.
    requests = [
        value if value is None or at is None or at < 400 else value - 150 * min(at - 400, 60.0)
        for at, value in zip(leaks.server["at_s"], leaks.server["requests"], strict=True)
    ]
    found = verdict(BY_NAME["leak"], replace(leaks, server={**leaks.server, "requests": requests}))
    assert found.outcome is Outcome.MET
    assert "not even" in found.note


def test_a_process_that_grows_leaks_whatever_it_has_allocated() -> None:
    grows = with_column("rss_bytes", plus_an_hour=50 * MB)
    allocated = [None if at is None else 45 * MB for at in grows.server["at_s"]]
    found = verdict(BY_NAME["leak"], replace(grows, server={**grows.server, "allocated_bytes": allocated}))
    assert found.outcome is Outcome.MISSED


def test_while_what_is_kept_still_fills_memory_tells_nothing_of_a_leak() -> None:
    filling = verdict(BY_NAME["leak"], with_column("kept_bytes", plus_an_hour=500 * MB))
    assert filling.outcome is Outcome.NOT_MEASURED
    assert "not full" in filling.note


def test_a_pool_that_is_used_up_for_a_moment_is_not_short() -> None:
    run = a_run()
    free = list(run.server["redis_free"])
    moment, seconds = [*free[:-100], 0.0, *free[-99:]], [*free[:-100], *[0.0] * 5, *free[-95:]]
    redis = BY_NAME["redis_pool"]
    for column, expected in ((moment, Outcome.MET), (seconds, Outcome.MISSED)):
        seen = replace(run, server={**run.server, "redis_free": column})
        assert verdict(redis, seen).outcome is expected


def test_a_hole_in_a_short_run_is_a_miss_and_none_is_no_pass() -> None:
    uptime, short = BY_NAME["uptime"], replace(a_run(), windows=120, answered=120)
    assert verdict(uptime, short).outcome is Outcome.NOT_MEASURED
    assert verdict(uptime, replace(short, answered=119)).outcome is Outcome.MISSED


def test_a_miss_counts_for_more_than_what_was_not_measured() -> None:
    nothing = verdicts(Evidence())
    assert exit_code(nothing) == exit_code([]) == 2
    assert exit_code([*nothing, *verdicts(with_calls(LOAD, "list", failures=1))]) == 1


@given(side=st.sampled_from(Side), low=st.integers(-3, 3), wide=st.integers(0, 3))
def test_met_is_what_is_wholly_within_its_bar_and_missed_what_is_wholly_without(
    side: Side, low: int, wide: int
) -> None:
    holding: dict[Side, Callable[[float], bool]] = {
        Side.BELOW: lambda value: value < 0,
        Side.AT_MOST: lambda value: value <= 0,
        Side.ABOVE: lambda value: value > 0,
        Side.FROM: lambda value: value >= 0,
    }
    holds = holding[side]
    target = replace(TARGETS[0], side=side, bar=0.0)
    within = {holds(value) for value in range(low, low + wide + 1)}
    expected = Outcome.NOT_MEASURED if len(within) > 1 else Outcome.MET if True in within else Outcome.MISSED
    assert outcome(target, Figure(value=low, low=low, high=low + wide)) is expected


def test_targets_have_names_of_their_own() -> None:
    assert len(BY_NAME) == len(TARGETS)
    assert all(isinstance(target, Target) for target in TARGETS)
