"""A short one: every actor dies twice while a few users go on. Its bar leaves room for a machine that is used up."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.deaths import options, run
from tests.servers.valkey import valkey


@pytest.mark.timeout(180)
@pytest.mark.parametrize("ground", [(), ("--database=postgres", "--redis")])
def test_no_user_notices_and_each_job_is_settled_once_while_every_actor_dies_twice(ground: tuple[str, ...]) -> None:
    parser = ArgumentParser()
    with valkey():
        options(parser)
    result = run(parser.parse_args(["--users=10", "--duration=18s", "--every=8", "--uptime=90", *ground]))
    assert result.broken == []
    assert result.numbers["failures"] == 0
    assert min(result.numbers["restarts"].values()) >= 2
    assert result.numbers["ends"] == {"completed": result.numbers["acknowledged"]}
