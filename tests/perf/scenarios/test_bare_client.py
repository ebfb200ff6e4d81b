import os
from argparse import ArgumentParser

from perf.origin.server import serving
from perf.scenarios.bare_client import measure, measure_apart, options, promised_bytes, run

CPUS = sorted(os.sched_getaffinity(0))


async def test_the_bare_client_fetches_every_page_once_whole() -> None:
    async with serving() as origin:
        promised = await promised_bytes(origin=origin, pages=50)
        here = await measure(origin=origin, pages=50, concurrency=8)
        apart = await measure_apart(origin=origin, pages=50, concurrency=8, cpu=CPUS[0])
    assert here.body_bytes == apart.body_bytes == promised
    assert (apart.pages, apart.concurrency) == (50, 8)
    assert apart.pages_per_s > 0


def test_a_run_measures_round_after_round_against_an_origin_of_its_own() -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args(["--rounds=2", "--pages=20", f"--client-cpu={CPUS[0]}", f"--origin-cpu={CPUS[-1]}"]))
    numbers = result.numbers
    assert (result.scenario, result.settings["pages"], result.settings["rounds"]) == ("bare_client", 20, 2)
    assert numbers["pages_per_s_least"] <= numbers["pages_per_s"] <= numbers["pages_per_s_most"]
    assert [each["pages"] for each in numbers["rounds"]] == [20, 20]
