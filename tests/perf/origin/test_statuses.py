import pytest
from aiohttp import ClientSession


@pytest.mark.parametrize("code", [200, 204, 304, 301, 404, 418, 429, 500, 503, 599])
async def test_a_status_is_the_one_asked_for(client: ClientSession, code: int) -> None:
    async with client.get(f"/status/{code}?retry_after=120", allow_redirects=False) as response:
        assert response.status == code
        assert response.headers["Retry-After"] == "120"
