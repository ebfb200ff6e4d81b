"""A daemon on real servers, and all that may happen to it, one act after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.origin.server import serving
from perf.servers.valkey import Valkey, a_valkey
from tests.conftest import eventually
from tests.contracts.scripted import answer, saying
from tests.contracts.stores import blank_server
from tests.engine.memory.trees import MEBIBYTE, Tree
from tests.flow.daemons import Daemon, a_daemon
from tests.flow.hurried import MACHINE, uses
from tests.servers.postgres import fresh_database

LIMIT_BYTES = 1024 * MEBIBYTE
AT_ONCE = 16
KEPT_S = 1.0
WITHIN_S = 30.0
SETTLED_WITHIN_S = 2.0
WHILE_LOCKED = (
    "db_connection_leaks_total",
    "db_connection_timeouts_total",
    'actor_mailbox_depth{actor="commands"}',
    'actor_mailbox_depth{actor="outcomes"}',
)
HEAVY_BYTES = 3 * MEBIBYTE // 2
PIECE = b"toandfro" * 5_000
AGAIN = (
    *("dns", "connect", "connect_timeout", "read_timeout", "total_timeout", "connection_lost"),
    *("bad_encoding", "http_4xx", "http_5xx"),
)
FOR_GOOD = (
    "invalid_url",
    "unsupported_scheme",
    "tls",
    "too_many_redirects",
    "body_too_large",
    "not_cached",
    "internal",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The daemon, and all that it stands on."""

    daemon: Daemon
    database: asyncpg.Connection
    redis: Valkey
    machine: Path
    site: str
    odd: str

    async def until(self, condition: Callable[[], Awaitable[object]], *, within_s: float = WITHIN_S) -> None:
        async with asyncio.timeout(within_s):
            while True:
                if await condition():
                    return
                await asyncio.sleep(0.02)

    async def shows(self, series: str) -> bool:
        """Is it above zero?"""
        told = await self.daemon.text_of("/metrics")
        return any(float(line.split()[-1]) > 0 for line in told.splitlines() if line.startswith(f"{series} "))

    async def read_until(self, path: str, series: str) -> None:
        """Again and again: what memory keeps of it has to end first."""

        async def is_shown() -> bool:
            await self.daemon.get(path)
            return await self.shows(series)

        await self.until(is_shown)

    async def done(self, url: str, *, config: Mapping[str, Any] | None = None, **fields: Any) -> Any:
        job_id = await self.daemon.submit(url, config={"delay_between_retries": 0, **(config or {})}, **fields)
        return await self.daemon.get(f"/scrape/{job_id}?wait=20")


@asynccontextmanager
async def odd_site() -> AsyncIterator[str]:
    """Pages that may be kept, and one that is large and takes its time to end."""

    async def kept(_: web.Request) -> web.Response:
        return web.Response(text="<p>Hello</p>", content_type="text/html", headers={"Cache-Control": "max-age=60"})

    async def heavy(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await answer.prepare(request)
        for _ in range(HEAVY_BYTES // len(PIECE)):
            await answer.write(PIECE)
        await asyncio.sleep(0.5)
        return answer

    app = web.Application()
    app.router.add_get("/kept", kept)
    app.router.add_get("/heavy/{n}", heavy)
    async with TestServer(app) as server:
        yield str(server.make_url(""))


@asynccontextmanager
async def the_scene(folder: Path) -> AsyncIterator[Scene]:
    tree = Tree(folder / "machine")
    tree.v2(path="/app")
    tree.write("sys/fs/cgroup/app/memory.max", str(LIMIT_BYTES))
    uses(tree.root, LIMIT_BYTES // 10)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(template=blank_server()))
        redis = stack.enter_context(a_valkey())
        site = await stack.enter_async_context(serving())
        odd = await stack.enter_async_context(odd_site())
        database = await asyncpg.connect(url)
        stack.push_async_callback(database.close)
        told = {
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "TMPDIR": str(folder),
            MACHINE: str(tree.root),
            "MAX_CONCURRENT_JOBS": str(AT_ONCE),
            "DB_POOL_SIZE": "2",
            "DB_MAX_OVERFLOW": "4",
            "DB_POOL_TIMEOUT": "2",
            "CACHE_MEMORY_TTL": str(KEPT_S),
            "HTTP_VERIFY_SSL": "false",
            "MEMORY_BUDGET": "16M",
        }
        daemon = await stack.enter_async_context(a_daemon(folder, module="tests.flow.hurried", **told))
        yield Scene(daemon=daemon, database=database, redis=redis, machine=tree.root, site=site, odd=odd)


async def fetches_fail_in_every_way(scene: Scene) -> None:
    """Each attempt is the second of its job where there may be one."""
    site, once = scene.site, {"max_retries": 1}
    mute = await asyncio.start_server(_listen, "127.0.0.1", 0)
    async with mute:
        silent = f"https://127.0.0.1:{mute.sockets[0].getsockname()[1]}/"
        ends = await asyncio.gather(
            scene.done("http://nowhere.invalid/", config=once),
            scene.done("http://127.0.0.1:1/", config=once),
            scene.done(silent, config={**once, "timeout": 2}),
            scene.done(f"{site}/hang", config=once),
            scene.done(f"{site}/slow/100?every_ms=100", config={**once, "timeout": 2}),
            scene.done(f"{site}/refuse-after-request", config=once),
            scene.done(f"{site}/bad-encoding", config=once),
            scene.done(f"{site}/status/429", config=once),
            scene.done(f"{site}/status/503", config=once),
            scene.done(f"{site}/redirect/to?url=http://["),
            scene.done(f"{site}/redirect/to?url=ftp://site.test/"),
            scene.done(site.replace("http:", "https:")),
            scene.done(f"{site}/redirect/loop"),
            scene.done(f"{site}/size/5000", config={"max_body_bytes": 1000}),
            scene.done(f"{site}/page/1", config={"cache": "only"}),
            scene.done(f"{site}/crash"),
        )
    assert [end["error_type"] for end in ends] == [*AGAIN, *FOR_GOOD]


async def _listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def pages_are_fetched_in_every_way(scene: Scene) -> None:
    async with saying(answer(b"ok"), over_tls=True) as secure:
        await scene.done(secure.url.replace("127.0.0.1", "localhost"))
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    await scene.done(f"{scene.odd}/kept", run_at=soon.isoformat())
    await scene.done(f"{scene.odd}/kept", config={"extract_text": True})
    heavy = [scene.done(f"{scene.odd}/heavy/{n}", config={"extract_text": True}) for n in range(3)]
    assert [end["error_message"] for end in await asyncio.gather(*heavy)] == [None] * len(heavy)


async def a_batch_is_watched_and_cancelled(scene: Scene) -> None:
    daemon = scene.daemon
    jobs = [{"url": f"{scene.site}/delay/300/page/{n}"} for n in range(64)]
    status, batch = await daemon.ask("POST", "/scrape/bulk", json={"jobs": jobs})
    assert status == 202
    await asyncio.gather(*(daemon.ask("GET", f"/scrape/{job_id}") for job_id in batch["job_ids"]))
    await daemon.get(f"/batches/{batch['batch_id']}")
    hung = await daemon.submit(f"{scene.site}/hang")
    assert (await daemon.ask("DELETE", f"/scrape/{hung}"))[0] == 200


async def reads_are_answered_again(scene: Scene) -> None:
    daemon = scene.daemon
    job_id = (await scene.done(f"{scene.site}/page/3"))["job_id"]
    for path in ("", "/result", "/explain"):
        await daemon.get(f"/scrape/{job_id}{path}")
    for _ in range(4):
        await asyncio.gather(daemon.get(f"/scrape/{job_id}"), daemon.get("/jobs"))
    await daemon.get("/jobs/stats")
    await scene.read_until(f"/scrape/{job_id}", 'cache_hits_total{cache_type="shared",key_prefix="status"}')
    with scene.redis.client() as client:
        for key in client.scan_iter("cfscraper:cache:status:*"):
            client.set(key, b"unreadable")
    await scene.read_until(f"/scrape/{job_id}", "redis_unreadable_values_total")
    failed = await scene.done(f"{scene.site}/size/5000", config={"max_body_bytes": 1000})
    assert (await daemon.ask("POST", f"/scrape/{failed['job_id']}/retry"))[0] == 202


async def another_takes_a_job_over(scene: Scene) -> None:
    """As one does that counts the lease for lost: by the fence. Again where the renewer is the first to find out."""
    taken = "UPDATE jobs SET fence = fence + 1 WHERE id = $1 AND status = 'running'"

    async def is_told() -> bool:
        return scene.daemon.has_told("settle.refused")

    async def is_refused() -> bool:
        job_id = await scene.daemon.submit(f"{scene.site}/delay/1500/page/1")
        await scene.until(lambda: _changes_one(scene, taken, job_id))
        with suppress(TimeoutError):
            await scene.until(is_told, within_s=SETTLED_WITHIN_S)
        return await is_told()

    await scene.until(is_refused)


async def _changes_one(scene: Scene, statement: str, job_id: str) -> bool:
    return bool(await scene.database.execute(statement, job_id) == "UPDATE 1")


async def the_database_is_locked_and_drops_connections(scene: Scene) -> None:
    """Who asks and what is fetched comes bit by bit, so that some of it meets a persister that hangs."""
    daemon, database = scene.daemon, scene.database
    left = set(WHILE_LOCKED)
    async with database.transaction(isolation="repeatable_read"):
        await database.fetchval("SELECT count(*) FROM jobs")
        await scene.until(partial(scene.shows, "db_oldest_snapshot_seconds"))
        await daemon.submit_all(*(f"{scene.site}/delay/{500 + 25 * n}/page/{n}" for n in range(64)))
        await scene.until(lambda: _runs(daemon, 2 * AT_ONCE))
        await database.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        asking = [asyncio.ensure_future(_ask_on(scene, "GET", f"/jobs?host=h{number}.test")) for number in range(8)]

        async def is_all_shown() -> bool:
            if len(asking) < AT_ONCE:
                asking.append(asyncio.ensure_future(_ask_on(scene, "POST", "/scrape")))
            left.difference_update([series for series in left if await scene.shows(series)])
            return not left

        with suppress(TimeoutError):
            await scene.until(is_all_shown)
        assert not left, left
    for each in asking:
        each.cancel()
    await asyncio.wait(asking)
    await database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> $1",
        database.get_server_pid(),
    )
    await scene.until(lambda: _answers(daemon, "/jobs?page=2"))


async def _runs(daemon: Daemon, jobs: int) -> bool:
    return bool((await daemon.get("/jobs/queue/status"))["running_jobs"] >= jobs)


async def _ask_on(scene: Scene, method: str, path: str) -> None:
    body = {"url": f"{scene.site}/page/1"} if method == "POST" else None
    while True:
        await scene.daemon.ask(method, path, json=body)


async def _answers(daemon: Daemon, path: str) -> bool:
    return (await daemon.ask("GET", path))[0] == 200


async def redis_dies_and_comes_back(scene: Scene) -> None:
    job_id = (await scene.done(f"{scene.site}/page/4"))["job_id"]
    scene.redis.kill()

    async def is_up(told: str) -> bool:
        await scene.daemon.get(f"/scrape/{job_id}")
        return f"redis_up {told}" in await scene.daemon.text_of("/metrics")

    await scene.until(lambda: is_up("0.0"))
    scene.redis.restart()
    await scene.until(lambda: is_up("1.0"))


async def it_is_looked_into(scene: Scene) -> None:
    daemon = scene.daemon
    for look in ("/admin/profile?seconds=1", "/admin/memory/snapshot?seconds=1"):
        assert (await daemon.ask("POST", look))[0] == 200
    found = {"types": ["pool", "garbage"]}
    assert (await daemon.ask("POST", "/admin/bottlenecks", json=found))[0] == 200


async def memory_grows_short(scene: Scene) -> None:
    async def stands_at(level: int) -> bool:
        return bool((await scene.daemon.get("/system/memory"))["level"] == level)

    uses(scene.machine, LIMIT_BYTES * 9 // 10)
    await scene.until(lambda: stands_at(4))
    await eventually(lambda: scene.daemon.has_told("memory.given_back"), within_s=WITHIN_S)
    uses(scene.machine, LIMIT_BYTES // 10)
    await scene.until(lambda: stands_at(0))


STORY = (
    reads_are_answered_again,
    pages_are_fetched_in_every_way,
    fetches_fail_in_every_way,
    a_batch_is_watched_and_cancelled,
    another_takes_a_job_over,
    it_is_looked_into,
    the_database_is_locked_and_drops_connections,
    redis_dies_and_comes_back,
    memory_grows_short,
)
