"""The turnstile: one at a time, by class; who leaves the line leaves no gap."""

import asyncio

from engine.storage.sqlite.turnstile import Turn, Turnstile

ASKED = [Turn.MAINTENANCE, Turn.CLAIM, Turn.SETTLE, Turn.COMMAND, Turn.CLAIM, Turn.RENEW, Turn.SETTLE]


async def test_who_waits_is_served_by_class_and_then_in_order() -> None:
    turnstile, served = Turnstile(), []

    async def pass_through(place: int, turn: Turn) -> None:
        async with turnstile.taken(turn):
            served.append((turn, place))
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks, turnstile.taken(Turn.MAINTENANCE):
        for place, turn in enumerate(ASKED):
            tasks.create_task(pass_through(place, turn))
        await asyncio.sleep(0)
        assert served == []
    assert served == sorted((turn, place) for place, turn in enumerate(ASKED))


async def test_who_is_cancelled_in_line_or_at_the_gate_lets_the_next_one_in() -> None:
    turnstile, served = Turnstile(), []

    async def pass_through(place: int) -> None:
        async with turnstile.taken(Turn.CLAIM):
            served.append(place)

    async with turnstile.taken(Turn.CLAIM):
        waiting = [asyncio.create_task(pass_through(place)) for place in range(4)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.sleep(0)
    waiting[0].cancel()  # it was just let in
    await asyncio.wait(waiting)
    assert served == [2, 3]
    async with turnstile.taken(Turn.CLAIM):
        pass
