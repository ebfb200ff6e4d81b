"""A flame graph: a box for each function below its caller, as wide as its part of the samples."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from zlib import crc32

from perf.profile.stacks import Stack

ROW_PX = 18
LEAST = 0.0005
"""Of the whole width; what is narrower cannot be seen, and is left out."""
ROOT = "all"


@dataclass(slots=True, kw_only=True)
class Box:
    """One function as called on one way."""

    name: str
    samples: int = 0
    inside: dict[str, "Box"] = field(default_factory=dict)


def boxes(stacks: Iterable[Stack]) -> Box:
    """Of all; first by thread."""
    root = Box(name=ROOT)
    for stack in stacks:
        root.samples += stack.samples
        box = root
        for name in (stack.thread, *stack.frames):
            box = box.inside.setdefault(name, Box(name=name))
            box.samples += stack.samples
    return root


def flame(root: Box) -> str:
    """As HTML, to stand in a page with the style and the script of this folder; nothing where nothing was seen."""
    drawn = list(_drawn(root, 0.0, 0, root.samples)) if root.samples else []
    depth = max((row for row, _ in drawn), default=-1) + 1
    return f'<div class="flame" style="height:{depth * ROW_PX}px">\n{"".join(text for _, text in drawn)}</div>\n'


def _drawn(root: Box, left: float, row: int, whole: int) -> Iterator[tuple[int, str]]:
    """Rows and boxes; not by recursion, for a stack may be deep."""
    waiting = [(root, left, row)]
    while waiting:
        box, at, depth = waiting.pop()
        width = box.samples / whole
        if width < LEAST:
            continue
        yield depth, _box(box, at, depth, width)
        for inside in sorted(box.inside.values(), key=lambda each: each.name):
            waiting.append((inside, at, depth + 1))
            at += inside.samples / whole


def _box(box: Box, left: float, row: int, width: float) -> str:
    name = escape(box.name)
    place = f"left:{left:.4%};width:{width:.4%};top:{row * ROW_PX}px;background:{_colour(box.name)}"
    told = f"{name}&#10;{box.samples} samples, {width:.1%}"
    return f'<i data-l="{left:.6f}" data-w="{width:.6f}" style="{place}" title="{told}">{name.rpartition(":")[2]}</i>\n'


def _colour(name: str) -> str:
    """One module, one colour."""
    return f"hsl({crc32(name.partition(':')[0].encode()) % 70} 85% {68 + crc32(name.encode()) % 10}%)"
