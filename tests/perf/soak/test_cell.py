"""Limits that the kernel holds a process to."""

import subprocess
import sys
from pathlib import Path
from signal import SIGKILL

import pytest

from perf.soak.cell import a_cell

MEBIBYTE = 1024 * 1024
HUNGRY = "input(); bytearray(200 * 1024 * 1024)"


def test_where_no_controller_is_none_is_made(tmp_path: Path) -> None:
    with a_cell(100 * MEBIBYTE, mount=tmp_path) as cell:
        assert cell is None
    assert not list(tmp_path.iterdir())


def test_who_takes_more_than_the_limit_is_killed() -> None:
    with a_cell(100 * MEBIBYTE) as cell:
        if cell is None:
            pytest.skip("needs a machine that lets us make control groups")
        with subprocess.Popen([sys.executable, "-c", HUNGRY], stdin=subprocess.PIPE) as process:
            cell.enter(process.pid)
            process.communicate(b"\n", timeout=20)
        assert process.returncode == -SIGKILL
    assert not cell.path.exists()
