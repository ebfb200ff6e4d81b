"""The report: one HTML file that needs nothing beside it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import isnan

from perf.load.plots import drawn
from perf.load.section import Section
from perf.report import Result

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1a1d21; margin: 2rem auto; max-width: 84rem; padding: 0 1.5rem }
h1 { font-size: 1.5rem; margin-bottom: .3rem } h2 { margin-top: 2.5rem; font-size: 1.2rem }
p.facts { color: #5a6270; margin: 0 0 .2rem } p.broken { color: #b3261e; font-weight: 600 }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .9rem; text-align: right; border-bottom: 1px solid #e3e6ea }
th:first-child, td:first-child { text-align: left } th { color: #5a6270; font-weight: 600 }
table.calls tr:last-child td { font-weight: 600 } figure { margin: 1rem 0 } svg { width: 100%; height: auto }
"""
SERVER = {
    "pages": "pages",
    "pages_per_s_most": "pages/s, most",
    "jobs_failed": "jobs failed",
    "queue_most": "jobs queued, most",
    "rss_mib_most": "resident memory, most, MiB",
    "cpu_percent_mean": "CPU, mean, % of one core",
    "cpu_percent_most": "CPU, most, % of one core",
    "loop_lag_ms_most": "event loop lag, most, ms",
}
CALLS = ("call", "requests", "failures", "per second", "p50 ms", "p95 ms", "p99 ms", "most ms")


def page(result: Result, sections: Sequence[Section]) -> str:
    """Machine, commit and settings first; then each scenario."""
    machine, title = result.machine, f"Load: {', '.join(section.name for section in sections)}"
    settings = ", ".join(f"{name}={value}" for name, value in result.settings.items() if value is not None)
    facts = (
        f"{result.taken_at:%Y-%m-%d %H:%M:%S} UTC, commit {result.commit}",
        f"{machine.cpu}, {machine.cores} cores, Python {machine.python}, SQLite {machine.sqlite}",
        settings,
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n"
        + "".join(f'<p class="facts">{escape(fact)}</p>\n' for fact in facts)
        + "".join(f'<p class="broken">{escape(sentence)}</p>\n' for sentence in result.broken)
        + "\n".join(map(_section, sections))
        + "</body></html>\n"
    )


def _section(section: Section) -> str:
    numbers = section.numbers()
    told = f"{numbers['seconds']} s of {section.shape.lasts_s:.0f}, {numbers['users_most']} users at most"
    return (
        f"<section><h2>{escape(section.name)}</h2>\n"
        f'<p class="facts">{told}, {numbers["refused"]} calls refused for now</p>\n'
        f"<figure>{drawn(section)}</figure>\n{_calls(section)}{_faults(section)}{_server(numbers['server'])}</section>"
    )


def _calls(section: Section) -> str:
    figures = ("requests", "failures", "per_s", "p50_ms", "p95_ms", "p99_ms", "most_ms")
    rows = ((call.name, *(_written(getattr(call, name)) for name in figures)) for call in section.calls)
    return _table(CALLS, rows, kind="calls")


def _faults(section: Section) -> str:
    rows = [(fault.name, fault.message, str(fault.times)) for fault in section.faults]
    return _table(("what failed", "how", "times"), rows) if rows else ""


def _server(figures: Mapping[str, float | None]) -> str:
    found = ((title, figures[name]) for name, title in SERVER.items())
    rows = ((title, "unknown" if value is None else _written(value)) for title, value in found)
    return _table(("server", ""), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], *, kind: str = "") -> str:
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    titles = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f'<table class="{kind}"><tr>{titles}</tr>\n{body}</table>\n'


def _written(value: float) -> str:
    if isnan(value):
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
