"""To which stages every Fetch gives its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine.fetch.limits import CHUNK_BYTES
from engine.jobs.outcome import ErrorType, Outcome
from engine.jobs.stages import Stage
from perf.origin.server import serving
from tests.contracts.scripted import answer, saying
from tests.contracts.test_fetch import FETCHES, Visitor

NEW = {"connect", "first_byte", "body"}
KEPT = {"first_byte", "body"}
SECOND = 1_000_000


@pytest.fixture(params=FETCHES)
async def visit(request: pytest.FixtureRequest) -> AsyncIterator[Visitor]:
    """It does not look at certificates."""
    async with FETCHES[request.param](verify_tls=False) as fetch:
        yield Visitor(fetch)


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    async with serving(seed=7) as url:
        yield url


def times_of(outcome: Outcome) -> dict[str, float]:
    """Microseconds, those that are not 0. All that the site took is told, and nothing else."""
    assert outcome.times is not None
    found = {stage.value: took for stage, took in zip(Stage, outcome.times, strict=True) if took}
    ours = found.get("persisting", 0.0) + found.get("memory", 0.0)
    assert sum(found.values()) - ours == pytest.approx(outcome.elapsed_s * 1e6)
    return found


def stages_of(outcome: Outcome) -> set[str]:
    """But for names: that an address is none is seen in no time, and in some microseconds at times."""
    return times_of(outcome).keys() - {"dns"}


async def test_a_kept_connection_takes_no_time(visit: Visitor, origin: str) -> None:
    assert stages_of(await visit(f"{origin}/page/1")) == NEW
    assert times_of(await visit(f"{origin}/page/1")).keys() == KEPT


async def test_each_post_has_a_connection_of_its_own(visit: Visitor, origin: str) -> None:
    for _ in range(2):
        assert stages_of(await visit(f"{origin}/echo", method="POST", data={"a": 1})) == NEW


async def test_a_name_is_looked_up(visit: Visitor, origin: str) -> None:
    assert times_of(await visit(origin.replace("127.0.0.1", "localhost"))).keys() == NEW | {"dns"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_tls_comes_after_tcp(visit: Visitor, host: str) -> None:
    async with saying(answer(b"1"), answer(b"2"), closes=False, over_tls=True) as site:
        url = site.url.replace("127.0.0.1", host)
        assert stages_of(await visit(url)) == NEW | {"tls"}
        assert times_of(await visit(url)).keys() == KEPT


async def test_fetches_side_by_side_have_their_own_times(visit: Visitor, origin: str) -> None:
    fetches = [visit(f"{origin}/delay/{ms}/page/1") for ms in (0, 200)]
    fast, slow = [times_of(outcome) for outcome in await asyncio.gather(*fetches)]
    assert fast.keys() - {"dns"} == slow.keys() - {"dns"} == NEW
    assert slow["first_byte"] > 0.2 * SECOND


@pytest.mark.parametrize(
    ("path", "stage"), [("/headers-late/50", "first_byte"), ("/slow/6?every_ms=10", "body"), ("/page/1", None)]
)
async def test_what_the_site_takes_its_time_for_is_told(
    visit: Visitor, origin: str, path: str, stage: str | None
) -> None:
    found = times_of(await visit(origin + path))
    assert stage is None or found[stage] > 0.05 * SECOND


async def test_the_hops_of_a_redirect_are_told_together(visit: Visitor, origin: str) -> None:
    async with serving(seed=1) as other:
        there = f"{other}/delay/30/page/1"
        found = times_of(await visit(f"{origin}/redirect/to?url={there}"))
    assert found.keys() - {"dns"} == NEW
    assert found["first_byte"] > 0.03 * SECOND


async def test_what_keeping_a_large_body_takes_is_ours(visit: Visitor, origin: str) -> None:
    async def slow(_: bytes) -> None:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.05)

    outcome = await visit(f"{origin}/size/{2 * CHUNK_BYTES}", sink=slow)
    assert times_of(outcome)["persisting"] > 0.1 * SECOND


@pytest.mark.parametrize(
    ("path", "last"),
    [("/hang", "first_byte"), ("/cut/1000", "body"), ("/slow/1000?every_ms=50", "body"), ("/redirect/loop", "body")],
)
async def test_a_failure_is_told_up_to_where_it_came(visit: Visitor, origin: str, path: str, last: str) -> None:
    outcome = await visit.failure(origin + path, timeout_s=0.3)
    assert last in times_of(outcome)
    assert stages_of(outcome) <= NEW


@pytest.mark.parametrize(
    ("url", "kind", "stage"),
    [
        ("http://127.0.0.1:1/", ErrorType.CONNECT, "connect"),
        ("http://nowhere.invalid/", ErrorType.DNS, "dns"),
        ("{tls}", ErrorType.TLS, "tls"),
        ("{mute}", ErrorType.CONNECT_TIMEOUT, "tls"),
    ],
)
async def test_a_connection_that_fails_is_told_up_to_where_it_came(url: str, kind: ErrorType, stage: str) -> None:
    async with _mute() as mute, saying(over_tls=True) as site, FETCHES["aiohttp"](connect_s=0.3) as fetch:
        failure = await Visitor(fetch).failure(url.format(tls=site.url, mute=mute))
    assert failure.error_type is kind
    assert stage in times_of(failure)
    assert not times_of(failure).keys() & {"body"}


@asynccontextmanager
async def _mute() -> AsyncIterator[str]:
    """Takes connections and says nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
