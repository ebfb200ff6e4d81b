import pytest
from aiohttp import ClientResponseError, ClientSession


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "PURGE"])
async def test_an_echo_tells_the_request_back(client: ClientSession, method: str) -> None:
    async with client.request(method, "/echo?a=1&a=2", headers={"X-Who": "me"}, data=b"caf\xc3\xa9\xff") as response:
        told = await response.json()
    assert (told["method"], told["path"], told["query"]) == (method, "/echo", [["a", "1"], ["a", "2"]])
    assert ["X-Who", "me"] in told["headers"]
    assert told["body"] == "café\\xff"


async def test_a_cookie_comes_back(client: ClientSession) -> None:
    async with client.get("/cookie") as response:
        assert (await response.json())["cookies"] == {}
        given = response.cookies["visit"].value
    async with client.get("/cookie", cookies={"visit": given}) as response:
        assert (await response.json())["cookies"] == {"visit": given}


async def test_a_big_header_is_more_than_a_client_takes(client: ClientSession) -> None:
    with pytest.raises(ClientResponseError):
        await client.get("/big-header")
    async with client.get("/big-header?bytes=1000") as response:
        assert len(response.headers["X-Big"]) == 1000
