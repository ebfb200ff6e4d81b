"""The command line: a promise that did not hold is an exit code."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from perf import __main__ as command
from perf.report import Result


class Scenario:
    def __init__(self, *broken: str) -> None:
        self._broken = broken

    def options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--n", type=int)

    def run(self, args: Namespace) -> Result:
        return Result(scenario="crash", settings=vars(args), numbers={"lost": args.n}, broken=self._broken)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    results: list[Result] = []

    def write(result: Result) -> Path:
        results.append(result)
        return Path("result.json")

    monkeypatch.setattr(command, "written", write)
    return results


def test_a_run_whose_promise_did_not_hold_is_written_and_ends_with_what_broke(
    monkeypatch: pytest.MonkeyPatch, written: list[Result]
) -> None:
    monkeypatch.setattr(command, "scenario", lambda _: Scenario("2 lost"))
    with pytest.raises(SystemExit, match="2 lost"):
        command.main(["run", "crash", "--n=2"])
    assert [result.numbers["lost"] for result in written] == [2]


def test_a_run_whose_promises_held_ends_well(monkeypatch: pytest.MonkeyPatch, written: list[Result]) -> None:
    monkeypatch.setattr(command, "scenario", lambda _: Scenario())
    command.main(["run", "crash", "--n=0"])
    assert len(written) == 1
