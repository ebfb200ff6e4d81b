import os
import shutil
import signal
import subprocess
import sys

import asyncpg
import psutil
import pytest

from perf.process import ROOT
from perf.servers.postgres import Postgres, a_postgres

STARTED_AND_FORGOTTEN = """
from perf.servers.postgres import a_postgres
with a_postgres(durable=False) as server:
    print(server.pid, server.folder, flush=True)
    input()
"""


async def test_what_was_committed_outlives_a_kill_and_the_port_stays() -> None:
    with a_postgres() as server:
        before = server.url
        await _execute(server, "CREATE TABLE kept AS SELECT 7 AS number")
        server.kill()
        with pytest.raises(ConnectionRefusedError):
            await _execute(server, "SELECT 1")
        server.start()
        assert server.url == before
        assert await _execute(server, "SELECT number FROM kept") == 7


async def test_what_serves_it_stays_on_the_cpu_it_is_pinned_to_if_connected_later() -> None:
    cpu = os.sched_getaffinity(0).pop()
    with a_postgres(durable=False) as server:
        server.pin(cpu)
        connection = await asyncpg.connect(server.url, timeout=5)
        everybody = psutil.Process(server.pid).children()
        assert await connection.fetchval("SELECT pg_backend_pid()", timeout=5) in [each.pid for each in everybody]
        assert {cpu} == {cpu for each in everybody for cpu in each.cpu_affinity()}
        await connection.close(timeout=5)


def test_nothing_is_left_of_it_when_its_owner_is_killed() -> None:
    owner = subprocess.Popen(
        (sys.executable, "-c", STARTED_AND_FORGOTTEN), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    with owner:
        pid, folder = owner.stdout.readline().decode().split()
        server = psutil.Process(int(pid))
        owner.send_signal(signal.SIGKILL)
    assert server.wait(timeout=10) in (0, None)
    shutil.rmtree(folder)


async def _execute(server: Postgres, statement: str) -> object:
    connection = await asyncpg.connect(server.url, timeout=5)
    try:
        return await connection.fetchval(statement, timeout=5)
    finally:
        await connection.close(timeout=5)
