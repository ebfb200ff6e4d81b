"""How a claim's room is shared: evenly, wholly, and none twice."""

from hypothesis import given
from hypothesis import strategies as st

from engine.storage.share import in_turn, share

LANES = st.lists(st.integers(1, 30), min_size=1, max_size=10)


@given(room=st.integers(1, 100), waiting=LANES)
def test_the_room_is_filled_or_nothing_is_left_and_no_lane_gets_two_more_than_one_that_wants(
    room: int, waiting: list[int]
) -> None:
    each = share(room, waiting)
    lanes = [[(lane, place) for place in range(count)][:each] for lane, count in enumerate(waiting)]
    taken = in_turn(lanes, room)
    given = [sum(lane == place for lane, _ in taken) for place in range(len(waiting))]
    assert len(set(taken)) == len(taken) == min(room, sum(waiting))
    unsatisfied = [got for got, wanted in zip(given, waiting, strict=True) if got < wanted]
    assert max(given) - min(unsatisfied, default=max(given)) <= 1
    assert sum(map(len, lanes)) < room + len(waiting)
