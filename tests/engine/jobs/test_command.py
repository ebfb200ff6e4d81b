"""What a command ends, by its answer."""

import pytest

from engine.jobs.command import Cancel, CancelMany, Command, DeleteMany, Reached, Submit, ended_by
from engine.jobs.status import Status
from tests.engine.jobs.builders import a_job

PASSED_OVER = {"job_2": Status.CANCELLED, "job_3": None, "job_4": Status.RUNNING, "job_5": Status.QUEUED}


@pytest.mark.parametrize(
    ("command", "answer", "ended"),
    [
        (Submit(jobs=(a_job(),)), None, ()),
        (Cancel(job_id="job_1"), a_job().cancelled(now=1.0), ("job_1",)),
        (CancelMany(job_ids=("job_1",)), Reached(job_ids=("job_1",)), ("job_1",)),
        (DeleteMany(job_ids=()), Reached(job_ids=("job_1",), passed_over=PASSED_OVER), ("job_1", "job_2", "job_3")),
    ],
)
def test_a_fetch_goes_on_only_where_its_job_is_not_over(
    command: Command, answer: object, ended: tuple[str, ...]
) -> None:
    assert ended_by(command, answer) == ended
