"""`cfscraper scrape`: the main job without a server."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from perf.origin.server import serving
from tests.conftest import eventually


async def run_command(*args: str, fed: bytes | None = None) -> tuple[int, bytes, bytes]:
    process = await started(*args)
    out, told = await process.communicate(fed)
    assert process.returncode is not None
    return process.returncode, out, told


async def started(*args: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "actors", "scrape", *args)
    pipe = subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=os.environ)


def lines(written: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in written.splitlines()]


async def test_all_fetched_is_0_and_a_line_each() -> None:
    async with serving() as site:
        code, out, told = await run_command(f"{site}/page/1", f"{site}/status/404", "--extract-text")
    assert code == 0, told
    assert {line["url"]: line["status_code"] for line in lines(out)} == {
        f"{site}/page/1": 200,
        f"{site}/status/404": 404,
    }
    assert all(line["text"] for line in lines(out) if line["status_code"] == 200)
    assert b"completed" in told


async def test_what_cannot_be_fetched_is_a_line_and_the_exit_code_1() -> None:
    async with serving() as site:
        fed = f"# a list\n\n{site}/page/1\nno url\nftp://site.test/\n{site}/page/1\n".encode()
        code, out, _ = await run_command("--from", "-", fed=fed)
    assert code == 1
    found = {line["url"]: line["error_type"] for line in lines(out)}
    assert found == {f"{site}/page/1": None, "no url": "invalid_url", "ftp://site.test/": "unsupported_scheme"}


async def test_nothing_to_do_is_wrong_usage() -> None:
    code, _, told = await run_command()
    assert (code, b"--from" in told) == (2, True)


async def test_after_ctrl_c_the_same_command_goes_on_and_asks_for_nothing_twice(tmp_path: Path) -> None:
    out, store = tmp_path / "out.jsonl", tmp_path / "store.db"
    async with serving() as site:
        urls = tmp_path / "urls.txt"
        urls.write_text("".join(f"{site}/delay/100/page/{n}\n" for n in range(60)))
        command = ("--from", str(urls), "--out", str(out), "--store", str(store), "--concurrency", "2")
        process = await started(*command)
        await eventually(lambda: out.exists() and out.read_bytes().count(b"\n") > 3, within_s=15)
        process.send_signal(signal.SIGINT)
        await process.communicate()
        done_before = out.read_bytes().count(b"\n")
        assert (process.returncode, done_before < 60) == (1, True)
        code, _, told = await run_command(*command[:-1], "30")
    assert code == 0, told
    found = lines(out.read_bytes())
    assert len({line["url"] for line in found}) == len(found) == 60
    assert all(line["attempts"] == 1 for line in found)


async def test_a_large_body_is_one_line() -> None:
    size = 1_000_000
    async with serving() as site:
        code, out, told = await run_command(f"{site}/size/{size}", f"{site}/page/1")
    assert code == 0, told
    found = {line["url"]: line for line in lines(out)}
    assert len(found[f"{site}/size/{size}"]["content"]) == found[f"{site}/size/{size}"]["content_length"] == size
    assert found[f"{site}/page/1"]["status_code"] == 200
