"""What is learnt of hosts and kinds, and that it is bounded."""

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.address import canonical
from engine.jobs.footprint import FLOOR_BYTES
from engine.jobs.request import Options, Request
from engine.memory.estimates import KINDS, MOST_BYTES, Estimates, Kind, kind_of
from tests.engine.jobs.builders import a_page

SIZES = st.integers(0, 2 * MOST_BYTES)


def to(url: str, **options: bool) -> Kind:
    address = canonical(url)
    return kind_of(Request(url=address.url, host=address.host, options=Options(**options)))  # type: ignore[arg-type]  # flags


@given(st.lists(SIZES, max_size=30))
def test_an_estimate_is_at_least_the_floor_and_what_the_latest_page_took_and_never_more_than_any_did(
    sizes: list[int],
) -> None:
    estimates, kind = Estimates(), to("http://site.test/a.html")
    assert estimates.of(kind) == FLOOR_BYTES
    for number, size in enumerate(sizes, 1):
        estimates.learn(kind, a_page(size=size))
        took = [min(FLOOR_BYTES + 2 * each, MOST_BYTES) for each in sizes[:number]]
        assert took[-1] <= estimates.of(kind) <= max(took)


def test_a_large_page_is_forgotten_after_many_small_ones() -> None:
    estimates, kind = Estimates(), to("http://site.test/")
    estimates.learn(kind, a_page(size=MOST_BYTES))
    for _ in range(60):
        estimates.learn(kind, a_page(size=0))
    assert estimates.of(kind) < FLOOR_BYTES + 1024


def test_hosts_kinds_and_pages_that_are_wanted_whole_are_told_apart() -> None:
    estimates = Estimates()
    estimates.learn(to("http://site.test/large.html/a.pdf"), a_page(size=200_000))
    assert estimates.of(to("http://site.test/b.pdf")) > FLOOR_BYTES
    for other in (
        "http://site.test/b.html",
        "http://site.test/pdf",
        "http://site.test/.pdf/",
        "http://other.test/b.pdf",
    ):
        assert estimates.of(to(other)) == FLOOR_BYTES
    assert estimates.of(to("http://site.test/b.pdf", extract_text=True)) == FLOOR_BYTES


def test_no_more_kinds_are_remembered_than_the_bound_and_the_latest_are() -> None:
    estimates = Estimates()
    for number in range(KINDS + 100):
        estimates.learn(to(f"http://site{number}.test/"), a_page(size=1000))
    assert len(estimates) == KINDS
    assert estimates.of(to("http://site99.test/")) == FLOOR_BYTES
    assert estimates.of(to("http://site100.test/")) > FLOOR_BYTES
