"""What the load meets: a service that is there already, or a daemon of our own, and the site its jobs are about."""

from argparse import Namespace
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
from yarl import URL

from perf.origin.server import loopbacks
from perf.process import ModuleProcess, running

STARTS_WITHIN = timedelta(seconds=60)
STOPS_WITHIN = timedelta(seconds=60)
SITE_READY_S = 60.0
MORE_HOSTS = 15
"""A service fetches a few pages at once from one host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where to send calls, which site to name in them, and whose process to look at."""

    url: str
    site: str
    pid: int | None
    others: Sequence[str] = ()
    """The same site, on other hosts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The daemon that is started: its module, what it is asked to do, and what it is told beside the usual."""

    module: str = "actors"
    args: Sequence[str] = ("serve",)
    told: Mapping[str, str] = field(default_factory=dict)


USUAL = Service()


@asynccontextmanager
async def ground(args: Namespace, *, database: str | None, service: Service = USUAL) -> AsyncIterator[Ground]:
    """A daemon on that database, or the host that was named where there is none."""
    async with AsyncExitStack() as stack:
        site = args.site or await _site(stack)
        others = () if args.site else [str(URL(site).with_host(host)) for host in loopbacks(MORE_HOSTS)]
        if database is None:
            yield Ground(url=args.host.rstrip("/"), site=site, pid=args.pid, others=others)
        else:
            daemon = await _daemon(stack, database, service)
            yield Ground(url=daemon.url, site=site, pid=daemon.pid, others=others)


async def _site(stack: AsyncExitStack) -> str:
    """With its pages made, for the time that takes is not the service's."""
    origin = await stack.enter_async_context(running("perf", ("origin", f"--more-hosts={MORE_HOSTS}")))
    wait = aiohttp.ClientTimeout(total=SITE_READY_S)
    async with aiohttp.ClientSession(timeout=wait) as client, client.get(f"{origin.url}/manifest?n=2000") as answer:
        await answer.read()
    return origin.url


async def _daemon(stack: AsyncExitStack, database: str, service: Service) -> ModuleProcess:
    return await stack.enter_async_context(
        running(
            service.module,
            service.args,
            env={**environment(database), **service.told},
            starts_within=STARTS_WITHIN,
            stops_within=STOPS_WITHIN,
        )
    )


def environment(database: str) -> Mapping[str, str]:
    """The site is on this machine, and one host: it is to be as busy as many would be."""
    return {
        "DATABASE_URL": database,
        "PORT": "0",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
        "ALLOW_PRIVATE_NETWORKS": "true",
        "HOST_MAX_CONCURRENCY": "1000",
    }
