"""What a process is fitted out with: the store, the web, the metrics and the system over them, as the settings say.

Adapters are chosen here and nowhere else; what the settings do not ask for is not imported.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from random import Random
from time import monotonic, time
from typing import Any

from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from actors.caching import Caching, caching
from actors.chronicle import Chronicle
from actors.database import Database, opened
from actors.measures import LEAST, Measures
from actors.sharing import Sharing, sharing
from actors.system import System
from actors.tracing import UNTRACED, Tracing
from actors.trouble import Trouble
from actors.watching import Ground, Watching, grounded, watching
from actors.web import Kept, web
from config.settings import Settings
from config.version import release
from engine.cache.pages.cached_fetch import Finding
from engine.errors import StoreError
from engine.jobs.ids import Ids
from engine.jobs.ports import Fetch, JobStore
from engine.jobs.request import DEFAULT, Options
from engine.jobs.verdict import Rules
from engine.metrics.caches import CacheMetrics
from engine.metrics.catalogue import Catalogue
from engine.metrics.connections import ConnectionMetrics
from engine.metrics.dials import Dials
from engine.metrics.ends import EndMetrics
from engine.metrics.headway import Headway
from engine.metrics.instruments import Instruments, Witness
from engine.metrics.observer import MetricsObserver
from engine.metrics.pages import PageMetrics
from engine.metrics.timed_store import TimedStore
from engine.metrics.vitals import Pulse
from engine.runtime import Child, Deadline, DeadlineExpired, Observer, raise_limit
from engine.storage.patient import PatientStore

LET_GO_WITHIN_S = 5.0
"""How long a process at its end tries to give back what it holds: the next one takes it back in any case."""

OTHER_DESCRIPTORS = 512
"""Files and sockets that are no fetches: clients, the store, connections that are kept idle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """What is measured, and where it is shown."""

    registry: CollectorRegistry
    catalogue: Catalogue
    headway: Headway
    dials: Dials
    instruments: Instruments


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """An opened system and what it stands on."""

    settings: Settings
    log: FilteringBoundLogger
    gauges: Gauges
    store: JobStore
    caching: Caching
    """What was read from it before, kept as long as it holds."""
    sharers: Sequence[Child[Any]]
    """Who tends what processes share of that, if they do."""
    ids: Ids
    now: Callable[[], float]
    """The time by which jobs are made and due: the store's, which the wall clock's jumps do not move."""
    options: Options
    """What a job is fetched with where it says nothing else."""
    system: System
    trouble: Trouble
    watching: Watching

    async def let_go(self) -> None:
        """Gives back what this process still holds; may be asked again."""
        try:
            with Deadline(LET_GO_WITHIN_S):
                await self.system.let_go()
        except (DeadlineExpired, StoreError) as error:
            self.log.warning("leases.kept", why=str(error))


@asynccontextmanager
async def fitted(  # noqa: PLR0913 - what commands differ in
    settings: Settings,
    *,
    log: FilteringBoundLogger,
    witnesses: Sequence[Witness] = (),
    observers: Sequence[Observer] = (),
    on_damage: Callable[[], None] = lambda: None,
    restart: Callable[[], None] | None = None,
    least_fetches: int = LEAST,
    tracing: Tracing = UNTRACED,
) -> AsyncIterator[Outfit]:
    """Opens all and closes all; what this process still holds of the store's jobs is given back before that.

    `restart` ends this process for another to begin, when nothing else helps against a shortage of memory. Never fewer
    fetches at once than `least_fetches`, if there is work, nor more than the settings say.
    """
    chronicle = Chronicle(log=log)
    registry = CollectorRegistry()
    catalogue = Catalogue(registry=registry, version=release(), name=settings.app_name)
    trouble = Trouble(log=log, on_damage=on_damage)
    ids = Ids(wall=time, random_bits=Random().getrandbits)  # noqa: S311 - seeded by the system; ids are no secrets
    owner = ids.owner()
    cache_watch = CacheMetrics(catalogue=catalogue)
    async with (
        grounded(settings, catalogue=catalogue) as ground,
        _database(settings, owner, catalogue, trouble) as database,
        sharing(settings, owner=owner, catalogue=catalogue, say=trouble.cache_is_down) as shared,
    ):
        kept = _caching(settings, ground, database, shared, cache_watch)
        guard = watching(
            settings, ground=ground, caching=kept, catalogue=catalogue, chronicle=chronicle, restart=restart
        )
        store = TimedStore(store=database.store, catalogue=catalogue)
        patient = PatientStore(store=kept.before(store), tell=trouble.heard)
        measures = _measures(settings, database, least_fetches)
        told = [chronicle, *witnesses, *tracing.settles(database.now)]
        gauges = _gauges(settings, registry, catalogue, told, [chronicle, *observers])
        async with web(settings, kept=_pages(settings, kept, shared, cache_watch), now=database.now) as client:
            fetch = tracing.fetches(client)
            system = _system(
                settings, database, guard, gauges, store=patient, fetch=fetch, owner=owner, measures=measures
            )
            outfit = Outfit(
                settings=settings,
                log=log,
                gauges=gauges,
                store=store,
                caching=kept,
                sharers=shared.children(kept) if shared else (),
                ids=ids,
                now=database.now,
                options=_options(settings),
                system=system,
                trouble=trouble,
                watching=guard,
            )
            yield outfit
            await outfit.let_go()


def _database(
    settings: Settings, owner: str, catalogue: Catalogue, trouble: Trouble
) -> AbstractAsyncContextManager[Database]:
    watch = ConnectionMetrics(catalogue=catalogue, tell=trouble.leaked)
    ended = EndMetrics(catalogue=catalogue).ended
    return opened(settings, owner=owner, watch=watch, say=trouble.is_deaf, tell=trouble.took_back, ended=ended)


def _caching(
    settings: Settings, ground: Ground, database: Database, shared: Sharing | None, watch: CacheMetrics
) -> Caching:
    """Whatever is allowed, memory bounds it."""
    limit_bytes = min(settings.cache_max_memory_size, ground.budget.caches_bytes)
    level = shared.level if shared else None
    return caching(settings, limit_bytes=limit_bytes, now=database.now, watch=watch, shared=level)


def _system(  # noqa: PLR0913 - what a system is made of
    settings: Settings,
    database: Database,
    guard: Watching,
    gauges: Gauges,
    *,
    store: JobStore,
    fetch: Fetch,
    owner: str,
    measures: Measures,
) -> System:
    return System(
        store=store,
        fetch=fetch,
        credits=guard.shares.fetches,
        rules=Rules(job_timeout_s=settings.job_timeout, now=database.now, draw=Random().random),  # noqa: S311 - jitter
        owner=owner,
        measures=measures,
        instruments=gauges.instruments,
        journal=database.journal,
        bell=database.bell,
        heir=database.heir,
        guard=guard,
    )


def _pages(settings: Settings, kept: Caching, shared: Sharing | None, watch: CacheMetrics) -> Kept:
    return Kept(
        near=kept.pages,
        far=shared.level if shared else None,
        stale_s=settings.cache_default_ttl,
        tell=lambda finding: watch.looked("pages", "page:", found=finding is not Finding.MISS),
    )


def _gauges(
    settings: Settings,
    registry: CollectorRegistry,
    catalogue: Catalogue,
    witnesses: Sequence[Witness],
    observers: Sequence[Observer],
) -> Gauges:
    headway = Headway(clock=monotonic)
    dials = Dials(
        catalogue=catalogue,
        pulse=Pulse(clock=monotonic, data=settings.data_folder),
        headway=headway,
    )
    instruments = Instruments(
        pages=PageMetrics(catalogue=catalogue, headway=headway),
        dials=dials,
        observers=[MetricsObserver(catalogue=catalogue), *observers],
        witnesses=witnesses,
    )
    return Gauges(registry=registry, catalogue=catalogue, headway=headway, dials=dials, instruments=instruments)


def _measures(settings: Settings, database: Database, least: int) -> Measures:
    return Measures(
        concurrency=min(settings.concurrent_fetches, _most_fetches(raise_limit())),
        least=least,
        lease_s=settings.lease_seconds,
        grace_s=settings.drain_grace_seconds,
        pace=database.pace,
        persisters=database.writers,
        random=Random(),  # noqa: S311 - jitter
    )


def _most_fetches(descriptors: int) -> int:
    """A fetch may hold two sockets, while it tries two addresses side by side; the rest of the process needs some."""
    return max((descriptors - OTHER_DESCRIPTORS) // 2, 1)


def _options(settings: Settings) -> Options:
    """DEFAULT itself where they are no others: what is default is told by that, without a look at each."""
    options = Options(
        timeout_s=settings.fetch_timeout_s,
        max_retries=settings.http_max_retries,
        delay_between_retries_s=settings.retry_delay_s,
        max_body_bytes=settings.max_body_bytes,
    )
    return DEFAULT if options == DEFAULT else options
