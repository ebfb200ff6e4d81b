"""The process behind `cfscraper serve`: the system with a server, until it is told to stop."""

import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import time

from aiohttp import web
from structlog.typing import FilteringBoundLogger

from actors.auditing import Alarm, Sampler, auditing
from actors.auditor import Auditor
from actors.outfit import Outfit, fitted
from actors.profiling import Profiling, profiling
from actors.rebirth import Rebirth
from actors.report import memory_status
from actors.server import Server, connections
from actors.system import ROOT, System
from actors.tracing import Tracing, tracing
from actors.trouble import Trouble
from config.logs import configure
from config.settings import Settings
from config.version import release
from engine.api import PROBES, ROUTES, Services, build_app
from engine.api.admission import Admission
from engine.api.directory import DIRECTORY
from engine.api.jobs import kept_status
from engine.api.keeping import Keeping
from engine.errors import EngineError, StoppingError
from engine.fetch.decoding import Decoding
from engine.jobs.command import Command, Submit
from engine.jobs.errand import ids_in_hand
from engine.jobs.ports import Answer
from engine.jobs.request import Selector
from engine.memory.allocator import tune
from engine.metrics.bottlenecks import BottleneckMetrics
from engine.metrics.exposition import Exposition
from engine.metrics.traffic import TrafficMetrics
from engine.runtime import (
    Child,
    Closing,
    DrainBegan,
    Event,
    Notice,
    Signals,
    State,
    Supervisor,
    run,
    settle_in,
    until_ended,
)

BACKLOG = 1024
"""Connections that wait to be accepted; the kernel refuses more."""
BEGIN_AGAIN = 75
"""EX_TEMPFAIL: what ended is to be started again, in place or by whoever looks after the process."""
BACK_WITHIN_S = 1.0
"""What crashed runs again by then, unless it crashes again and again: until then nothing is wrong with the service."""
ANSWER_WITHIN_S = 5.0
"""What open requests have, to be answered, when no fetch is in hand any more."""


def serve(settings: Settings) -> int:
    """Returns the exit code: 0 after an orderly stop, 1 when it could not start or had to give up.

    75 after an orderly stop that was its own, because memory was short and nothing else helped.
    """
    log = configure(level=settings.log_level, log_format=settings.log_format, stream=sys.stderr.buffer, ids=ids_in_hand)
    for warning in settings.warnings:
        log.warning("setting.without_effect", what=warning)
    rebirth = Rebirth(os.environ)
    try:
        with _listening(settings, rebirth) as listening:
            code = run(partial(_serve, settings, listening, log=log))
            if code == BEGIN_AGAIN and settings.memory_restart == "exec":
                rebirth.begin(listening)
            return code
    except (EngineError, OSError) as error:
        log.error("start.failed", why=str(error))  # noqa: TRY400 - the message is written for who started it
        return 1


class Standing:
    """How the process stands, as its supervision tree shows it. An observer that hears of the drain."""

    def __init__(self, *, name: str, closing: Closing) -> None:
        self.name = name
        self.version = release()
        self.started_at = 0.0
        self.root: Supervisor | None = None
        self.trouble: Trouble | None = None
        self._closing = closing

    def saw(self, event: Event) -> None:
        if isinstance(event, DrainBegan) and event.name == ROOT:
            self._closing.begin()

    def is_live(self) -> bool:
        return self._state is not State.DONE

    def readiness(self) -> tuple[bool, str]:
        if self._closing.is_announced or self._state is not State.RUNNING:
            return False, "the service is stopping"
        if self.trouble is not None and self.trouble.damage is not None:
            return False, self.trouble.damage
        below = self.root.tree(deep=False).children if self.root else ()
        down = [node.name for node in below if node.down_s > BACK_WITHIN_S]
        return not down, f"not running: {', '.join(down)}" if down else ""

    @property
    def _state(self) -> State:
        return State.WAITING if self.root is None else self.root.tree(deep=False).state


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What the queue's status tells beside the store's figures."""

    width: Callable[[], int]
    """Fetches that may be under way at once, as it is governed now."""
    per_second: Callable[[], float | None]
    wait_s: Callable[[], float | None]
    queue_type: str

    @property
    def max_concurrent_jobs(self) -> int:
        return self.width()


async def _serve(settings: Settings, listening: socket.socket, signals: Signals, *, log: FilteringBoundLogger) -> int:
    """The exit code, or BEGIN_AGAIN."""
    tune()
    closing = Closing()
    standing = Standing(name=settings.app_name, closing=closing)
    async with (
        tracing(settings, say=lambda why: log.warning("traces.trouble", why=why)) as traces,
        fitted(settings, log=log, observers=[standing], restart=signals.begin_again, tracing=traces) as outfit,
        profiling(catalogue=outfit.gauges.catalogue) as looks,
    ):
        _tell_of_memory(outfit)
        services = _services(outfit, standing, closing, looks, traces)
        app = build_app(services, PROBES if settings.role == "worker" else ROUTES)
        cacher = outfit.caching.cacher(partial(kept_status, services=services))
        below, fetches = [cacher, *outfit.sharers, _auditor(outfit)], settings.role != "api"
        async with connections(app, grace_s=ANSWER_WITHIN_S, answered=app[DIRECTORY].answered) as runner:
            server = _server(runner, listening, outfit, shut=partial(_shut, listening, signals))
            standing.started_at = outfit.now()
            standing.trouble = outfit.trouble
            standing.root = outfit.system.tree(below=below, beside=[server], fetches=fetches)
            settle_in()
            log.info("listening", url=_url(listening), version=standing.version)
            notice = Notice(give=closing.announce, lasts_s=settings.shutdown_delay_seconds)
            code = await until_ended(standing.root, signals, notice)
    log.info("stopped", code=code, begins_again=signals.is_to_begin_again)
    return BEGIN_AGAIN if signals.is_to_begin_again and code == 0 else code


def _server(
    runner: web.AppRunner, listening: socket.socket, outfit: Outfit, *, shut: Callable[[], None]
) -> Child[Server]:
    most = outfit.watching.ground.budget.connections
    return Child(
        name="server",
        build=lambda: Server(runner=runner, listening=listening, most_connections=most, shut=shut),
        stop=Server.stop,
        grace_s=ANSWER_WITHIN_S + 1.0,
    )


def _shut(listening: socket.socket, signals: Signals) -> None:
    """Nobody is to wait at a door that does not open again."""
    if not signals.is_to_begin_again:
        listening.close()


def _tell_of_memory(outfit: Outfit) -> None:
    ground = outfit.watching.ground
    outfit.log.info("memory.limit", **ground.told())
    if ground.caution:
        outfit.log.warning("memory.limit_in_doubt", why=ground.caution)


def _auditor(outfit: Outfit) -> Child[Auditor]:
    gauges = outfit.gauges
    return auditing(
        sample=Sampler(dials=gauges.dials, headway=gauges.headway, held_bytes=lambda: outfit.caching.held_bytes),
        alarm=Alarm(catalogue=gauges.catalogue, log=outfit.log),
    )


def _commit(system: System, closing: Closing, command: Command) -> Awaitable[Answer]:
    """What is new is refused once the drain has begun; what is open may still be ended."""
    if closing.has_begun and isinstance(command, Submit):
        raise StoppingError
    return system.commit(command)


def _services(outfit: Outfit, standing: Standing, closing: Closing, looks: Profiling, traces: Tracing) -> Services:
    settings, gauges = outfit.settings, outfit.gauges
    return Services(
        store=outfit.store,
        commit=partial(_commit, outfit.system, closing),
        window=outfit.system.window,
        ids=outfit.ids,
        options=outfit.options,
        validate_selector=_validate,
        decoding=Decoding,
        health=standing,
        figures=_capacity(outfit),
        traffic=TrafficMetrics(catalogue=gauges.catalogue),
        render_metrics=Exposition(registry=gauges.registry).render,
        memory=partial(memory_status, outfit.watching),
        snapshot=looks.snapshots,
        profiler=looks.profiler,
        bottlenecks=BottleneckMetrics(catalogue=gauges.catalogue).found,
        admission=Admission(outfit.watching.shares.requests),
        log=outfit.log,
        wall=time,
        now=outfit.now,
        keeping=_keeping(outfit),
        closing=closing,
        pressure=outfit.watching.pressure,
        enable_docs=settings.enable_docs and settings.role != "worker",
        tracer=traces.requests,
    )


def _capacity(outfit: Outfit) -> Capacity:
    return Capacity(
        width=lambda: outfit.system.valve.width,
        per_second=outfit.gauges.dials.per_second,
        wait_s=outfit.gauges.dials.wait_s,
        queue_type="sqlite" if outfit.settings.is_embedded else "postgresql",
    )


def _keeping(outfit: Outfit) -> Keeping:
    answers = outfit.caching.answers
    return Keeping(
        jobs=answers.jobs,
        lists=answers.lists,
        asked=outfit.caching.asked.note,
        result_ttl_s=outfit.settings.result_ttl,
    )


def _validate(selector: Selector) -> None:
    from engine.fetch.extraction import validate_selector  # noqa: PLC0415 - no parser is loaded before it is needed

    validate_selector(selector)


@contextmanager
def _listening(settings: Settings, rebirth: Rebirth) -> Iterator[socket.socket]:
    """Bound before anything else starts, and kept while servers come and go, and lives of the process."""
    with rebirth.inherited() or _bound(settings) as listening:
        yield listening


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
