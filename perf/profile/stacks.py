"""Stacks as a daemon told them, with the names of their functions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One that was seen, the outermost function first."""

    thread: str
    frames: tuple[str, ...]
    is_idle: bool
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What of all samples was in a function itself, and what in it or in what it called."""

    name: str
    own: float
    total: float


def stacks_of(cpu: Mapping[str, Any]) -> list[Stack]:
    """Of the answer's `cpu`, from where those of a thread part."""
    names = cpu["names"]
    return _without_beginnings(
        [
            Stack(
                thread=each["thread"],
                frames=tuple(names[place] for place in each["frames"]),
                is_idle=each["is_idle"],
                samples=each["samples"],
            )
            for each in cpu["stacks"]
        ]
    )


def _without_beginnings(stacks: Sequence[Stack]) -> list[Stack]:
    """Without the way from a thread's start to where its stacks part: it tells nothing and is the tallest of all."""
    common: dict[str, tuple[str, ...]] = {}
    for stack in stacks:
        pairs = zip(common.get(stack.thread, stack.frames), stack.frames, strict=False)
        common[stack.thread] = tuple(name for name, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return [replace(stack, frames=stack.frames[max(len(common[stack.thread]) - 1, 0) :]) for stack in stacks]


def shares(stacks: Iterable[Stack]) -> Sequence[Share]:
    """Of the stacks in which a thread was busy; the largest by their own share first."""
    own, total, samples = Counter[str](), Counter[str](), 0
    for stack in (each for each in stacks if not each.is_idle):
        samples += stack.samples
        own[stack.frames[-1]] += stack.samples
        for name in set(stack.frames):  # one that calls itself was there once
            total[name] += stack.samples
    found = [Share(name=name, own=own[name] / samples, total=count / samples) for name, count in total.items()]
    return sorted(found, key=lambda share: (-share.own, -share.total, share.name))


def by_total(found: Sequence[Share]) -> Sequence[Share]:
    return sorted(found, key=lambda share: (-share.total, share.name))
