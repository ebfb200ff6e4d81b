"""Memory that leaks: how fast the service's process grows over the second half of a validation. Pure."""

from dataclasses import replace
from itertools import pairwise

from engine.memory.trend import trend
from perf.validate.evidence import LOAD, Evidence
from perf.validate.sample import Figure, Sample, Unmeasured

BUCKET_S = 10.0
"""Of the samples of so long the least counts, as in engine/memory/leaks.py."""
BUCKETS = 24
RISES_ON = 0.7
"""Of the rate of the half before, at least. Runs of ten minutes had 0.2 to 0.6, and with 50 MB an hour more 0.8."""
FULL = 0.95
"""While a cache fills, memory grows beside it too: entries come and go, and leave holes."""
LIKE = 1.5
"""How many times more may be answered in one quarter of it than in another, as in engine/memory/leaks.py."""
MEGABYTE = 1_000_000.0
HOUR_S = 3600.0


def megabytes_per_hour(evidence: Evidence) -> Sample:
    """Over the second half of all, as far as it is under load; without what the process knows that it keeps.

    By what is resident and, where the service tells it and the load was even, by what is allocated: the worse of both
    at each bound. A leak may fill for long what the allocator holds free before it makes the process larger; and what
    is resident but not allocated is lost, too.
    """
    from_s = max((span.ended_s for span in evidence.spans.values()), default=0.0) / 2
    points = _least_of_buckets(_unkept(evidence, "rss_bytes", from_s))
    if len(points) < BUCKETS:
        needed_s = BUCKETS * BUCKET_S
        return Unmeasured(reason=f"{len(points) * BUCKET_S:.0f} s of even load: {needed_s:.0f} are needed")
    kept = [value for _, value in _late(evidence, "kept_bytes", from_s)]
    if kept and kept[0] < FULL * kept[-1]:
        return Unmeasured(reason="what it keeps to answer again was not full yet: it needs longer")
    found, notes = [_resident(points)], f"after a flood of {evidence.flooded} jobs"
    allocated = _least_of_buckets(_unkept(evidence, "allocated_bytes", from_s))
    if allocated and not _is_like(_late(evidence, "requests", from_s)):
        notes += "; of what is allocated nothing can be told, for the load was not even"
    elif len(allocated) >= BUCKETS:
        found.append(_rising("allocated", allocated))
    return Figure(
        value=max(each.value for each in found),
        low=max(each.low for each in found),
        high=max(each.high for each in found),
        note="; ".join([*(each.note for each in found), notes]),
    )


def _late(evidence: Evidence, name: str, from_s: float) -> list[tuple[float, float]]:
    return [(at, value) for at, value in evidence.column(name, LOAD) if at >= from_s]


def _unkept(evidence: Evidence, name: str, from_s: float) -> list[tuple[float, float]]:
    kept = dict(evidence.column("kept_bytes"))
    return [(at, height - kept.get(at, 0.0)) for at, height in _late(evidence, name, from_s)]


def _is_like(requests: list[tuple[float, float]]) -> bool:
    """Were about as many answered in each quarter? What is in flight, and allocated for it, goes by that."""
    marks = [requests[(len(requests) - 1) * quarter // 4] for quarter in range(5)] if len(requests) > 4 else []
    rates = [(later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in pairwise(marks)]
    return bool(rates) and max(rates) <= LIKE * min(rates)


def _resident(points: list[tuple[float, float]]) -> Figure:
    """What comes to rest may be no leak: where the later half rises more slowly than the earlier, it is no more than
    the later, and perhaps nothing.
    """
    middle = len(points) // 2
    if trend(points[middle:]).slope >= RISES_ON * trend(points[:middle]).slope:
        return _rising("resident", points)
    found = _rising("resident", points[middle:])
    return replace(found, low=min(found.low, 0.0), note=f"{found.note}, and less and less")


def _rising(what: str, points: list[tuple[float, float]]) -> Figure:
    found, scale = trend(points), HOUR_S / MEGABYTE
    value, low, high = found.slope * scale, found.low * scale, found.high * scale
    note = f"{what} {value:.1f} ({low:.1f} to {high:.1f} with 95 %) over {len(points) * BUCKET_S:.0f} s"
    return Figure(value=value, low=low, high=high, note=note)


def _least_of_buckets(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Only of whole ones."""
    buckets: dict[int, list[tuple[float, float]]] = {}
    for at, height in points:
        buckets.setdefault(int(at / BUCKET_S), []).append((at, height))
    whole = [bucket for bucket in buckets.values() if len(bucket) >= BUCKET_S / 2]
    return [(bucket[-1][0], min(height for _, height in bucket)) for bucket in whole]
