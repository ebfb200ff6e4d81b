import os
from argparse import ArgumentParser

import pytest

from perf.scenarios.engine_vs_bare import options, resolved, run

CPUS = sorted(os.sched_getaffinity(0))


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_both_sides_fetch_all_pages_and_a_ratio_below_the_bar_is_told(database: str) -> None:
    parser = ArgumentParser()
    options(parser)
    told = ["--rounds=2", "--pages=30", f"--client-cpu={CPUS[0]}", f"--origin-cpu={CPUS[-1]}"]
    args = parser.parse_args([*told, f"--database={database}", "--bar=1000"])
    result = run(args)
    numbers = result.numbers
    assert [each["pages"] for each in numbers["engine_rounds"] + numbers["bare_rounds"]] == [30] * 4
    assert all(each["body_bytes"] > 0 for each in numbers["bare_rounds"])
    assert numbers["ratio_least"] <= numbers["ratio"] <= numbers["ratio_most"]
    assert result.broken == [f"it reaches {numbers['ratio']} of the bare client by the clock, less than 1000.0"]


@pytest.mark.parametrize(("told", "pages"), [([], 2000), (["--database=postgres"], 8000), (["--pages=30"], 30)])
def test_a_server_is_measured_by_more_pages_unless_told(told: list[str], pages: int) -> None:
    parser = ArgumentParser()
    options(parser)
    assert resolved(parser.parse_args(told)).pages == pages
