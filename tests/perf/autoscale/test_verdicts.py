"""A record that is as promised, and what is wrong with each that is not."""

from dataclasses import replace

import pytest

from perf.autoscale.controller import Decision
from perf.autoscale.manifest import Select
from perf.autoscale.record import Account, Moment, Phase, Record, Standing
from perf.autoscale.verdicts import broken, called_for, directions, first_up_s
from tests.perf.autoscale.manifests import a_scaler, percent, pods, rules

SCALER = a_scaler(
    up=rules(percent(100, 30), pods(4, 30), window_s=15),
    down=rules(percent(50, 60), pods(2, 60), window_s=60, select=Select.MIN),
)
WELL = Account(acknowledged=9, lost=0, open=0, failed=0, completed=9, listed=9, counted=9, site_missed=0, site_again=0)


def a_record(*steps: tuple[float, int, int], spike_s: float = 0.0, account: Account = WELL) -> Record:
    """Decisions as when, what was asked for, what was told; it begins with one worker."""
    record, current = Record(account=account), 1
    for at_s, asked, replicas in steps:
        record.decisions.append(Decision(at_s=at_s, current=current, asked=asked, stable=asked, replicas=replicas))
        current = replicas
        standing = Standing(wanted=replicas, ready=replicas, value=60.0 * asked)
        record.moments.append(Moment(at_s=at_s, standing=standing, submitted=9, queued=0, running=0, submit_ms=1.0))
    record.phases.append(Phase(name="spike", began_s=spike_s, ended_s=999.0, is_over=True))
    return record


def judged(record: Record, *, test: str = "full") -> list[str]:
    return broken(record, test=test, scaler=SCALER, speed=1)


UP_AND_DOWN = ((0, 0, 1), (30, 7, 5), (60, 10, 10), (75, 8, 10), (150, 3, 8), (210, 3, 6), (270, 3, 4), (330, 1, 3))


def test_a_spike_that_is_followed_up_and_down_is_as_promised() -> None:
    record = a_record(*UP_AND_DOWN)
    assert judged(record) == []
    assert directions(record) == 2
    assert first_up_s(record, record.phases[0]) == 30
    assert called_for(record, record.phases[0]) == 7


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        (((0, 9, 1), (30, 9, 6)), "1 became 6 after 30 s: no policy allows that"),
        (((0, 9, 1), (30, 9, 5), (45, 9, 7)), "5 became 7 after 45 s: no policy allows that"),
        (((0, 9, 1), (30, 9, 5), (60, 5, 5), (120, 2, 2)), "5 became 2 after 120 s: no policy allows that"),
        (((0, 9, 1), (30, 9, 5), (60, 4, 4)), "5 became 4 at 60 s, within the window"),
        (((0, 9, 1), (61, 9, 5)), "spike: no worker more within 60 s"),
        (((0, 9, 1),), "spike: no worker more within 60 s"),
        (((0, 11, 1), (30, 11, 5), (60, 11, 10), (90, 11, 11)), "there were 1 to 11 replicas"),
    ],
)
def test_what_went_too_far_or_too_late_or_too_early_is_told(
    steps: tuple[tuple[float, int, int], ...], complaint: str
) -> None:
    assert complaint in judged(a_record(*steps))


def test_what_was_seen_and_not_decided_is_judged_with_patience() -> None:
    seen = a_record((0, 9, 1), (30, 9, 5), (55, 9, 10))
    assert judged(seen) == ["5 became 10 after 55 s: no policy allows that"]
    seen.decisions.clear()
    assert judged(seen) == []
    jumped = a_record((0, 9, 1), (30, 9, 6))
    jumped.decisions.clear()
    assert judged(jumped) == ["1 became 6 after 30 s: no policy allows that"]


def test_more_turns_than_spikes_call_for_are_flapping() -> None:
    record = a_record(*UP_AND_DOWN, (430, 4, 4), (550, 1, 3))
    assert judged(record) == []
    assert judged(record, test="scale-up") == ["replicas set out 4 times, up or down: 1 were called for"]


def test_a_worker_more_in_a_quiet_phase_is_told() -> None:
    record = a_record((0, 2, 2))
    record.phases.append(Phase(name="polite", began_s=0.0, ended_s=30.0, is_over=True))
    assert "polite: the replicas changed" in judged(record)


def test_a_phase_that_did_not_end_and_a_pod_that_did_not_are_told() -> None:
    record = a_record(*UP_AND_DOWN)
    record.phases.append(Phase(name="calm", began_s=400.0, ended_s=900.0, is_over=False))
    record.faults.append("process 7 did not stop")
    assert judged(record) == ["process 7 did not stop", "calm did not come to its end"]


@pytest.mark.parametrize(
    ("account", "complaint"),
    [
        (replace(WELL, lost=1), "1 acknowledged jobs are lost"),
        (replace(WELL, open=2), "2 are still open"),
        (replace(WELL, failed=3), "3 failed"),
        (replace(WELL, counted=10), "1 completions were counted more or less than once"),
        (replace(WELL, site_missed=4), "4 completed jobs never asked the site"),
    ],
)
def test_every_job_is_accounted_for(account: Account, complaint: str) -> None:
    assert judged(a_record(*UP_AND_DOWN, account=account)) == [complaint]
