"""READ FIRST: the picture, every mailbox, the supervision tree. The only place where actors are wired.

    clients                                                          the web
       | HTTP                                                           |
    server ---commands---> persister <---outcomes--- fetcher x N <---leases--- claimer
       |                       |                                               |
       |                       +---just over---> cacher (reads what was asked for before it was over)
       |                       |                    |                          |
       +-reads-> what is kept -+-> the store <------+--------claims------------+
                             ^  ^  ^
                       renewer  |  meter (asks for figures)
                             rescuer (promotes, rescues, tidies)      watchdog (looks at memory, holds others back)

A governor sets how many of the fetchers are awake: those inside the valve wait for a lease or fetch, the others sleep.
Suspects have a mailbox and a fetcher of their own, which fetches alone: a gate is shut for others meanwhile, and stays
open for as long after each, where others waited. Those for whom that small mailbox has no room the claimer puts off.
On a server there are two persisters, each with a batch in hand: while one waits for its commit the other makes the
next. And a listener: it hears what came to other processes, and tells them what came here. With a Redis
there are a tender, which finds out whether it answers, and a subscriber, which hears what others drop (both come from
sharing.py). A process that only takes commands (an api) has neither claimer and fetchers nor renewer and rescuer. A
daemon has an auditor, too, which looks whether memory leaks (auditing.py).

What the next stage has no room for is not taken from the stage before. The tree starts in the order of `System.tree`
and drains in reverse: no more claims, fetches in hand end, open requests are answered, what all came to is written.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from operator import attrgetter
from typing import Any

from actors.claimer import Claimer
from actors.fetcher import Fetcher
from actors.governor import Governor
from actors.instruments import Instruments
from actors.listener import Listener
from actors.measures import RESTARTS, Measures
from actors.meter import Meter
from actors.persister import Hand, Persister
from actors.renewer import Renewer
from actors.rescuer import Rescuer
from actors.watchdog import Guard, Watchdog
from engine.jobs.command import Command, weight_of
from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.ports import Answer, Bell, Fetch, Heir, JobStore, Journal
from engine.jobs.query import Settled
from engine.jobs.returns import Returns
from engine.jobs.toll import Toll
from engine.jobs.verdict import Rules, Settlement
from engine.memory.estimates import Estimates
from engine.memory.purse import Purse
from engine.runtime import (
    Ask,
    Asker,
    Child,
    Credits,
    Gate,
    Mailbox,
    MailboxClosed,
    Pressure,
    Strategy,
    Supervisor,
    Valve,
    Window,
)

ROOT = "system"
MEBIBYTE = 1024 * 1024
COMMIT_TIMEOUT_S = 30.0
"""How long a command waits for its commit."""
SUSPECTS_WAITING = 2
"""They come due a quarter of a second apart, and are looked for each half (actors.rescuer)."""


class System:
    """The mailboxes and what else outlives the actors; `tree` describes who works with them."""

    def __init__(  # noqa: PLR0913 - what a system is made of
        self,
        *,
        store: JobStore,
        fetch: Fetch,
        credits: Credits,  # noqa: A002 - their name
        rules: Rules,
        owner: str,
        measures: Measures,
        instruments: Instruments,
        journal: Journal | None = None,
        bell: Bell | None = None,
        heir: Heir | None = None,
        guard: Guard | None = None,
    ) -> None:
        """`credits` is the memory that all fetches may use together, until their outcomes are written.

        `journal` notes fetches in hand for the next process; None where the store ends with this one.

        `bell` is how processes that share the store hear from each other, `heir` takes over what those of this machine
        leave that die; None where there is but one.
        Without a `guard` nobody is held back.
        """
        self.store = store
        self.ledger = Ledger(journal)
        self.credits = credits
        self.commands, self.leases, self.suspects, self.outcomes = _mailboxes(instruments)
        self._asker = Asker(self.commands, timeout_s=COMMIT_TIMEOUT_S)
        self._bell = bell
        self._heir = heir
        self._guard = guard
        self._pressure = Pressure() if guard is None else guard.pressure
        self._hands = [Hand() for _ in range(measures.persisters)]
        self.governing = measures.governing()
        self.valve = Valve(self.governing.width)
        self._toll = Toll()
        self._gate = Gate()
        self._returns = Returns(store=store, ledger=self.ledger, tell=self.settled)
        self._purse = Purse(credits=credits, estimates=Estimates())
        self._fetch = fetch
        self._rules = rules
        self._owner = owner
        self._measures = measures
        self._instruments = instruments
        self._random = measures.random

    def commit(self, command: Command) -> Coroutine[Any, Any, Answer]:
        """Has a command written and returns once it is on the disk."""
        return self._asker.ask(command)

    def window(self, width: int) -> Window[Command, Answer]:
        """For who has many commands written at once."""
        return Window(self.commands, width=width, timeout_s=COMMIT_TIMEOUT_S)

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        """Of each batch, for all who count."""
        self._toll.add(settlements)
        await self._instruments.settled(settlements, ends)

    async def let_go(self) -> None:
        """After a drain: what is still held goes back, and what was sent and could not be written down fails."""
        self._stop_fetching()  # nobody did if the drain met no fetcher alive
        await self.store.give_back(self.ledger.sent(), lost=True)
        await self.store.release(self._owner, keeping=self.ledger.adrift)
        unserved = [settlement.lease for hand in self._hands for settlement in hand.outcomes]
        for lease in (*self.ledger, *unserved):  # some of these were cancelled meanwhile
            self.ledger.leave(lease)
        # Else the others would count on it until it is forgotten, and call for too few in its place.
        worker = self._instruments.worker(self._owner)
        if worker is not None:
            await self.store.backlog(worker.gone())

    def tree(
        self,
        *,
        below: Sequence[Child[Any]] = (),
        beside: Sequence[Child[Any]] = (),
        above: Sequence[Child[Any]] = (),
        fetches: bool = True,
    ) -> Supervisor:
        """`above` is who asks the system for something, stopped first; `below` is whom it feeds, stopped last.

        `beside` answers questions until no fetch is in hand any more. One that does not fetch claims nothing and leaves
        what nobody holds to others: it takes commands, and hears what came of them.
        """
        return self._supervisor(
            ROOT,
            Strategy.ONE_FOR_ONE,
            [
                *below,
                *(self._persisting(hand) for hand in self._hands),
                *(self._keepers() if fetches else ()),
                *self._listeners(),
                *self._watchdogs(),
                Child(name="meter", build=self._meter),
                *beside,
                *(self._workers() if fetches else ()),
                *above,
            ],
        )

    def _keepers(self) -> Sequence[Child[Any]]:
        """Of leases, ours and those that nobody holds any more."""
        return (Child(name="renewer", build=self._renewer), Child(name="rescuer", build=self._rescuer))

    def _workers(self) -> Sequence[Child[Any]]:
        return (
            Child(name="governor", build=self._governor),
            Child(name="fetchers", build=self._fetchers),
            self._fetching("suspect_fetcher", alone=True),
            Child(name="claimer", build=self._claimer, on_loss=self._lost_claim),
        )

    def _persisting(self, hand: Hand) -> Child[Any]:
        return Child(
            name="persister",
            build=lambda: self._persister(hand),
            stop=lambda _: self._close_inboxes(),
            grace_s=COMMIT_TIMEOUT_S,
            on_loss=lambda *_: hand.after_death(store=self.store, ledger=self.ledger),
            is_needed_at_drains=True,
        )

    def _persister(self, hand: Hand) -> Persister:
        return Persister(
            store=self.store,
            commands=self.commands,
            outcomes=self.outcomes,
            hand=hand,
            ledger=self.ledger,
            witness=self,
        )

    def _governor(self) -> Governor:
        return Governor(
            governing=self.governing,
            valve=self.valve,
            gate=self._gate,
            pressure=self._pressure,
            inbox=self.leases,
            outbox=self.outcomes,
            toll=self._toll,
            gauge=self._instruments,
        )

    def _renewer(self) -> Renewer:
        return Renewer(store=self.store, ledger=self.ledger, lease_s=self._measures.lease_s)

    def _rescuer(self) -> Rescuer:
        return Rescuer(store=self.store, ledger=self.ledger, pace=self._measures.pace, heir=self._heir)

    def _listeners(self) -> Sequence[Child[Any]]:
        bell = self._bell
        if bell is None:
            return ()
        return (Child(name="listener", build=lambda: Listener(bell=bell, ledger=self.ledger)),)

    def _watchdogs(self) -> Sequence[Child[Any]]:
        guard = self._guard
        return () if guard is None else (Child(name="watchdog", build=lambda: Watchdog(watch=guard)),)

    def _meter(self) -> Meter:
        return Meter(store=self.store, owner=self._owner, dials=self._instruments, pace=self._measures.pace)

    def _claimer(self) -> Claimer:
        return Claimer(
            store=self.store,
            outbox=self.leases,
            suspects=self.suspects,
            ledger=self.ledger,
            pressure=self._pressure,
            owner=self._owner,
            lease_s=self._measures.lease_s,
            idle_s=self._measures.pace.idle_s,
        )

    def _fetching(self, name: str, *, alone: bool) -> Child[Any]:
        """At a drain, either those in company have something in hand or the one that is alone: one grace is enough."""
        return Child(
            name=name,
            build=lambda: self._fetcher(alone=alone),
            stop=lambda _: self._stop_fetching(),
            grace_s=self._measures.grace_s,
            on_loss=self._lost_fetch,
        )

    def _fetcher(self, *, alone: bool) -> Fetcher:
        return Fetcher(
            inbox=self.suspects if alone else self.leases,
            outbox=self.outcomes,
            ledger=self.ledger,
            valve=Valve(1) if alone else self.valve,
            gate=self._gate,
            purse=self._purse,
            fetch=self._fetch,
            keep=self.commit,
            give_back=self._returns.kept_waiting,
            rules=self._rules,
            alone=alone,
        )

    def _fetchers(self) -> Supervisor:
        pool = [self._fetching("fetcher", alone=False)] * self._measures.concurrency
        return self._supervisor("fetchers", Strategy.POOL, pool)

    def _supervisor(self, name: str, strategy: Strategy, children: Sequence[Child[Any]]) -> Supervisor:
        return Supervisor(
            name=name,
            children=children,
            strategy=strategy,
            policy=RESTARTS,
            random=self._random,
            observer=self._instruments,
        )

    def _stop_fetching(self) -> None:
        """What is not begun is left to the end of the drain, where all leases are given back."""
        for inbox in (self.leases, self.suspects):
            for lease in inbox.take_now(inbox.depth):
                self.ledger.leave(lease)
            inbox.close()
        self.valve.close()
        self._gate.close()

    def _close_inboxes(self) -> None:
        self.commands.close()
        self.outcomes.close()

    async def _lost_claim(self, claimer: Claimer, _: BaseException | None) -> None:
        """A claim that was on its way when its claimer died is in nobody's hand: all that is not held goes back."""
        for lease in claimer.in_hand:
            self.ledger.leave(lease)
        await self.store.release(self._owner, keeping=(*self.ledger, *self.ledger.adrift))

    async def _lost_fetch(self, fetcher: Fetcher, error: BaseException | None) -> None:
        """One that was cut is no loss, unless it must not be sent again; one that crashed is.

        What came of it and waited for room waits on.
        """
        lease = fetcher.in_hand
        if lease is None or (fetcher.settlement is not None and await self._handed_on(fetcher.settlement)):
            return
        self.ledger.cast_off(lease)
        if error is None or not fetcher.has_begun:
            await self._returns.cut(lease, has_begun=fetcher.has_begun)
        else:
            await self._returns.crashed(lease)
        self.ledger.leave(lease)

    async def _handed_on(self, settlement: Settlement) -> bool:
        try:
            await self.outcomes.put(settlement)
        except MailboxClosed:
            return False
        except asyncio.CancelledError:  # there was no room in time
            self.ledger.cast_off(settlement.lease)
            raise
        return True


def _mailboxes(
    instruments: Instruments,
) -> tuple[Mailbox[Ask[Command, Answer]], Mailbox[Lease], Mailbox[Lease], Mailbox[Settlement]]:
    commands: Mailbox[Ask[Command, Answer]] = Mailbox(
        "commands",
        capacity=1024,
        capacity_bytes=64 * MEBIBYTE,
        weigh=lambda ask: weight_of(ask.request),
        observer=instruments,
    )
    leases: Mailbox[Lease] = Mailbox("leases", capacity=1024, observer=instruments)
    suspects: Mailbox[Lease] = Mailbox("suspects", capacity=SUSPECTS_WAITING, observer=instruments)
    outcomes: Mailbox[Settlement] = Mailbox(
        "outcomes",
        capacity=1024,
        capacity_bytes=64 * MEBIBYTE,
        weigh=attrgetter("outcome.weight"),
        observer=instruments,
    )
    mailboxes: tuple[Mailbox[Any], ...] = (commands, leases, suspects, outcomes)
    for mailbox in mailboxes:
        instruments.watch_mailbox(mailbox)
    return commands, leases, suspects, outcomes
