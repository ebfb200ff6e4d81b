"""A key makes one job of many submits, whoever dies between them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from time import time
from typing import Any

import aiohttp
import pytest
from yarl import URL

from actors.outfit import Outfit
from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.once import Once
from engine.jobs.request import Request
from engine.jobs.status import Status
from perf.origin.server import serving
from perf.process import running
from tests.actors.test_kills import killed
from tests.engine.api.talk import talking
from tests.flow.calls import WITHIN_S, got, the_environment
from tests.flow.works import all_settled, the_settings, works

KEYS = 20
TWINS = 4


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=WITHIN_S) as session:
        yield session


async def submitted(client: aiohttp.ClientSession, url: str, document: Any) -> tuple[bytes, str | None]:
    headers = {"Idempotency-Key": "mine"}
    async with client.post(f"{url}/api/v1/scrape", json=document, headers=headers) as answer:
        assert answer.status == 202, await answer.text()
        return await answer.read(), answer.headers.get("Idempotent-Replayed")


async def test_after_kill_9_the_same_key_has_the_same_answer(tmp_path: Path, client: aiohttp.ClientSession) -> None:
    environment = the_environment(tmp_path)
    async with serving() as site:
        document, line = {"url": f"{site}/page/1"}, {"url": f"{site}/page/2", "idempotency_key": "line"}
        async with running("actors", ("serve",), env=environment) as daemon:
            first, replayed = await submitted(client, daemon.url, document)
            assert replayed is None
            async with talking(URL(daemon.url)) as talk:
                await talk.tell(line)
                (said,) = await talk.hear()
                os.kill(daemon.pid, signal.SIGKILL)
        async with running("actors", ("serve",), env=environment) as daemon:
            assert await submitted(client, daemon.url, document) == (first, "true")
            async with talking(URL(daemon.url)) as talk:
                await talk.tell(line)
                assert await talk.hear() == [{**said, "replayed": True}]
                await talk.end()
                assert await talk.rest() == []


async def test_twins_are_one_job_though_who_commits_them_dies(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, root):
        commands = [twin(outfit, f"{site}/page/{number}", str(number)) for number in range(KEYS) for _ in range(TWINS)]
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(outfit.system.commit(command)) for command in commands]
            while not outfit.system._hands[0].commands:  # noqa: ASYNC110 - a commit is shorter than a wait would be
                await asyncio.sleep(0)
            await killed(root, "persister")
        answers = [task.result() for task in asked]
        assert sum(answer is None for answer in answers) == KEYS
        assert await all_settled(outfit) == {Status.COMPLETED: KEYS}
        for command, answer in zip(commands, answers, strict=True):
            told = answer.answer if isinstance(answer, Once) else command.jobs[0].id
            assert await outfit.store.get(told) is not None


async def test_sigterm_ends_a_stream_after_its_last_answer(tmp_path: Path, client: aiohttp.ClientSession) -> None:
    environment = the_environment(tmp_path)
    async with running("actors", ("serve",), env=environment) as daemon, talking(URL(daemon.url)) as talk:
        await talk.tell(*({"url": f"http://127.0.0.1:9/{number}"} for number in range(1000)))
        (first,) = await talk.hear()
        os.kill(daemon.pid, signal.SIGTERM)
        said = [first, *await talk.rest()]
    async with running("actors", ("serve",), env=environment) as daemon:
        for each in said[:3] + said[-3:]:
            assert (await got(client, daemon, f"/scrape/{each['job_id']}"))["job_id"] == each["job_id"]
    assert [each["line"] for each in said] == list(range(1, len(said) + 1))


def twin(outfit: Outfit, url: str, key: str) -> Submit:
    """As many of one key as there are, each would be a job of its own."""
    now = time()
    job = Job(id=outfit.ids.job(), request=Request(url=url, host="127.0.0.1"), created_at=now, updated_at=now)
    return Submit(jobs=(job,), once=Once(key=key, digest="d", answer=job.id))
