"""Stacks that were seen: folded, counted, bounded."""

import sys

from engine.profiling.stacks import DEEPEST, Stacks


def see(stacks: Stacks) -> None:
    stacks.add("main", sys._getframe())


def see_deeply(stacks: Stacks, depth: int) -> None:
    if depth:
        see_deeply(stacks, depth - 1)
    else:
        see(stacks)


def named(stacks: Stacks) -> list[list[str]]:
    folded = stacks.folded()
    return [[folded.names[place] for place in stack.frames] for stack in folded.stacks]


def test_the_same_stack_is_one_however_often_it_is_seen_and_the_outermost_stands_first() -> None:
    stacks = Stacks()
    for _ in range(3):
        see(stacks)
    see_deeply(stacks, 1)
    folded = stacks.folded()
    assert [stack.samples for stack in folded.stacks] == [3, 1]
    assert [frames[-1] for frames in named(stacks)] == [f"{__name__}:see"] * 2
    assert named(stacks)[1][-3:-1] == [f"{__name__}:see_deeply"] * 2
    assert folded.dropped == 0


def test_what_is_beyond_the_bound_is_counted_and_what_was_known_goes_on() -> None:
    stacks = Stacks(most=1)
    see(stacks)
    see_deeply(stacks, 2)
    see(stacks)
    folded = stacks.folded()
    assert (len(folded.stacks), folded.dropped) == (1, 1)


def test_of_a_deep_stack_the_inside_is_kept() -> None:
    stacks = Stacks()
    see_deeply(stacks, DEEPEST * 2)
    (frames,) = named(stacks)
    assert len(frames) == DEEPEST
    assert frames[-1] == f"{__name__}:see"
