"""A simulation that finds nothing proves nothing: it must find each of these bugs, and soon."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.simulation.planted import (
    ForgetfulSystem,
    HastySystem,
    MiserlySystem,
    forgetting_credits,
    without_fences,
)
from tests.simulation.small import SmallSystem
from tests.simulation.world import Violation, simulate

Planting = Callable[[], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("system", "planting", "within_seeds", "complaint"),
    [
        pytest.param(
            SmallSystem,
            without_fences,
            300,
            "move|final state|attempts|accepted",
            id="no fencing check",
            marks=pytest.mark.timeout(240),  # it takes a late settle, which few stories have
        ),
        pytest.param(HastySystem, nullcontext, 2, "acknowledged and is not in the file", id="an answer too early"),
        pytest.param(ForgetfulSystem, nullcontext, 30, "still, after", id="a lease that is not given back"),
        pytest.param(
            SmallSystem, forgetting_credits, 30, "bytes of memory|is stuck", id="credits that are not given back"
        ),
        pytest.param(MiserlySystem, nullcontext, 30, "places of outcomes", id="bytes that are not given back"),
    ],
)
def test_a_planted_bug_is_found(
    system: type[SmallSystem], planting: Planting, within_seeds: int, complaint: str
) -> None:
    with planting(), pytest.raises(Violation, match=complaint):
        _simulate_all(range(within_seeds), system)


def _simulate_all(seeds: range, system: type[SmallSystem]) -> None:
    for seed in seeds:
        simulate(seed, system)
