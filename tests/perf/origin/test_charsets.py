import pytest
from aiohttp import ClientSession

from perf.origin.charsets import CHARSETS, SHARED, WAYS, WRONG


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CHARSETS)
async def test_a_text_is_in_its_encoding_and_declared_that_way_alone(
    client: ClientSession, name: str, way: str
) -> None:
    charset = CHARSETS[name]
    async with client.get(f"/charset/{name}?by={way}") as response:
        body, declared = await response.read(), response.headers["Content-Type"]
    if way == "bom" and not charset.bom:
        assert response.status == 404
        return
    assert body.startswith(b"" if way == "none" else charset.bom)
    assert declared == {"header": f"text/html; charset={charset.label}", "wrong": f"text/html; charset={WRONG}"}.get(
        way, "text/html"
    )
    text = body.decode(charset.codec)
    assert ("<meta charset=" in text) == (way == "meta")
    assert text.startswith("\ufeff") == (bool(charset.bom) and way != "none")
    assert SHARED in text
    assert charset.own in text
