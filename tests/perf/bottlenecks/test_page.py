from dataclasses import replace

import pytest

from perf.bottlenecks.analysis import Analysis
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.page import page
from perf.bottlenecks.ranking import ranked
from perf.report import Machine, Result
from tests.perf.bottlenecks.recordings import HEALTHY, all_recorded, recorded


def told(name: str, evidence: Evidence) -> str:
    analysis = Analysis(plant=name, evidence=evidence, findings=ranked(evidence), load_before=1.0)
    machine = Machine(cpu="a processor", cores=2, python="3.11", sqlite="3.40")
    result = Result(scenario="bottlenecks", settings={}, numbers={}, machine=machine, commit="c0ffee")
    return page(result, analysis)


@pytest.mark.parametrize("name", all_recorded())
def test_it_names_what_was_found_in_order_and_shows_what_that_rests_on(name: str) -> None:
    evidence = recorded(name)
    text = told(name, evidence)
    rows = [f"| {place} | {found.kind} |" for place, found in enumerate(ranked(evidence), 1)]
    assert [row in text for row in rows] == [True] * len(rows)
    assert all(f"| {query} |" in text for query in evidence.queries)
    assert all(f"\n- {line}" in text for line in evidence.unknown)
    assert ("Nothing is out of the ordinary" in text) is (rows == [])


def test_what_was_broken_off_and_what_was_not_pressed_say_so() -> None:
    assert "broken off" in told(HEALTHY, replace(recorded(HEALTHY), is_complete=False))
    assert "no more was asked" in told(HEALTHY, replace(recorded(HEALTHY), due=0.0))
