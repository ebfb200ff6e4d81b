"""How a process is killed in a torture."""

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from perf.torture.deaths import TEN, drawn, kill_after_write


def test_every_ten_deaths_are_mixed_alike_and_follow_from_the_seed() -> None:
    deaths = drawn(25, Random(3))
    assert deaths == drawn(25, Random(3)) != drawn(25, Random(4))
    assert [Counter(deaths[:10]), Counter(deaths[10:20]), len(deaths)] == [Counter(TEN), Counter(TEN), 25]


@pytest.mark.parametrize("exists", [True, False])
def test_a_process_is_killed_once_the_file_is_written(tmp_path: Path, *, exists: bool) -> None:
    file = tmp_path / "log"
    if exists:
        file.write_bytes(b"before")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"]) as process:
        striker = threading.Thread(target=kill_after_write, args=(process.pid, file, 0.001))
        striker.start()
        size = len(b"before")
        while striker.is_alive():  # it may not have looked yet
            size += 1
            file.write_bytes(b"x" * size)
        assert process.wait(10) == -9
