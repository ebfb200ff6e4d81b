import pytest
from aiohttp import ClientSession, TooManyRedirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_chain_of_redirects_has_the_length_asked_for(client: ClientSession, status: int) -> None:
    async with client.get(f"/redirect/3?status={status}") as response:
        assert response.status == 200
        assert [hop.status for hop in response.history] == [status] * 3


async def test_a_redirect_loop_never_arrives(client: ClientSession) -> None:
    with pytest.raises(TooManyRedirects):
        await client.get("/redirect/loop")


async def test_a_redirect_points_wherever_it_is_told(client: ClientSession) -> None:
    async with client.get("/redirect/to?url=http%3A%2F%2F127.0.0.1%3A1%2F", allow_redirects=False) as response:
        assert response.headers["Location"] == "http://127.0.0.1:1/"
