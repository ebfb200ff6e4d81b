"""Stacks with their names, and the share of each function."""

from perf.profile.stacks import by_total, shares, stacks_of
from tests.perf.profile.recorded import CPU


def test_stacks_begin_where_those_of_their_thread_part() -> None:
    assert [stack.frames for stack in stacks_of(CPU)] == [
        ("loop:run", "app:Page.parse", "app:Page.parse"),
        ("loop:run", "app:Page.parse", "app:Page.<lambda>"),
        ("pool:wait",),
        ("loop:run", "app:Page.<lambda>"),
    ]


def test_a_function_has_its_own_share_and_one_with_what_it_calls_of_what_was_busy() -> None:
    found = [(share.name, round(90 * share.own), round(90 * share.total)) for share in shares(stacks_of(CPU))]
    assert found == [("app:Page.parse", 60, 80), ("app:Page.<lambda>", 30, 30), ("loop:run", 0, 90)]
    assert by_total(shares(stacks_of(CPU)))[0].name == "loop:run"


def test_where_nothing_was_busy_there_are_no_shares() -> None:
    assert shares(stack for stack in stacks_of(CPU) if stack.is_idle) == []
