from perf.bottlenecks.calls import Calls
from perf.bottlenecks.figures import Figures
from perf.bottlenecks.gathering import Gathering
from perf.bottlenecks.look import Look

UNASKED = Calls(pid=None)
LIMITS = {"db_connection_pool_size": 2.0, "redis_connection_pool_size": 4.0}


def look(at: float, threads: dict[int, tuple[float, float]] | None = None, **values: float) -> Look:
    figures: Figures = {(name, frozenset()): value for name, value in {**LIMITS, **values}.items()}
    return Look(at=at, figures=figures, threads=threads)


def test_counters_count_from_the_first_look_to_the_last_and_gauges_on_the_average() -> None:
    gathering = Gathering(first=look(10.0, scraper_requests_total=100.0, job_queue_size=30.0))
    gathering.add(look(11.0, scraper_requests_total=130.0, job_queue_size=50.0))
    gathering.add(look(14.0, scraper_requests_total=140.0, job_queue_size=10.0))
    evidence = gathering.evidence(calls=UNASKED, is_complete=True)
    assert (evidence.window_s, evidence.pages, evidence.per_second, evidence.due) == (4.0, 40, 10.0, 30.0)


def test_the_loops_thread_is_told_apart_from_all_others_one_that_came_meanwhile_included() -> None:
    gathering = Gathering(first=look(0.0, {7: (1.0, 0.5), 9: (2.0, 0.0)}))
    gathering.add(look(10.0, {7: (6.0, 1.5), 9: (3.0, 2.0), 11: (1.0, 0.0)}))
    evidence = gathering.evidence(calls=UNASKED, is_complete=True)
    assert evidence.loop is not None
    assert evidence.others is not None
    assert (evidence.loop.cpu_part, evidence.loop.held_up_part) == (0.5, 0.1)
    assert (evidence.others.cpu_part, evidence.others.held_up_part) == (0.2, 0.2)


def test_a_pool_is_full_in_the_part_of_the_looks_that_found_nothing_free() -> None:
    gathering = Gathering(first=look(0.0, db_connection_pool_checked_out=2.0, redis_connection_pool_available=1.0))
    gathering.add(look(1.0, db_connection_pool_checked_out=1.0, redis_connection_pool_available=0.0))
    evidence = gathering.evidence(calls=UNASKED, is_complete=True)
    assert (evidence.database.size, evidence.database.used_mean, evidence.database.full_part) == (2.0, 1.5, 0.5)
    assert (evidence.redis.size, evidence.redis.full_part) == (4.0, 0.5)


def test_one_look_is_evidence_of_nothing() -> None:
    evidence = Gathering(first=look(5.0)).evidence(calls=UNASKED, is_complete=False)
    assert (evidence.window_s, evidence.pages, evidence.per_second, evidence.cpu_part) == (0.0, 0, 0.0, 0.0)
