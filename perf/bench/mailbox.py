"""What a hop through a mailbox and an ask cost.

Medians of batches on uvloop, in microseconds; both ends run in one loop, as in the daemon.
"""

import asyncio
from collections.abc import Awaitable, Callable
from statistics import median
from time import perf_counter

import uvloop

from engine.runtime import Ask, Mailbox, ask

_BATCHES = 40
_ROUNDS = 5_000
_CAPACITY = 64
_TIMEOUT_S = 30.0


async def measure() -> dict[str, float]:
    """Microseconds a round: hop_us, hop_weighed_us, hop_alone_us (a place for one only), ask_us."""
    return {
        "hop_us": await _median_us(lambda: _hops(Mailbox("bench", capacity=_CAPACITY))),
        "hop_weighed_us": await _median_us(
            lambda: _hops(Mailbox("bench", capacity=_CAPACITY, capacity_bytes=_ROUNDS, weigh=lambda _: 1))
        ),
        "hop_alone_us": await _median_us(lambda: _hops(Mailbox("bench", capacity=1))),
        "ask_us": await _median_us(_asks),
    }


def main() -> None:
    for name, micros in uvloop.run(measure()).items():
        print(f"{name:16} {micros:6.2f}")


async def _median_us(rounds: Callable[[], Awaitable[float]]) -> float:
    return median([await rounds() for _ in range(_BATCHES)]) / _ROUNDS * 1e6


async def _hops(mailbox: Mailbox[int]) -> float:
    began = perf_counter()
    await asyncio.gather(_send(mailbox), _drain(mailbox))
    return perf_counter() - began


async def _send(mailbox: Mailbox[int]) -> None:
    for number in range(_ROUNDS):
        await mailbox.put(number)
    mailbox.close()


async def _drain(mailbox: Mailbox[int]) -> None:
    async for _ in mailbox:
        pass


async def _asks() -> float:
    mailbox: Mailbox[Ask[int, int]] = Mailbox("bench", capacity=_CAPACITY)
    began = perf_counter()
    await asyncio.gather(_ask_all(mailbox), _answer_all(mailbox))
    return perf_counter() - began


async def _ask_all(mailbox: Mailbox[Ask[int, int]]) -> None:
    for number in range(_ROUNDS):
        await ask(mailbox, number, _TIMEOUT_S)
    mailbox.close()


async def _answer_all(mailbox: Mailbox[Ask[int, int]]) -> None:
    async for question in mailbox:
        question.answer(question.request)


if __name__ == "__main__":
    main()
