from html import unescape

from aiohttp import ClientSession
from lxml.html import document_fromstring

from perf.origin.links import LINKS


async def test_every_kind_of_link_is_on_the_page_under_a_base(client: ClientSession) -> None:
    async with client.get("/links") as response:
        page = document_fromstring(await response.text())
    assert [link.get("href") for link in page.cssselect("a")] == [unescape(link) for link in LINKS]
    assert page.cssselect("base")[0].get("href") == "/page/"
