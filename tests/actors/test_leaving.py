from engine.jobs.backlog import Worker
from engine.jobs.outcome import Outcome
from tests.actors.stage import OWNER, Troubled, Unmoved, on_stage


class Measured(Unmoved):
    """Knows how fast it is."""

    def worker(self, owner: str) -> Worker | None:
        return Worker(owner=owner, slots=4, per_second=9.0, per_slot=2.0)


async def plain(_: str) -> Outcome | None:
    return None


async def test_who_leaves_is_not_counted_on_any_more() -> None:
    store = Troubled()
    async with on_stage(store, plain, instruments=Measured()) as stage:
        told = await stage.store.backlog(Worker(owner=OWNER, slots=4, per_second=9.0, per_slot=2.0))
        assert told.per_second == 9.0
    assert (await store.backlog()).per_second == 0.0
