"""Workers as a deployment has pods: so many as were told; one that is to go gets SIGTERM and drains.

Who is not ready goes first, then the youngest.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import psutil

from perf.process import ModuleProcess, ProcessError, running

STARTS_WITHIN = timedelta(seconds=120)
STOPS_WITHIN = timedelta(seconds=75)
"""As long as its pod's grace."""
LOOK_EVERY_S = 0.2
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=5)


@dataclass(slots=True, kw_only=True, eq=False)
class Pod:
    """`url` is told while it is ready."""

    url: str | None = None
    leaves: asyncio.Event = field(default_factory=asyncio.Event)


class Pods:
    """All of one deployment."""

    def __init__(
        self, *, environment: Mapping[str, str], group: asyncio.TaskGroup, fault: Callable[[str], None]
    ) -> None:
        """`fault` is told of each that did not live and end as it should."""
        self._fault = fault
        self._environment = environment
        self._group = group
        self._pods: list[Pod] = []

    @property
    def wanted(self) -> int:
        return len(self._pods)

    @property
    def ready(self) -> Sequence[str]:
        return [pod.url for pod in self._pods if pod.url]

    def scale(self, replicas: int) -> None:
        while len(self._pods) < replicas:
            pod = Pod()
            self._pods.append(pod)
            self._group.create_task(self._lives(pod))
        for pod in self._leaving(len(self._pods) - replicas):
            self._pods.remove(pod)
            pod.leaves.set()

    def _leaving(self, number: int) -> list[Pod]:
        places = sorted(range(len(self._pods)), key=lambda place: (self._pods[place].url is not None, -place))
        return [self._pods[place] for place in places[: max(number, 0)]]

    async def _lives(self, pod: Pod) -> None:
        try:
            async with running(
                "actors",
                ("serve", "--role=worker"),
                env=self._environment,
                starts_within=STARTS_WITHIN,
                stops_within=STOPS_WITHIN,
            ) as process:
                await self._serves(pod, process)
        except ProcessError as error:
            self._fault(str(error))

    async def _serves(self, pod: Pod, process: ModuleProcess) -> None:
        await ready(process.url)
        pod.url = process.url
        await pod.leaves.wait()
        if not psutil.pid_exists(process.pid):
            self._fault(f"worker {process.pid} ended by itself")


async def ready(url: str) -> None:
    """Until it says so. ProcessError when that takes too long."""
    try:
        async with asyncio.timeout(STARTS_WITHIN.total_seconds()), aiohttp.ClientSession() as client:
            while not await _is_ready(client, url):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise ProcessError(f"{url} was not ready within {STARTS_WITHIN}") from None


async def _is_ready(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(f"{url}/api/v1/health/ready", timeout=ANSWERS_WITHIN) as answer:
            return answer.ok
    except (aiohttp.ClientError, TimeoutError):
        return False
