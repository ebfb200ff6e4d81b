import pytest

from perf.origin.server import serving
from perf.origin.site import PLACES
from tests.perf.origin.wire import answered

ENDING = [place.example for place in PLACES if place.example != "/hang"]


@pytest.mark.parametrize("target", ["/", *ENDING])
async def test_two_servers_of_one_seed_send_the_same_bytes(target: str) -> None:
    async with serving(seed=7) as one, serving(seed=7) as other:
        assert await answered(one, target) == await answered(other, target)


@pytest.mark.parametrize("target", ["/page/1", "/json/1", "/image/1", "/size/100", "/binary/100", "/cookie"])
async def test_another_seed_is_another_site(target: str) -> None:
    async with serving(seed=7) as one, serving(seed=8) as other:
        assert await answered(one, target) != await answered(other, target)


async def test_the_index_links_every_place(origin: str) -> None:
    index = (await answered(origin, "/")).decode()
    assert [place.example for place in PLACES if f'href="{place.example}"' not in index] == []


async def test_what_is_nowhere_is_a_404(origin: str) -> None:
    assert (await answered(origin, "/page/x")).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    "target",
    ["/flaky/a?fails=-1", "/slow/1?every_ms=x", "/manifest?n=9999999", "/redirect/to", "/redirect/1?status=200"],
)
async def test_a_wrong_setting_is_a_400(origin: str, target: str) -> None:
    assert (await answered(origin, target)).startswith(b"HTTP/1.1 400")
