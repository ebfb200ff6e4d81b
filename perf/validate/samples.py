"""From what was seen to a figure for each target, or to the reason why there is none. Pure.

What was seen too seldom gives no figure, so that a short run cannot pass by what it did not look at.
"""

from math import inf
from statistics import fmean

from perf.validate.evidence import LOAD, NORMAL, READS, SLOW, Evidence
from perf.validate.sample import Figure, Sample, Unmeasured, exactly

CALLS_OF_A_KIND = 200
"""For a p95: ten are above it."""
CALLS = 500
JOBS = 1000
LOOKS = 30
"""Seconds in which a level was looked at."""
LASTING_LOOKS = 5
"""A pool of which all is used for a moment is none that somebody waits for."""
NORMAL_S, SLOW_S, LOAD_S, READS_S = 15.0, 3.0, 55.0, 4.0
"""A phase shorter than that tells nothing of a rate. A minute's requests take about a minute, between two samples."""
WINDOWS = 500
"""With fewer, a share of 99.9 % can be missed and cannot be met."""
FEW_WINDOWS = 60
LATE_TIMES = 3
"""A call waits for a processor on its way there, in the service and on its way back. All three may be the tester's."""
MEGABYTE = 1_000_000.0
NOT_TOLD = "the service does not tell it"


def p95_ms(evidence: Evidence, kind: str) -> Sample:
    """As callers saw it, under load; at least what the service's own process says, or that without what the tester
    itself was late.
    """
    calls = evidence.calls.get(LOAD, {}).get(kind)
    if short := _too_short(evidence, LOAD, LOAD_S):
        return short
    if calls is None or calls.p95_ms is None or calls.requests < CALLS_OF_A_KIND:
        return _too_few("calls", calls.requests if calls else 0, CALLS_OF_A_KIND)
    own_ms, late_ms = calls.server_p95_ms or 0.0, evidence.late_ms or 0.0
    low = min(max(own_ms, calls.p95_ms - LATE_TIMES * late_ms), calls.p95_ms)
    note = f"{own_ms:g} ms or more by the service, {calls.requests} calls, the tester {late_ms:.1f} ms late"
    return Figure(value=calls.p95_ms, low=low, high=calls.p95_ms, note=note + _starved(evidence))


def _starved(evidence: Evidence) -> str:
    """How much of what callers saw may be the machine's."""
    if evidence.starved_s is None:
        return ""
    return f", no processor for it in {100 * evidence.starved_s / evidence.spans[LOAD].lasts_s:.0f} % of the time"


def requests_per_s(evidence: Evidence) -> Sample:
    return _rate(evidence, "requests", LOAD, LOAD_S)


def requests_per_minute(evidence: Evidence) -> Sample:
    found = requests_per_s(evidence)
    return exactly(found.value * 60, found.note) if isinstance(found, Figure) else found


def queries_per_s(evidence: Evidence) -> Sample:
    return _rate(evidence, "queries", READS, READS_S)


def at_once(evidence: Evidence) -> Sample:
    """What the service and the site both saw."""
    told, seen = evidence.running_most, evidence.guests_most
    if told is None:
        return Unmeasured(reason="no slow pages were fetched")
    if short := _too_short(evidence, SLOW, SLOW_S):
        return short
    note = f"{told} by the service, {'not told' if seen is None else seen} by the site"
    return exactly(told if seen is None else min(told, seen), note)


def memory_megabytes(evidence: Evidence) -> Sample:
    return _most([value / MEGABYTE for _, value in evidence.column("rss_bytes")])


def memory_percent(evidence: Evidence) -> Sample:
    """Of the limit as the service tells it; used is what the kernel cannot take back, of all in the group."""
    limits = dict(evidence.column("limit_bytes"))
    parts = [
        100 * (1 - available / limits[at])
        for at, available in evidence.column("available_bytes")
        if limits.get(at, 0.0) > 0
    ]
    found = _most(parts)
    if isinstance(found, Figure):
        source = evidence.limit_source or "not told"
        return exactly(found.value, f"of {list(limits.values())[-1] / MEGABYTE:.0f} MB, the limit's source: {source}")
    return found


def cpu_percent(evidence: Evidence, span: str) -> Sample:
    """The mean, of the processors that the service's process may use."""
    found = _rate(evidence, "cpu_s", span, NORMAL_S if span == NORMAL else LOAD_S)
    processors = [value for _, value in evidence.column("processors", span)]
    if isinstance(found, Unmeasured):
        return found
    if not processors or processors[-1] <= 0:
        return Unmeasured(reason="the service does not tell how many processors it may use")
    return exactly(100 * found.value / processors[-1], f"of {processors[-1]:g} processors, {found.note}")


def success_percent(evidence: Evidence) -> Sample:
    """Of all jobs that were accepted; one that is not over at the end has not succeeded."""
    completed, failed = evidence.completed, evidence.failed
    if completed is None or failed is None:
        return Unmeasured(reason=NOT_TOLD)
    jobs = max(evidence.accepted, completed + failed)
    if jobs < JOBS:
        return _too_few("jobs", jobs, JOBS)
    return exactly(100 * completed / jobs, f"{completed} of {jobs}, {failed} failed")


def errors_percent(evidence: Evidence) -> Sample:
    """Whoever was told to come again later did not get what they asked for either."""
    calls = evidence.all_calls()
    requests, wrong = _requests(evidence), sum(each.failures + each.refused for each in calls)
    if requests < CALLS:
        return _too_few("calls", requests, CALLS)
    return exactly(100 * wrong / requests, f"{wrong} of {requests}")


def failed_calls(evidence: Evidence) -> Sample:
    failures, requests = sum(each.failures for each in evidence.all_calls()), _requests(evidence)
    if not failures and requests < CALLS:
        return _too_few("calls", requests, CALLS)
    return exactly(failures, f"of {requests}")


def uptime_percent(evidence: Evidence) -> Sample:
    windows, holes = evidence.windows, evidence.windows - evidence.answered
    if windows < FEW_WINDOWS or (not holes and windows < WINDOWS):
        return Unmeasured(reason=f"{holes} of {windows} seconds without an answer: {WINDOWS} are needed")
    return exactly(100 * evidence.answered / windows, f"{holes} of {windows} seconds without an answer")


def pool_percent(evidence: Evidence, *, size: str, free: str = "", used: str = "", none: str) -> Sample:
    """Of a pool that tells what is used of it, or what is free: the most that was used for some seconds."""
    sizes = {at: value for at, value in evidence.column(size) if value > 0}
    if not sizes:
        return Unmeasured(reason=none)
    told = [(sizes[at], value) for at, value in evidence.column(used or free) if at in sizes]
    parts = [100 * (value if used else of - value) / of for of, value in told]
    if len(parts) < LOOKS:
        return _too_few("looks", len(parts), LOOKS)
    lasting = [fmean(parts[at : at + LASTING_LOOKS]) for at in range(len(parts) - LASTING_LOOKS + 1)]
    return exactly(max(lasting), f"of {max(sizes.values()):.0f}, {max(parts):.0f} % at a single look")


def _rate(evidence: Evidence, name: str, span: str, least_s: float) -> Sample:
    if not evidence.column(name):
        return Unmeasured(reason=NOT_TOLD)
    found = evidence.gained(name, span)
    if found is None:
        points = evidence.column(name, span)
        told = [value for _, value in points]
        began_anew = told != sorted(told)
        return Unmeasured(reason="the service began anew" if began_anew else f"{len(points)} looks at it")
    gained, seconds = found
    if seconds < least_s:
        return Unmeasured(reason=f"{seconds:.0f} s of it: {least_s:.0f} are needed")
    return exactly(gained / seconds, f"over {seconds:.0f} s")


def _most(values: list[float]) -> Sample:
    if len(values) < LOOKS:
        return _too_few("looks", len(values), LOOKS) if values else Unmeasured(reason=NOT_TOLD)
    return exactly(max(values, default=-inf), f"the most of {len(values)} looks")


def _requests(evidence: Evidence) -> int:
    return sum(each.requests + each.refused for each in evidence.all_calls())


def _too_short(evidence: Evidence, name: str, least_s: float) -> Unmeasured | None:
    span = evidence.spans.get(name)
    lasted_s = span.lasts_s if span else 0.0
    return Unmeasured(reason=f"{lasted_s:.0f} s of it: {least_s:.0f} are needed") if lasted_s < least_s else None


def _too_few(what: str, number: int, needed: int) -> Unmeasured:
    return Unmeasured(reason=f"{number} {what}: {needed} are needed")
