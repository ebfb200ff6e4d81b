import asyncio

from aiohttp import ClientSession

from engine.runtime import ticks


async def _told(client: ClientSession, query: str = "") -> tuple[int, int]:
    async with client.get(f"/guests{query}") as answer:
        told = await answer.json()
        return told["now"], told["most"]


async def _until(client: ClientSession, now: int) -> None:
    async for _ in ticks(0.005):
        if (await _told(client))[0] == now:
            return


async def test_those_who_wait_at_once_are_counted_and_those_who_went_away_no_more(client: ClientSession) -> None:
    waiting = [asyncio.ensure_future(client.get(f"/delay/60000/page/{number}")) for number in range(3)]
    await _until(client, 3)
    for each in waiting[1:]:
        each.cancel()
    await _until(client, 1)
    assert await _told(client) == (1, 3)
    assert await _told(client, "?anew=1") == (1, 1)
    waiting[0].cancel()
    await asyncio.wait(waiting)
