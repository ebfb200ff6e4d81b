"""The report as Markdown: what holds back, in order; then all that it was concluded from."""

from collections.abc import Iterable, Mapping, Sequence

from perf.bottlenecks.analysis import Analysis
from perf.bottlenecks.evidence import Evidence, Plan, Timing
from perf.bottlenecks.rules.pressing import is_pressed
from perf.report import Result

Row = Sequence[object]
CROWDED = 0.25


def page(result: Result, analysis: Analysis) -> str:
    evidence = analysis.evidence
    parts = [
        f"# What holds throughput back\n\n{_headline(analysis)}",
        _findings(analysis),
        _circumstances(result, analysis),
        _timings("A page's way, of one attempt a batch", "stage", evidence.stages),
        _timings("Queries, with the wait for their turn", "query", evidence.queries),
        _timings("Endpoints", "endpoint", evidence.endpoints),
        _timings("Calls of Redis, with the wait for a connection", "call", evidence.redis_calls),
        _mailboxes(evidence),
        _resources(evidence),
        _plans(evidence),
        _stacks(evidence),
        _list("What could not be looked at", evidence.unknown),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(analysis: Analysis) -> str:
    evidence = analysis.evidence
    cut = "" if evidence.is_complete else " It was broken off: what follows is of the time until then."
    told = (
        f"{evidence.per_second:.0f} pages/s over {evidence.window_s:.0f} s, while {evidence.due:.0f} jobs waited.{cut}"
    )
    if (loop := evidence.loop) is not None and loop.held_up_part >= CROWDED:
        told += f"\n\nThe loop's thread waited for a processor {100 * loop.held_up_part:.0f} % of the time: others use "
        told += "this machine, and all times are longer for it."
    if analysis.findings:
        return told
    if not is_pressed(evidence):
        return f"{told}\n\nNothing: no more was asked than gets done."
    return f"{told}\n\nNothing is out of the ordinary: what is left is the processor's work on pages."


def _findings(analysis: Analysis) -> str:
    rows = [
        (place, finding.kind, f"{100 * finding.share:.0f} %", finding.why, finding.change)
        for place, finding in enumerate(analysis.findings, 1)
    ]
    return _table(("", "what", "share", "why", "what to change"), rows) if rows else ""


def _circumstances(result: Result, analysis: Analysis) -> str:
    planted = f"Planted: {analysis.plant}. " if analysis.plant else ""
    machine = result.machine
    return (
        f"{planted}Commit {result.commit}; {machine.cpu}, {machine.cores} cores, Python {machine.python}, "
        f"SQLite {machine.sqlite}; the load was {analysis.load_before} at the beginning."
    )


def _timings(title: str, head: str, timings: Mapping[str, Timing]) -> str:
    rows = [
        (name, each.count, *(_ms(seconds) for seconds in (each.mean_s, each.p50_s, each.p95_s)))
        for name, each in sorted(timings.items(), key=lambda pair: -pair[1].total_s)
    ]
    table = _table((head, "times", "mean, ms", "median", "p95"), rows)
    return f"## {title}\n\n{table}" if rows else ""


def _mailboxes(evidence: Evidence) -> str:
    rows = [
        (name, box.depth_mean, box.depth_most, _ms(box.wait.mean_s), _ms(box.wait.p95_s))
        for name, box in evidence.mailboxes.items()
    ]
    table = _table(("mailbox", "depth, mean", "most", "wait, mean, ms", "p95"), rows)
    return f"## Mailboxes\n\n{table}" if rows else ""


def _resources(evidence: Evidence) -> str:
    rows: list[Row] = [
        ("processor time of the process, cores", evidence.cpu_part),
        ("processor time a page, ms", _ms(evidence.cpu_s_a_page)),
        ("all processors of the machine", evidence.machine_cpu_part),
        ("loop lag, ms: mean, median, p95", _three(evidence.lag)),
        ("runs of the collector, ms in all", f"{evidence.garbage.count}, {_ms(evidence.garbage.total_s)}"),
        ("memory level at the most", evidence.memory_level_most),
        ("fetches at once, at the end", evidence.width),
    ]
    for name, threads in (("the loop's thread", evidence.loop), ("all other threads", evidence.others)):
        if threads is not None:
            rows.append((f"{name}: ran, and waited for a processor", f"{threads.cpu_part}, {threads.held_up_part}"))
    rows += [(f"the loop's thread: looks that found it in {name}", part) for name, part in evidence.loop_calls.items()]
    rows += [(f"another thread: looks that found it in {name}", part) for name, part in evidence.others_calls.items()]
    for name, pool in (("database", evidence.database), ("Redis", evidence.redis)):
        if pool.size:
            rows.append((f"connections to the {name}: used of", f"{pool.used_mean} of {pool.size}"))
            rows.append((f"waits for one: times, mean ms ({name})", f"{pool.wait.count}, {_ms(pool.wait.mean_s)}"))
    return f"## Resources\n\n{_table(('what', 'how much'), rows)}"


def _plans(evidence: Evidence) -> str:
    """Of what goes through a table, or took long alone."""
    return "\n\n".join(_plan(plan) for plan in evidence.plans if plan.scans)


def _plan(plan: Plan) -> str:
    return f"## Plan of {plan.query}: {plan.statement}\n\n" + "\n".join(f"    {step}" for step in plan.steps)


def _stacks(evidence: Evidence) -> str:
    rows = [(f"{100 * stack.part:.1f} %", f"`{stack.frames}`") for stack in evidence.stacks]
    return f"## Where threads are busy\n\n{_table(('of samples', 'stack, outermost first'), rows)}" if rows else ""


def _list(title: str, lines: Sequence[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines) if lines else ""


def _table(head: Row, rows: Iterable[Row]) -> str:
    return "\n".join(map(_line, [head, ["---"] * len(head), *rows]))


def _line(cells: Row) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f}"


def _three(timing: Timing) -> str:
    return f"{_ms(timing.mean_s)}, {_ms(timing.p50_s)}, {_ms(timing.p95_s)}"
