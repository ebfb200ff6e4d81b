"""What a hop through a mailbox costs beside one through an asyncio.Queue, and what an ask costs.

Both ends run in one loop, as in the daemon; by processor time, in interleaved batches.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from time import process_time
from typing import Any

import uvloop

from engine.runtime import Ask, Asker, Mailbox
from perf.pairs import Pairs
from perf.report import Result

CAPACITY = 64
_TIMEOUT_S = 30.0
_ENDED = -1

Way = Callable[[int], Awaitable[object]]
"""So many rounds of it."""


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5_000, help="a batch")


def run(args: Namespace) -> Result:
    rates = uvloop.run(_rates(args.batches, args.rounds))
    pairs = {
        name: Pairs(unit="hops/cpu s", ours=rates[name], bare=rates[bare])
        for name, bare in (("hop", "queue"), ("hop_weighed", "queue"), ("hop_alone", "queue_alone"))
    }
    numbers: dict[str, Any] = {f"{name}_us": round(1e6 / median(each), 3) for name, each in rates.items()}
    numbers |= {f"{name}_ratio": each.spread()["ratio"] for name, each in pairs.items()}
    return Result(scenario="mailbox", settings=vars(args), numbers=numbers, pairs=pairs)


async def _rates(batches: int, rounds: int) -> Mapping[str, list[float]]:
    """Of each way, batch by batch in turn; `alone` has a place for one only."""
    ways: Mapping[str, Way] = {
        "hop": hops,
        "queue": queue_hops,
        "hop_weighed": _weighed,
        "hop_alone": lambda rounds: hops(rounds, capacity=1),
        "queue_alone": lambda rounds: queue_hops(rounds, capacity=1),
        "ask": asks,
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(batches):
        for name, way in ways.items():
            rates[name].append(await per_cpu_s(way, rounds))
    return rates


async def per_cpu_s(way: Way, rounds: int) -> float:
    began = process_time()
    await way(rounds)
    return rounds / (process_time() - began)


async def hops(rounds: int, *, capacity: int = CAPACITY) -> None:
    await _through(Mailbox("bench", capacity=capacity), rounds)


async def queue_hops(rounds: int, *, capacity: int = CAPACITY) -> None:
    """The same through what Python brings along; a number that is none ends it."""
    queue: asyncio.Queue[int] = asyncio.Queue(capacity)
    await asyncio.gather(_send_to_queue(queue, rounds), _drain_queue(queue))


async def asks(rounds: int) -> None:
    mailbox: Mailbox[Ask[int, int]] = Mailbox("bench", capacity=CAPACITY)
    await asyncio.gather(_ask_all(mailbox, rounds), _answer_all(mailbox))


async def _weighed(rounds: int) -> None:
    await _through(Mailbox("bench", capacity=CAPACITY, capacity_bytes=rounds, weigh=lambda _: 1), rounds)


async def _through(mailbox: Mailbox[int], rounds: int) -> None:
    await asyncio.gather(_send(mailbox, rounds), _drain(mailbox))


async def _send(mailbox: Mailbox[int], rounds: int) -> None:
    for number in range(rounds):
        await mailbox.put(number)
    mailbox.close()


async def _drain(mailbox: Mailbox[int]) -> None:
    async for _ in mailbox:
        pass


async def _send_to_queue(queue: asyncio.Queue[int], rounds: int) -> None:
    for number in range(rounds):
        await queue.put(number)
    await queue.put(_ENDED)


async def _drain_queue(queue: asyncio.Queue[int]) -> None:
    while await queue.get() != _ENDED:
        pass


async def _ask_all(mailbox: Mailbox[Ask[int, int]], rounds: int) -> None:
    asker = Asker(mailbox, timeout_s=_TIMEOUT_S)
    for number in range(rounds):
        await asker.ask(number)
    mailbox.close()


async def _answer_all(mailbox: Mailbox[Ask[int, int]]) -> None:
    async for question in mailbox:
        question.answer(question.request)
