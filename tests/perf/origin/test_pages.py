import re

from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from perf.origin.pages import LARGEST_BYTES, SMALLEST_BYTES, page_body

SEEDS = st.integers(0, 2**64)
NUMBERS = st.integers(0, 999_999_999)


@given(seed=SEEDS, n=NUMBERS)
def test_a_page_is_whole_html_of_a_bounded_size_and_always_the_same(seed: int, n: int) -> None:
    body = page_body(seed, n)
    assert SMALLEST_BYTES <= len(body) <= LARGEST_BYTES
    assert body == page_body(seed, n)
    assert body.startswith(b"<!doctype html>")
    assert body.endswith(b"</html>\n")


def test_pages_are_of_many_sizes() -> None:
    sizes = [len(page_body(0, n)) for n in range(200)]
    assert min(sizes) < 3_000
    assert max(sizes) > 35_000
    assert 10_000 < sum(sizes) / len(sizes) < 16_000


async def test_what_a_page_links_to_is_there(client: ClientSession) -> None:
    linked = set(re.findall(rb'(?:href|src)="([^"]+)"', page_body(7, 1)))
    assert len(linked) > 2
    for target in linked:
        async with client.get(target.decode()) as response:
            assert response.status == 200
