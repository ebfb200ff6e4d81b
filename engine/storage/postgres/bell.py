"""What processes on one server tell each other: that work came or when it is due, which running jobs were cancelled.

Over a connection of its own, in both directions. A notification takes a lock of the whole database when it commits, so
what comes within a few milliseconds is told together. Where notifications cannot be had, behind a pooler that gives
each transaction another session, or while the connection is lost, the server is asked once a second.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf

import orjson
from asyncpg import Connection, Record

from engine.errors import StoreError
from engine.jobs.lease import Lease
from engine.runtime import Deadline, DeadlineExpired
from engine.storage.news import News
from engine.storage.postgres.arrays import columns
from engine.storage.postgres.faults import TRANSLATED
from engine.storage.postgres.leases import HELD
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.pool import Pool
from engine.storage.postgres.session import connected
from engine.storage.postgres.transaction import Transaction

WORK = "cfscraper_work"
DUE = "cfscraper_due"
ENDED = "cfscraper_ended"
NOTIFY = "SELECT pg_notify($1, $2)"
FINAL = "SELECT id FROM jobs WHERE id = ANY($1::text[]) AND completed_at IS NOT NULL"
AT_MOST_EVERY_S = 0.01
LOOK_EVERY_S = 0.25
"""For the end of jobs that somebody waits for, and never without one who waits."""
ASK_EVERY_S = 1.0
PROBE_EVERY_S = 15.0
"""A connection that is half open says nothing by itself."""
ANSWERS_WITHIN_S = 5.0
IDS_A_NOTE = 100
"""A notification holds 8,000 bytes."""
MOST_ABORTED = 10_000
"""Of more than that the oldest are told nobody: whoever fetches them hears of it when the lease is renewed."""

Held = Callable[[], Sequence[Lease]]
Ended = Callable[[Iterable[str]], object]


@dataclass(slots=True, kw_only=True)
class Tidings:
    """What the others do not know yet."""

    has_work: bool = False
    due_at: float = inf
    aborted: list[str] = field(default_factory=list)

    def add(self, more: "Tidings") -> None:
        self.has_work |= more.has_work
        self.due_at = min(self.due_at, more.due_at)
        self.aborted = (self.aborted + more.aborted)[-MOST_ABORTED:]

    def notes(self) -> Iterator[tuple[str, str]]:
        """Channels and payloads."""
        if self.has_work:
            yield WORK, ""
        if self.due_at < inf:
            yield DUE, str(self.due_at)
        for some in _in_pieces(self.aborted):
            yield ENDED, orjson.dumps(some).decode()


class Bell:
    """One in a process; `attend` is somebody's whole work."""

    def __init__(
        self, *, url: str | None, limits: PoolLimits, pool: Pool, news: News, say: Callable[[str], None]
    ) -> None:
        """`url` leads to the server itself; None if it can only be reached through a pooler.

        `say` is told why, once each time that notifications are no longer heard.
        """
        self._url = url
        self._limits = limits
        self._pool = pool
        self._news = news
        self._say = say
        self._is_deaf = False
        self._probed_at = 0.0
        self._rung = asyncio.Event()
        self._tidings = Tidings()

    def ring(self, transaction: Transaction) -> None:
        """After its commit, for the others."""
        if self._url is not None and (transaction.has_work or transaction.has_scheduled or transaction.aborted):
            due_at = transaction.due_at if transaction.has_scheduled else inf
            self._tidings.add(Tidings(has_work=transaction.has_work, due_at=due_at, aborted=transaction.aborted))
            self._rung.set()

    async def attend(self, *, held: Held, ended: Ended) -> None:
        """Tells and hears until it is cancelled; `ended` is told which jobs nobody need fetch any more."""
        while True:
            if self._url is not None:
                await self._listen_while_it_lasts(self._url, ended)
            with suppress(StoreError), TRANSLATED:
                await self._ask(held, ended)
            await asyncio.sleep(ASK_EVERY_S)

    async def _listen_while_it_lasts(self, url: str, ended: Ended) -> None:
        why = "the connection was closed"
        try:
            with TRANSLATED:
                await self._listen(url, ended)
        except StoreError as trouble:
            why = str(trouble)
        except DeadlineExpired:
            why = "the server does not answer"
        if not self._is_deaf:
            self._is_deaf = True
            self._say(why)

    async def _listen(self, url: str, ended: Ended) -> None:
        connection = await connected(url, self._limits)
        try:
            await self._subscribe(connection, ended)
            self._news.work_came()  # nobody told of what came before
            while not connection.is_closed():
                await self._waits()
                await self._tell(connection)
                await self._probe(connection)
                await self._look()
                await asyncio.sleep(AT_MOST_EVERY_S)
        finally:
            connection.terminate()

    async def _subscribe(self, connection: "Connection[Record]", ended: Ended) -> None:
        ours = connection.get_server_pid()

        def heard(_: object, pid: int, channel: str, payload: object) -> None:
            if pid == ours:
                return
            if channel == WORK:
                self._news.work_came()
            elif channel == DUE:
                self._news.scheduled(float(str(payload)))
            else:
                ended(orjson.loads(str(payload)))

        for channel in (WORK, DUE, ENDED):
            await connection.add_listener(channel, heard)
        self._is_deaf = False
        self._probed_at = asyncio.get_running_loop().time()

    async def _waits(self) -> None:
        """Until there is something to tell, or it is time to look again."""
        with suppress(DeadlineExpired), Deadline(LOOK_EVERY_S if self._news.awaited else ASK_EVERY_S):
            await self._rung.wait()

    async def _tell(self, connection: "Connection[Record]") -> None:
        """What could not be told is told over the next connection."""
        self._rung.clear()
        tidings, self._tidings = self._tidings, Tidings()
        is_told = False
        try:
            with Deadline(self._limits.statement_s):
                for channel, payload in tidings.notes():
                    await connection.execute(NOTIFY, channel, payload)
            is_told = True
        finally:
            if not is_told:
                self._tidings.add(tidings)

    async def _probe(self, connection: "Connection[Record]") -> None:
        now = asyncio.get_running_loop().time()
        if now - self._probed_at >= PROBE_EVERY_S:
            with Deadline(ANSWERS_WITHIN_S):
                await connection.execute("SELECT 1")
            self._probed_at = now

    async def _look(self) -> None:
        """For the end of what somebody waits for here and somebody else fetches."""
        if waited := self._news.awaited:
            async with self._pool.connection() as connection:
                self._news.ended([job_id for (job_id,) in await connection.fetch(FINAL, list(waited))])

    async def _ask(self, held: Held, ended: Ended) -> None:
        """What nobody could tell us."""
        self._news.work_came()
        self._news.scheduled(0.0)
        await self._look()
        if leases := held():
            keys = columns(sorted(lease.key for lease in leases))
            async with self._pool.connection() as connection:
                ours = {job_id for job_id, _ in await connection.fetch(HELD, *keys)}
            ended([lease.job_id for lease in leases if lease.job_id not in ours])


def _in_pieces(job_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(job_ids), IDS_A_NOTE):
        yield job_ids[start : start + IDS_A_NOTE]
