"""Makes durable what somebody waits for: commands (submits, cancels, chunks) and outcomes (pages), many a transaction.

The two are served in turn, so that pages cannot starve submits. What is in hand when a persister dies is done again by
its successor, a bounded number of times: the store makes a repetition harmless.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from engine.errors import RefusedDataError, StoreDamagedError, StoreError, TransientStoreError
from engine.jobs.command import Command, Submit, ended_by
from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.outcome import ErrorType, Failure
from engine.jobs.ports import ROOM_PAUSE_S, Answer, JobStore
from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Failed, Settlement
from engine.runtime import Actor, Ask, Mailbox, any_ready, any_ripe

BATCH = 256
"""Messages a transaction."""
BATCH_BYTES = 4 * 1024 * 1024
"""What they carry, or one: on its way to the disk each byte is there several times."""
LINGER_S = 0.02
"""How long outcomes wait for others when no command waits; measured: perf/scenarios/engine_vs_bare.

Commands wait as long as the last commit of such took, at most this: no longer than the commit that it may save.
"""
TRIES = 3
"""How often one batch may meet the death of a persister."""

T = TypeVar("T")


@dataclass(slots=True)
class Hand:
    """A persister's batch, kept by the system, so that it outlives the persister."""

    commands: list[Ask[Command, Answer]] = field(default_factory=list)
    outcomes: list[Settlement] = field(default_factory=list)
    deaths: int = 0

    async def after_death(self, *, store: JobStore, ledger: Ledger) -> None:
        """Keeps the batch for the successor, or lets go of it when too many died over it."""
        self.deaths += 1
        if self.deaths > TRIES:
            await self._let_go(store, ledger)

    async def _let_go(self, store: JobStore, ledger: Ledger) -> None:
        for ask in self.commands:
            ask.fail(StoreError("the store failed again and again; it is not known whether this was kept"))
        leases = [settlement.lease for settlement in self.outcomes]
        again = [lease for lease in leases if lease.request.may_repeat]
        never = [lease for lease in leases if not lease.request.may_repeat]
        self.commands, self.outcomes, self.deaths = [], [], 0
        for lease in again:
            ledger.leave(lease)
        for lease in never:
            ledger.cast_off(lease)  # should the store not take it back, it stays noted as sent
        await store.give_back(again)
        await store.give_back(never, lost=True)
        for lease in never:
            ledger.leave(lease)


class Witness(Protocol):
    """Is told of each batch that was settled; may make the persister wait, must not raise."""

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None: ...


class Persister(Actor):
    """Ends when both its mailboxes do."""

    def __init__(
        self,
        *,
        store: JobStore,
        commands: Mailbox[Ask[Command, Answer]],
        outcomes: Mailbox[Settlement],
        hand: Hand,
        ledger: Ledger,
        witness: Witness,
    ) -> None:
        self._store = store
        self._commands = commands
        self._outcomes = outcomes
        self._hand = hand
        self._ledger = ledger
        self._witness = witness
        self._askers = 0
        self._took_s = 0.0

    async def run(self) -> None:
        await self._serve(self._hand.commands)
        while self._hand.outcomes or await any_ready(self._commands, self._outcomes):
            await self._linger()
            await self._serve(self._commands.take_now(BATCH, BATCH_BYTES))
            await self._keep()
            self._hand.deaths = 0

    async def _linger(self) -> None:
        """A larger transaction: for commands, while those who were answered by the last may come back with another.

        For pages, until somebody waits for a command or no lease is left to wait for.
        """
        awaited = min(BATCH, len(self._ledger))
        if self._commands.depth:
            await self._commands.ripe(min(BATCH, self._askers), min(self._took_s, LINGER_S))
        elif self._outcomes.depth < awaited and not self._outcomes.is_closed:
            await any_ripe({self._commands: 1, self._outcomes: awaited}, LINGER_S)

    async def _serve(self, asks: list[Ask[Command, Answer]]) -> None:
        """What was left behind is another batch: the next need not be larger than this."""
        self._hand.commands = asks
        is_full = self._commands.depth > 0
        waiting = [ask for ask in asks if ask.is_open]
        if waiting:
            began = asyncio.get_running_loop().time()
            await self._commit(waiting)
            self._took_s = asyncio.get_running_loop().time() - began
            self._askers = len(waiting) + (0 if is_full else self._commands.depth)
        self._hand.commands = []

    async def _commit(self, asks: Sequence[Ask[Command, Answer]]) -> None:
        try:
            answers = await self._store.commit([ask.request for ask in asks])
        except RefusedDataError as refused:
            if len(asks) == 1:
                asks[0].fail(refused)
                return
            for half in _halves(asks):
                await self._commit(half)
        except (TransientStoreError, StoreDamagedError) as trouble:
            for ask in asks:
                ask.fail(trouble)
        else:
            for ask, answer in zip(asks, answers, strict=True):
                ask.answer(answer)
                if not isinstance(ask.request, Submit):
                    self._abort(ended_by(ask.request, answer))

    def _abort(self, job_ids: Iterable[str]) -> None:
        for job_id in job_ids:
            self._ledger.abort(job_id, "the job was cancelled")

    async def _keep(self) -> None:
        """Settles a batch of outcomes. A trouble that passes leaves it in hand; over a damaged file it is let go.

        Of what a predecessor left, that which it had settled has left the ledger. What comes too late goes to the store
        like all others: it refuses it, and who counts hears of it.
        """
        left = [settlement for settlement in self._hand.outcomes if self._is_ours(settlement.lease)]
        self._hand.outcomes = left or self._outcomes.take_now(BATCH, BATCH_BYTES)
        try:
            if self._hand.outcomes:
                await self._settle(self._hand.outcomes)
        except TransientStoreError:
            await self._wait_a_while()
            return
        except StoreDamagedError:
            for settlement in self._hand.outcomes:
                self._ledger.leave(settlement.lease)
        self._hand.outcomes = []

    def _is_ours(self, lease: Lease) -> bool:
        """What is not is dropped, and what it weighs with it."""
        if self._ledger.holds(lease):
            return True
        self._ledger.leave(lease)
        return False

    async def _wait_a_while(self) -> None:
        """Commands are served meanwhile."""
        if self._commands.is_drained:
            await asyncio.sleep(ROOM_PAUSE_S)
        else:
            await any_ready(self._commands, timeout_s=ROOM_PAUSE_S)

    async def _settle(self, settlements: Sequence[Settlement]) -> None:
        try:
            ends = await self._store.settle(settlements)
        except RefusedDataError as refused:
            if len(settlements) == 1:
                await self._fail(settlements[0], refused)
                return
            for half in _halves(settlements):
                await self._settle(half)
        else:
            for settlement in settlements:
                self._ledger.leave(settlement.lease)
            await self._witness.settled(settlements, ends)

    async def _fail(self, settlement: Settlement, refused: RefusedDataError) -> None:
        """If the database refuses even that, the lease runs out, which counts a loss: too many of them are an end."""
        lease, failure = settlement.lease, [_unstorable(settlement, refused)]
        try:
            ends = await self._store.settle(failure)
        except RefusedDataError:
            self._hand.outcomes = [each for each in self._hand.outcomes if each is not settlement]
            self._ledger.cast_off(lease)
            ends = [Settled(accepted=False, status=Status.RUNNING)]
        else:
            self._ledger.leave(lease)
        await self._witness.settled(failure, ends)


def _unstorable(settlement: Settlement, refused: RefusedDataError) -> Settlement:
    """A page that the database refuses fails its job, and no other."""
    message = f"the page cannot be stored: {refused}"
    elapsed_s = settlement.outcome.elapsed_s
    failure = Failure(error_type=ErrorType.INTERNAL, message=message, may_have_left=True, elapsed_s=elapsed_s)
    verdict = Failed(error_type=ErrorType.INTERNAL, message=message)
    return Settlement(lease=settlement.lease, outcome=failure, verdict=verdict)


def _halves(row: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    middle = len(row) // 2
    return row[:middle], row[middle:]
