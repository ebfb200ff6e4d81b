from argparse import ArgumentParser

import pytest

from perf.registry import SENTENCES, scenario


@pytest.mark.parametrize("name", SENTENCES)
def test_every_scenario_can_be_had_and_needs_no_option(name: str) -> None:
    parser = ArgumentParser()
    scenario(name).options(parser)
    parser.parse_args([])


def test_what_is_not_registered_cannot_be_run() -> None:
    with pytest.raises(KeyError):
        scenario("report")
