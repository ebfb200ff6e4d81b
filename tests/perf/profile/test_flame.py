"""Boxes: each within its caller, side by side, as wide as its samples."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from perf.profile.flame import ROW_PX, boxes, flame
from perf.profile.stacks import Stack, stacks_of
from tests.perf.profile.recorded import CPU

BOX = re.compile(r'<i data-l="(\S+)" data-w="(\S+)" style="[^"]*;top:(\d+)px;[^"]*" title="([^&"]*)')
NEAR = 1e-5

a_stack = st.builds(
    Stack,
    thread=st.sampled_from(["MainThread", "write_0"]),
    frames=st.lists(st.sampled_from(["a:f", "a:g", "b:h"]), min_size=1, max_size=5).map(tuple),
    is_idle=st.just(False),
    samples=st.integers(1, 50),
)


def drawn(stacks: list[Stack]) -> list[tuple[int, float, float, str]]:
    """Row, left, right and name of each."""
    found = BOX.findall(flame(boxes(stacks)))
    return sorted(
        (int(top) // ROW_PX, float(left), float(left) + float(width), name) for left, width, top, name in found
    )


@given(st.lists(a_stack, min_size=1, max_size=8))
def test_boxes_lie_side_by_side_within_the_one_above(stacks: list[Stack]) -> None:
    found = drawn(stacks)
    assert found[0] == (0, 0.0, 1.0, "all")
    for one, other in pairwise(found):
        assert one[0] != other[0] or one[2] <= other[1] + NEAR
    for row, left, right, _ in found[1:]:
        assert any(above[0] == row - 1 and above[1] <= left + NEAR and right <= above[2] + NEAR for above in found)


@given(st.lists(a_stack, min_size=1, max_size=8))
def test_the_thread_is_as_wide_as_its_part_of_the_samples(stacks: list[Stack]) -> None:
    whole = sum(stack.samples for stack in stacks)
    for thread in {stack.thread for stack in stacks}:
        part = sum(stack.samples for stack in stacks if stack.thread == thread) / whole
        ((_, left, right, _),) = [box for box in drawn(stacks) if box[0] == 1 and box[3] == thread]
        assert abs(right - left - part) < NEAR


def test_names_are_text_and_not_markup() -> None:
    assert "&lt;lambda&gt;" in flame(boxes(stacks_of(CPU)))
    assert "<lambda>" not in flame(boxes(stacks_of(CPU)))


def test_where_nothing_was_seen_nothing_is_drawn() -> None:
    assert "<i" not in flame(boxes([]))
