from pathlib import Path

import pytest
import uvloop

from perf.kernels.jobs import make
from perf.kernels.kernel import NEED_JOBS, ROUNDS, kernel


@pytest.mark.parametrize("name", ROUNDS)
def test_every_kernel_does_its_rounds(name: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.db"
    if name in NEED_JOBS:
        make(100, file)

    async def rounds() -> None:
        await kernel(name).rounds(100, file)

    uvloop.run(rounds())


def test_a_kernel_without_its_jobs_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "jobs.db"
    make(50, file)

    async def rounds() -> None:
        await kernel("claim").rounds(100, file)

    with pytest.raises(ValueError, match="not so many jobs"):
        uvloop.run(rounds())
