"""The daemon on a disk that fills up while it works, and has room again."""

import shutil
import sqlite3
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from engine.errors import StoreFullError
from engine.jobs.status import Status
from engine.storage.sqlite import opening
from engine.storage.sqlite.connection import open_writer
from perf.origin.server import serving
from tests.conftest import eventually
from tests.flow.daemons import Daemon, a_daemon
from tests.flow.works import all_settled, submit, the_settings, works

SIZE = "6m"
BLOCK = bytes(4096)


def on_a_small_disk(folder: Path) -> tuple[str, ...]:
    """A command under which that folder is one, for the process it becomes and for nobody else."""
    return ("unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size={SIZE} small "{folder}" && exec "$@"', "sh")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    with suppress(FileNotFoundError):
        if subprocess.run((*on_a_small_disk(folder), "true"), capture_output=True, check=False).returncode == 0:
            return folder
    pytest.skip("needs unshare, user namespaces and tmpfs")


@pytest.mark.timeout(90)
async def test_on_a_full_disk_submits_are_refused_reads_go_on_and_work_goes_on_when_there_is_room(
    tmp_path: Path, disk: Path
) -> None:
    url = f"sqlite:///{disk / 'daemon.db'}"
    async with serving() as site, a_daemon(tmp_path, under=on_a_small_disk(disk), DATABASE_URL=url) as daemon:
        seen = Path(f"/proc/{daemon.pid}/root{disk}")
        begun = await daemon.submit(f"{site}/delay/2000/page/1")
        ballast = seen / "ballast"
        fill(ballast)
        accepted = await submits_until_refused(daemon, f"{site}/page/2")
        assert (await daemon.get(f"/scrape/{begun}"))["job_id"] == begun
        assert await daemon.get("/health/live")
        ballast.unlink()
        assert await daemon.settles_all()
        for job_id in (begun, *accepted):
            job = await daemon.get(f"/scrape/{job_id}")
            assert (job["status"], job["result"]["attempts"]) == ("completed", 1)
        assert (await daemon.get("/jobs"))["total"] == 1 + len(accepted)
        assert not [event for event in daemon.events() if event["event"] in {"actor.crashed", "actor.restarting"}]


async def test_at_the_end_of_a_file_that_may_not_grow_pages_are_kept_in_hand_until_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers: list[sqlite3.Connection] = []

    def noted(path: Path) -> sqlite3.Connection:
        writers.append(open_writer(path))
        return writers[-1]

    monkeypatch.setattr(opening, "open_writer", noted)
    async with serving() as site, works(the_settings(tmp_path, LEASE_SECONDS="3")) as (outfit, root):
        (writer,) = writers
        jobs = await submit(outfit, [f"{site}/delay/{ms}/page/{n}" for ms in (100, 300, 500) for n in range(20)])
        writer.execute("PRAGMA max_page_count = 1")
        with pytest.raises(StoreFullError):
            await submit(outfit, [f"{site}/page/{n}" for n in range(2000)])
        await eventually(lambda: outfit.system.outcomes.depth > 4, within_s=15)
        assert (await outfit.store.counts())[Status.RUNNING] > 4
        writer.execute("PRAGMA max_page_count = 1000000")
        assert await all_settled(outfit) == {Status.COMPLETED: len(jobs)}
        assert sum(child.restarts for child in root.tree().children) == 0


async def test_a_log_has_its_room_before_anything_is_written_after_a_death_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        assert (tmp_path / "works.db-wal").stat().st_size >= 1024 * 1024
        await submit(outfit, [f"{site}/delay/500/page/1"])
        await eventually(lambda: len(outfit.system.ledger) == 1)
        for name in ("works.db", "works.db-wal"):
            shutil.copy(tmp_path / name, folder)
    async with works(the_settings(folder)):
        assert (folder / "works.db-wal").stat().st_size >= 1024 * 1024


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(BLOCK)


async def submits_until_refused(daemon: Daemon, url: str) -> list[str]:
    accepted: list[str] = []
    while True:
        status, answer = await daemon.ask("POST", "/scrape", json={"url": url})
        if status != 202:
            assert answer["error"] == "store_full", answer
            return accepted
        accepted.append(answer["job_id"])
