"""The page of a CPU profile: one HTML file that needs nothing beside it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from perf.profile.flame import boxes, flame
from perf.profile.stacks import Share, Stack, by_total, shares
from perf.report import Result

SHOWN = 15
SCRIPT = Path(__file__).with_name("zoom.js")
STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1a1d21; margin: 1.5rem auto; max-width: 96rem; padding: 0 1.5rem }
h1 { font-size: 1.4rem; margin-bottom: .3rem } h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem }
p { color: #5a6270; margin: 0 0 .2rem } div.tables { display: flex; flex-wrap: wrap; gap: 0 3rem; align-items: start }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .8rem .15rem 0; text-align: right; border-bottom: 1px solid #e3e6ea }
th:last-child, td:last-child { text-align: left } th { color: #5a6270; font-weight: 600 }
.flame { position: relative; overflow: hidden } .flame[hidden], .flame i[hidden] { display: none }
.flame i { position: absolute; box-sizing: border-box; height: 17px; text-indent: 3px; font: 11px/17px ui-monospace,
  monospace; white-space: nowrap; overflow: hidden; border-right: 1px solid #fff; cursor: pointer }
.idle .flame { filter: grayscale(1) }
"""


def page(result: Result, cpu: Mapping[str, Any], stacks: Sequence[Stack]) -> str:
    busy = [stack for stack in stacks if not stack.is_idle]
    idle = [stack for stack in stacks if stack.is_idle]
    found = shares(stacks)
    tables = _threads(cpu["threads"]), _tops("own", found), _tops("total", by_total(found))
    looks = f"{cpu['looks']} looks at {len(cpu['threads'])} threads, {cpu['late']} came too late to be taken"
    facts = (
        f"{result.settings['host']}, {result.taken_at:%Y-%m-%d %H:%M:%S} UTC, {cpu['seconds']:.1f} s",
        f"{looks}; {cpu['dropped']} samples of too many different stacks",
        cpu["caveat"],
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>CPU profile</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>CPU profile</h1>\n"
        + "".join(f"<p>{escape(fact)}</p>\n" for fact in facts)
        + f'<div class="tables">{"".join(tables)}</div>\n'
        + f"<section><h2>Busy</h2>{flame(boxes(busy))}</section>\n"
        + f'<section class="idle"><h2>Waiting for something to do</h2>{flame(boxes(idle))}</section>\n'
        + f"<script>{SCRIPT.read_text()}</script></body></html>\n"
    )


def _threads(threads: Iterable[Mapping[str, Any]]) -> str:
    rows = ((f"{each['cpu_s']:.2f}", f"{each['busy'] / each['samples']:.0%}", each["name"]) for each in threads)
    return _table("Threads", ("processor s", "busy", "thread"), rows)


def _tops(by: str, found: Sequence[Share]) -> str:
    rows = ((f"{each.own:.1%}", f"{each.total:.1%}", each.name) for each in found[:SHOWN])
    return _table(f"Functions, by their {by} share", ("own", "total", "function"), rows)


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<div><h2>{escape(title)}</h2><table><tr>{titles}</tr>\n{body}</table></div>\n"
