from argparse import ArgumentParser

import pytest

from perf.load.options import options, seconds_of


def test_a_duration_is_read_in_any_unit() -> None:
    assert [seconds_of(text) for text in ("90", "60s", "10m", "1h30m", "1m5s")] == [90, 60, 600, 5400, 65]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--duration=0s"],
        ["--duration=m"],
        ["--duration=5 m"],
        ["--users=0"],
        ["--users=many"],
        ["--spawn-rate=0"],
        ["--spawn-rate=nan"],
        ["--scenario=calm"],
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_starts(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = ArgumentParser()
    options(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(wrong)
    assert wrong[0].split("=")[0] in capsys.readouterr().err
