import asyncio

from aiohttp import ClientSession

SLACK_S = 0.01


async def test_a_late_count_is_counted_as_it_comes_and_the_sum_tells_what_was_asked_again(
    client: ClientSession,
) -> None:
    started = asyncio.get_running_loop().time()
    for key in ("a", "b", "a"):
        assert (await client.get(f"/delay/20/count/{key}")).status == 200
    assert asyncio.get_running_loop().time() - started > 0.06 - SLACK_S
    told = await (await client.get("/counted")).json()
    assert told == {"addresses": 2, "requests": 3, "again": 1, "such": ["/delay/20/count/a"]}
