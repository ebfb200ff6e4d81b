"""A real Prometheus asks a working daemon: every panel, rule, alert and scaler gets a figure, or it says why not."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from k8s.boards.files import PLAIN
from perf.origin.server import serving
from perf.process import ModuleProcess, running
from tests.contracts.stores import blank_server
from tests.flow.calls import client_of, got, submitted, the_environment
from tests.k8s.expressions import alerts, asked_by_panels, asked_by_rules, asked_by_scalers, subjects_of_alerts
from tests.servers.postgres import fresh_database
from tests.servers.prometheus import Prometheus, a_prometheus, needs_prometheus
from tests.servers.valkey import Valkey

STARTS_WITHIN = timedelta(seconds=60)
ALL_KNOWN_WITHIN_S = 60.0
"""Both a second or two where nothing else runs."""
LOOKS = 16
"""One of 64 in memory is timed."""
LABELS = {"namespace": "cfscraper", "pod": "cfscraper-api-0", "service": "cfscraper-api"}
EMPTY_ON_PURPOSE = {"kube_horizontalpodautoscaler": "kube-state-metrics tells it, which is not here"}
EMPTY_ON_SQLITE = {
    "db_connection_pool_checked_out{job": "there is no pool to divide by",
    "cfscraper:database_connections:ratio": "nor what is recorded of it",
}


@pytest.mark.timeout(180)
@needs_prometheus
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
async def test_whatever_is_asked_of_prometheus_has_an_answer(tmp_path: Path, redis: Valkey, database: str) -> None:
    asked = {**asked_by_panels(), **asked_by_rules(), **subjects_of_alerts(), **asked_by_scalers()}
    empty = {**EMPTY_ON_PURPOSE, **(EMPTY_ON_SQLITE if database == "sqlite" else {})}
    async with serving() as site, _a_daemon_on(database, tmp_path, redis.url) as daemon:
        target = daemon.url.removeprefix("http://")
        async with a_prometheus(tmp_path, target=target, labels=LABELS, rules=PLAIN) as prometheus:
            await _have_answers(prometheus, _without(asked, empty), daemon, site)
            for expression in set(asked.values()) - set(_without(asked, empty).values()):
                assert not await _has_answer(prometheus, expression), expression


@asynccontextmanager
async def _a_daemon_on(database: str, folder: Path, redis: str) -> AsyncIterator[ModuleProcess]:
    async with AsyncExitStack() as stack:
        environment = the_environment(folder, REDIS_URL=redis, TMPDIR=str(folder))
        if database == "postgres":
            url = await stack.enter_async_context(fresh_database(template=blank_server()))
            environment["DATABASE_URL"] = url
        yield await stack.enter_async_context(
            running("actors", ("serve",), env=environment, starts_within=STARTS_WITHIN)
        )


async def _have_answers(prometheus: Prometheus, asked: Mapping[str, str], daemon: ModuleProcess, site: str) -> None:
    """Work goes on until all are known, for most of it is rates."""
    unknown = list(asked)
    try:
        async with client_of() as client, asyncio.timeout(ALL_KNOWN_WITHIN_S):
            while unknown:
                await _some_work(client, daemon, site)
                while unknown and await _has_answer(prometheus, asked[unknown[-1]]):
                    unknown.pop()
    except TimeoutError:
        missing = [name for name in unknown if not await _has_answer(prometheus, asked[name])]
        pytest.fail("no figure for " + "\n".join(f"{name}: {asked[name]}" for name in missing))


async def _some_work(client: aiohttp.ClientSession, daemon: ModuleProcess, site: str) -> None:
    failing = {"max_retries": 1, "delay_between_retries": 0}
    job_ids = [
        await submitted(client, daemon, f"{site}/page/1"),
        await submitted(client, daemon, f"{site}/status/503", config=failing),
    ]
    for job_id in job_ids:
        await got(client, daemon, f"/scrape/{job_id}?wait=10")
    for job_id in job_ids * LOOKS:
        await got(client, daemon, f"/scrape/{job_id}/result")
    await got(client, daemon, "/jobs")


async def _has_answer(prometheus: Prometheus, expression: str) -> bool:
    return any(not math.isnan(value) for value in await prometheus.asked(expression))


def _without(asked: Mapping[str, str], empty: Mapping[str, str]) -> dict[str, str]:
    return {name: ask for name, ask in asked.items() if not _any_of(empty, ask)}


def _any_of(names: Mapping[str, str], ask: str) -> bool:
    return any(name in ask for name in names)


def test_every_alert_has_a_subject_that_is_asked() -> None:
    assert set(subjects_of_alerts()) == {alert["alert"] for alert in alerts()}


def test_whatever_is_recorded_is_used() -> None:
    used: Sequence[str] = [*asked_by_panels().values(), *asked_by_rules().values(), *subjects_of_alerts().values()]
    for name in asked_by_rules():
        assert any(name in expression for expression in used), name
