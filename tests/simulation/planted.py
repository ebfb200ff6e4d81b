"""Bugs put in on purpose: each breaks a promise that the simulation must see broken."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from actors.fetcher import Fetcher
from actors.persister import Hand, Persister
from engine.jobs.command import Command, Submit
from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.ports import Answer
from engine.runtime import Ask, Mailbox
from engine.storage.sqlite import settles
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction
from engine.storage.standing import Standing
from tests.simulation.small import SmallSystem


class UnfencedStanding(Standing):
    """Whoever comes may settle."""

    __slots__ = ()

    def holds(self, lease: Lease) -> bool:  # noqa: ARG002 - that is the bug
        return True


def _unfenced(statement: str) -> str:
    return statement.partition(" AND jobs.fence = ")[0]


@contextmanager
def without_fences() -> Iterator[None]:
    """A settle looks neither at the fence nor at the status."""

    def found(transaction: Transaction, job_ids: Iterable[str]) -> dict[str, UnfencedStanding]:
        return {job_id: UnfencedStanding(*row) for job_id, row in standings(transaction, job_ids).items()}

    any_lease = replace(settles.SETTLE, text=_unfenced(settles.SETTLE.text))
    with patch.multiple(settles, standings=found, COMPLETE=_unfenced(settles.COMPLETE), SETTLE=any_lease):
        yield


class HastyPersister(Persister):
    """Answers submits before they are on the disk."""

    async def _commit(self, asks: Sequence[Ask[Command, Answer]]) -> None:
        for ask in asks:
            if isinstance(ask.request, Submit):
                ask.answer(None)
        await super()._commit(asks)


class HastySystem(SmallSystem):
    def _persister(self, hand: Hand) -> Persister:
        return HastyPersister(
            store=self.store,
            commands=self.commands,
            outcomes=self.outcomes,
            hand=hand,
            ledger=self.ledger,
            witness=self._instruments,
        )


class ForgetfulSystem(SmallSystem):
    """Keeps the lease of a fetcher that crashed."""

    async def _lost_fetch(self, fetcher: Fetcher, error: BaseException | None) -> None:
        pass


class SpendthriftLedger(Ledger):
    """Forgets to give back the memory of what it aborted."""

    def abort(self, job_id: str, reason: str) -> None:
        holding = self._held.get(job_id)
        if holding is not None:
            holding.allowance = None
        super().abort(job_id, reason)


@contextmanager
def forgetting_credits() -> Iterator[None]:
    with patch("actors.system.Ledger", SpendthriftLedger):
        yield


class MiserlyMailbox(Mailbox[Any]):
    """Keeps a byte of each message that leaves together with others."""

    def take_now(self, limit: int, limit_bytes: int | None = None) -> list[Any]:
        batch = super().take_now(limit, limit_bytes)
        self._room._weight += len(batch) // 2
        return batch


class MiserlySystem(SmallSystem):
    mailbox = MiserlyMailbox
