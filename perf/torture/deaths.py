"""When a process is killed: under load, in the middle of a write, while it starts, while it migrates."""

import os
import signal
from enum import StrEnum
from pathlib import Path
from random import Random
from time import perf_counter, sleep

LOOK_EVERY_S = 0.00005
WAITS_AT_MOST_S = 2.0
SPUN_S = 0.001
"""The last of a wait, for which no sleep is exact enough."""


class Death(StrEnum):
    """The moment at which the signal comes."""

    LOAD = "load"
    COMMIT = "commit"
    START = "start"
    MIGRATION = "migration"


TEN = (*[Death.LOAD] * 4, *[Death.COMMIT] * 3, Death.START, *[Death.MIGRATION] * 2)


def drawn(kills: int, random: Random) -> list[Death]:
    """So many deaths, every ten of them mixed alike."""
    deaths: list[Death] = []
    while len(deaths) < kills:
        deaths += random.sample(TEN, len(TEN))
    return deaths[:kills]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def kill_after_write(pid: int, file: Path, wait_s: float) -> None:
    """So long after the file was next written, or came to be; called in a thread of its own, for it watches closely."""
    before, ends_at = _written(file), perf_counter() + WAITS_AT_MOST_S
    while _written(file) == before and perf_counter() < ends_at:
        sleep(LOOK_EVERY_S)
    kill_after(pid, wait_s)


def kill_after(pid: int, wait_s: float) -> None:
    """To the microsecond; called in a thread of its own."""
    strikes_at = perf_counter() + wait_s
    while (left_s := strikes_at - perf_counter()) > 0:
        if left_s > SPUN_S:
            sleep(left_s - SPUN_S)
    kill(pid)


def _written(file: Path) -> tuple[int, int]:
    try:
        about = file.stat()
    except FileNotFoundError:
        return (0, 0)
    return (about.st_mtime_ns, about.st_size)
