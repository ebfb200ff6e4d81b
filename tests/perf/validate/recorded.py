"""Evidence of a real run of ten minutes on PostgreSQL with a Redis, each other second of it."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import orjson

from perf.validate.evidence import Calls, Evidence

RECORDED = Path(__file__).with_name("recorded") / "ten_minutes.json"
Column = list[float | None]


@cache
def a_run() -> Evidence:
    return Evidence.from_json(orjson.loads(RECORDED.read_bytes()))


def with_calls(phase: str, kind: str, **changes: float) -> Evidence:
    run = a_run()
    calls: Calls = replace(run.calls[phase][kind], **changes)  # type: ignore[arg-type]
    return replace(run, calls={**run.calls, phase: {**run.calls[phase], kind: calls}})


def with_column(name: str, *, times: float = 1.0, plus: float = 0.0, plus_an_hour: float = 0.0) -> Evidence:
    """The column as it was, but so many times, so much more, and so much more each hour."""
    run = a_run()
    moments = run.server["at_s"]
    column: Column = [
        None if value is None or at is None else value * times + plus + plus_an_hour * at / 3600
        for at, value in zip(moments, run.server[name], strict=True)
    ]
    return replace(run, server={**run.server, name: column})


def without_column(name: str) -> Evidence:
    run = a_run()
    return replace(run, server={**run.server, name: [None] * len(run.server["at_s"])})
