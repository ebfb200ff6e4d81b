"""The JobStore port for who has nobody to tell: what passes is waited for, and in a damaged file nothing is done again.

So neither uses up restarts: work goes on by itself when a full disk has room, or a server is back; over a damaged file
it rests.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from engine.errors import StoreDamagedError, StoreError, TransientStoreError
from engine.jobs.ports import ROOM_PAUSE_S, JobStore

P = ParamSpec("P")
T = TypeVar("T")
Act = Callable[P, Coroutine[Any, Any, T]]


class PatientStore:
    """Stands before any store. Commits and settles raise as before: whoever asks for these can tell or go on.

    So do figures: whoever shows them has others to show.
    """

    def __init__(self, *, store: JobStore, tell: Callable[[StoreError], None]) -> None:
        """`tell` is told once when a call begins to wait."""
        self._tell = tell
        self.claim = self._while_sound(self._while_away(store.claim))
        self.renew = self._while_sound(self._while_away(store.renew))
        self.rescue = self._while_sound(self._while_away(store.rescue))
        self.promote = self._while_sound(self._while_away(store.promote))
        self.tidy = self._while_sound(self._while_away(store.tidy))
        self.queue = self._told(store.queue)
        self.give_back = self._while_away(store.give_back)
        self.put_off = self._while_away(store.put_off)
        self.release = self._while_away(store.release)
        self.has_due = store.has_due
        self.commit = store.commit
        self.settle = store.settle
        self.get = store.get
        self.result = store.result
        self.explain = store.explain
        self.find = store.find
        self.batch = store.batch
        self.backlog = store.backlog
        self.counts = store.counts
        self.stats = store.stats
        self.wait_for_work = store.wait_for_work
        self.wait_until_final = store.wait_until_final
        self.body = store.body
        self.close = store.close

    def _told(self, act: Act[P, T]) -> Act[P, T]:
        """Once while it goes on."""
        is_told = False

        @wraps(act)
        async def done(*args: P.args, **kwargs: P.kwargs) -> T:
            nonlocal is_told
            try:
                answer = await act(*args, **kwargs)
            except (TransientStoreError, StoreDamagedError) as trouble:
                if not is_told:
                    self._tell(trouble)
                is_told = True
                raise
            is_told = False
            return answer

        return done

    def _while_away(self, act: Act[P, T]) -> Act[P, T]:
        @wraps(act)
        async def done(*args: P.args, **kwargs: P.kwargs) -> T:
            is_told = False
            while True:
                try:
                    return await act(*args, **kwargs)
                except TransientStoreError as trouble:
                    if not is_told:
                        self._tell(trouble)
                    is_told = True
                    await asyncio.sleep(ROOM_PAUSE_S)

        return done

    def _while_sound(self, act: Act[P, T]) -> Act[P, T]:
        @wraps(act)
        async def done(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return await act(*args, **kwargs)
            except StoreDamagedError as damaged:
                self._tell(damaged)
                await asyncio.get_running_loop().create_future()  # until who asked is cancelled
                raise

        return done
