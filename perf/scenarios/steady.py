"""Asks for URLs in turn at a fixed rate, whether or not what was asked before is answered, in a process of its own.

So nobody's work stands between an answer and the clock but the asker's own, and how late that makes it is told.
"""

import asyncio
from argparse import ArgumentParser
from asyncio import TaskGroup
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp
import orjson
import uvloop

from perf.process import output_of

WITHIN_S = 5.0
"""Later than that is no answer."""
STARTS_WITHIN_S = 3.0
"""From the beginning of its process to its first request."""
ENDS_WITHIN_S = 60.0
RESPONSE_TIME = "X-Response-Time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request; times are perf_counter's, which all processes of a Linux machine share."""

    began: float
    late_s: float
    """How long after its time the asker came to it."""
    taken_s: float
    own_s: float
    """What the service says it took of that; 0 where it did not answer."""
    fault: str
    """What was wrong with the answer; empty if nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many requests a second, so many in all; the first at `begins`, by perf_counter."""

    begins: float
    rate: float
    most: int


class Steady:
    """Each answer is held against the one that is expected."""

    def __init__(self, *, session: aiohttp.ClientSession, expected: Mapping[str, bytes], plan: Plan) -> None:
        self.asked: list[Asked] = []
        self._session = session
        self._expected = expected
        self._urls = tuple(expected)
        self._plan = plan

    async def run(self) -> None:
        async with TaskGroup() as group:
            for number in range(self._plan.most):
                due = self._plan.begins + number / self._plan.rate
                await asyncio.sleep(due - perf_counter())
                group.create_task(self._ask(self._urls[number % len(self._urls)], due))

    async def _ask(self, url: str, due: float) -> None:
        began, own_s = perf_counter(), 0.0
        try:
            async with asyncio.timeout(WITHIN_S), self._session.get(url) as answer:
                fault = _fault(answer.status, await answer.read(), self._expected[url])
                own_s = float(answer.headers.get(RESPONSE_TIME, "0s").removesuffix("s"))
        except (aiohttp.ClientError, TimeoutError) as error:
            fault = type(error).__name__
        taken_s = perf_counter() - began
        self.asked.append(Asked(began=began, late_s=began - due, taken_s=taken_s, own_s=own_s, fault=fault))


async def asked_apart(expected: Mapping[str, bytes], plan: Plan) -> Sequence[Asked]:
    """By a process of its own, once all is answered. ProcessError if it fails."""
    within = plan.begins - perf_counter() + plan.most / plan.rate + ENDS_WITHIN_S
    with TemporaryDirectory(prefix="cfscraper-steady-") as folder:
        path, found = Path(folder) / "expected", Path(folder) / "found"
        path.write_bytes(orjson.dumps({url: answer.decode() for url, answer in expected.items()}))
        args = (f"--begins={plan.begins!r}", f"--rate={plan.rate!r}", f"--most={plan.most}", str(path), str(found))
        await output_of("perf.scenarios.steady", args, within=timedelta(seconds=within))
        return [Asked(**each) for each in orjson.loads(found.read_bytes())]


def _fault(status: int, found: bytes, expected: bytes) -> str:
    if status != 200:
        return f"status {status}"
    return "" if found == expected else "another answer"


async def _asked(expected: Mapping[str, bytes], plan: Plan) -> Sequence[Asked]:
    async with aiohttp.ClientSession() as session:
        steady = Steady(session=session, expected=expected, plan=plan)
        await steady.run()
    return steady.asked


def _main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--begins", type=float, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--most", type=int, required=True)
    parser.add_argument("expected", type=Path)
    parser.add_argument("found", type=Path)
    args = parser.parse_args()
    expected = {url: answer.encode() for url, answer in orjson.loads(args.expected.read_bytes()).items()}
    plan = Plan(begins=args.begins, rate=args.rate, most=args.most)
    args.found.write_bytes(orjson.dumps(uvloop.run(_asked(expected, plan))))


if __name__ == "__main__":
    _main()
