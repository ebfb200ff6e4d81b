from dataclasses import replace

import pytest

from engine.jobs.bottleneck import Bottleneck
from perf.bottlenecks.evidence import Evidence, Pool, Stack, Threads, Timing
from perf.bottlenecks.plants import PLANTS
from perf.bottlenecks.ranking import ranked
from tests.perf.bottlenecks.recordings import HEALTHY, all_recorded, recorded

KEPT_BUSY = Threads(cpu_part=0.2, held_up_part=0.8)
SICK = sorted(PLANTS.keys() - {HEALTHY})


def test_of_each_plant_there_is_a_recording() -> None:
    assert set(PLANTS) <= set(all_recorded())


@pytest.mark.parametrize("name", SICK)
def test_what_was_planted_is_found_first_and_said_with_figures(name: str) -> None:
    first, *others = ranked(recorded(name))
    assert first.kind == name
    assert any(letter.isdigit() for letter in first.why)
    assert first.change
    assert all(0 < other.share <= first.share <= 1 for other in others)


@pytest.mark.parametrize("name", [name for name in all_recorded() if name.startswith(HEALTHY)])
def test_nothing_is_found_in_a_healthy_service_at_the_end_of_its_processor(name: str) -> None:
    evidence = recorded(name)
    assert evidence.pages > 100
    assert ranked(evidence) == ()


@pytest.mark.parametrize("name", all_recorded())
def test_nothing_is_held_back_where_no_more_is_asked_than_gets_done(name: str) -> None:
    assert ranked(replace(recorded(name), due=0.0)) == ()


@pytest.mark.parametrize("name", [Bottleneck.BLOCKING_CALL, Bottleneck.SLOW_ORIGIN])
def test_the_same_waits_are_no_fault_of_whoever_runs_all_the_time(name: str) -> None:
    """The figures of a process that others keep from the processor look alike, but for this."""
    evidence = recorded(name)
    assert ranked(replace(evidence, loop=KEPT_BUSY, loop_calls={"running": 1.0})) == ()


def test_a_slow_disk_is_told_by_who_sleeps_in_it_however_busy_the_machine_is() -> None:
    evidence = replace(recorded(Bottleneck.SLOW_DISK), loop=KEPT_BUSY)
    assert ranked(evidence)[0].kind == Bottleneck.SLOW_DISK
    assert ranked(replace(evidence, others_calls={"a poll of its own": 1.0})) == ()


def test_a_blocked_loop_is_told_by_its_lateness_where_the_kernel_was_not_asked() -> None:
    late = Timing(count=10, total_s=0.6, p10_s=0.01, p50_s=0.05, p95_s=0.1)
    evidence = replace(unasked(recorded(Bottleneck.BLOCKING_CALL)), lag=late)
    assert ranked(evidence)[0].kind == Bottleneck.BLOCKING_CALL


@pytest.mark.parametrize("name", [Bottleneck.SLOW_ORIGIN, Bottleneck.SLOW_DISK])
def test_what_is_waited_for_is_found_without_the_kernel_too_where_a_processor_was_free(name: str) -> None:
    assert ranked(unasked(recorded(name)))[0].kind == name
    assert ranked(replace(unasked(recorded(name)), machine_cpu_part=1.0)) == ()


@pytest.mark.parametrize("name", [name for name in all_recorded() if name.startswith(HEALTHY)])
def test_a_machine_that_others_use_up_is_not_taken_for_a_fault(name: str) -> None:
    assert ranked(replace(unasked(recorded(name)), machine_cpu_part=0.98)) == ()


def unasked(evidence: Evidence) -> Evidence:
    """On a machine with much to spare."""
    return replace(evidence, loop=None, others=None, loop_calls={}, machine_cpu_part=0.1)


def test_a_wait_for_the_interpreters_lock_is_no_blocking_call_while_others_run() -> None:
    evidence = recorded(HEALTHY)
    assert evidence.others is not None
    waits = {"a lock": 0.4, "running": 0.5, "epoll": 0.1}
    assert ranked(replace(evidence, loop_calls=waits, others=replace(evidence.others, cpu_part=0.4))) == ()
    (found, *_) = ranked(replace(evidence, loop_calls=waits, others=Threads(cpu_part=0.01, held_up_part=0.0)))
    assert (found.kind, "hangs in a lock" in found.why) == (Bottleneck.BLOCKING_CALL, True)


@pytest.mark.parametrize("name", [Bottleneck.SLOW_QUERY])
def test_a_slow_query_is_told_by_its_time_alone_where_no_plan_is_to_be_had(name: str) -> None:
    evidence = recorded(name)
    claim = replace(evidence.query("claim"), total_s=0.9 * evidence.window_s, count=10)
    others = {query: Timing(count=10, total_s=0.1) for query in evidence.queries}
    (found, *_) = ranked(replace(evidence, plans=(), queries={**others, "claim": claim}))
    assert (found.kind, "--database-url" in found.change) == (name, True)


def test_where_there_is_a_profile_it_says_where_the_loop_stood() -> None:
    seen = (
        Stack(frames="MainThread;runner:main;fetcher:run;fetcher:parse", part=0.5),
        Stack(frames="MainThread;runner:main", part=0.1),
        Stack(frames="write_0;writer:transact", part=0.4),
    )
    (first, *_) = ranked(replace(recorded(Bottleneck.BLOCKING_CALL), stacks=seen))
    assert "most often in fetcher:run > fetcher:parse" in first.why


def healthy(**changes: object) -> Evidence:
    return replace(recorded(HEALTHY), **changes)  # type: ignore[arg-type]


def test_waits_for_memory_pauses_of_the_collector_and_a_full_redis_pool_are_found_too() -> None:
    evidence = recorded(HEALTHY)
    waits = {**evidence.stages, "memory": Timing(count=10, total_s=1e4)}
    pauses = Timing(count=100, total_s=evidence.window_s / 2)
    full = Pool(size=2, used_mean=2, full_part=1.0)
    found = ranked(healthy(stages=waits, garbage=pauses, redis=full))
    assert {each.kind for each in found} == {Bottleneck.MEMORY, Bottleneck.GARBAGE, Bottleneck.REDIS_POOL}
