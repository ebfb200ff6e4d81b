"""Two processes restarted under load, once each; short, for it is the way that is tested and not the speed."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.rolling import options, run

FEW = ["--roles", "all", "all", "--rounds=1", "--clients=6", "--between=0.5", "--ready-bar=60", "--exit-bar=60"]


@pytest.mark.timeout(180)
def test_no_request_fails_and_no_job_is_lost() -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args(FEW))
    assert result.broken == []
    assert result.numbers["restarts"] == 2
    assert result.numbers["failed"] == result.numbers["lost"] == result.numbers["doubled"] == 0
    assert result.numbers["sent_late"] > 0
    assert result.numbers["acknowledged"] == result.numbers["ends"]["completed"] > 100
