"""Suspects and others that have not ended are told apart."""

from pathlib import Path

from engine.jobs.losses import SUSPECT_AFTER
from perf.torture.unsettled import unsettled
from tests.contracts.jobs import claim, done, new_job, settle, submit
from tests.contracts.stores import Hand, sqlite


async def test_suspects_are_told_from_others_and_neither_counts_when_it_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    async with sqlite(tmp_path, Hand()) as store:
        await submit(store, new_job(0), new_job(1))
        for _ in range(SUSPECT_AFTER):
            await store.give_back(await claim(store), lost=True)
        await submit(store, new_job(2), new_job(3), new_job(4))
        await settle(store, done((await claim(store, 1))[0]))
        assert (unsettled(path, suspects=True), unsettled(path, suspects=False)) == (2, 2)
