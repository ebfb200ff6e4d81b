"""Takes over what processes of this machine leave that die beside this one."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from engine.runtime import Call
from engine.storage.hands import orphans
from engine.storage.postgres.store import PostgresStore


class LocalHeir:
    """Of what stands in one folder; `wall` is the time of its files, `look` runs what reads them."""

    def __init__(
        self,
        *,
        store: PostgresStore,
        folder: Path,
        look: Call,
        wall: Callable[[], float],
        tell: Callable[[Mapping[str, int]], None],
    ) -> None:
        """`tell` hears how many jobs met which fate, if there were any."""
        self._store = store
        self._folder = folder
        self._look = look
        self._wall = wall
        self._tell = tell

    async def take_over(self) -> None:
        fates: Counter[str] = Counter()
        with closing(orphans(self._folder, now=self._wall())) as found:
            while (orphan := await self._look(lambda: next(found, None))) is not None:
                fates.update(await self._store.recover(orphan))
        if fates:
            self._tell(fates)
