"""How a claim's room is shared: evenly, wholly, and none twice."""

from hypothesis import given
from hypothesis import strategies as st

from engine.storage.share import allowances, in_turn, share, shares

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


@given(room=st.integers(1, 100), waiting=LANES)
def test_what_each_gives_is_what_taking_in_turn_takes_of_it(room: int, waiting: list[int]) -> None:
    taken = in_turn([[lane] * count for lane, count in enumerate(waiting)], room)
    assert shares(room, waiting) == [taken.count(lane) for lane in range(len(waiting))]


@given(rooms=st.lists(st.integers(1, 20), min_size=1, max_size=3), waiting=st.lists(st.integers(1, 30), max_size=12))
def test_lanes_of_a_batch_give_no_more_than_its_room_together_and_leave_none_of_it(
    rooms: list[int], waiting: list[int]
) -> None:
    batches = [place % (len(rooms) + 1) for place in range(len(waiting))]
    lanes = [
        (f"lane {place}", queued, f"{batch}" if batch < len(rooms) else None)
        for place, (queued, batch) in enumerate(zip(waiting, batches, strict=True))
    ]
    allowed = allowances(lanes, {f"{batch}": room for batch, room in enumerate(rooms)})
    assert set(allowed) == {lane for lane, _, batch_id in lanes if batch_id is not None}
    for batch, room in enumerate(rooms):
        of_batch = {lane: queued for lane, queued, batch_id in lanes if batch_id == f"{batch}"}
        assert sum(allowed[lane] for lane in of_batch) == min(room, sum(of_batch.values()))
        assert all(allowed[lane] <= queued for lane, queued in of_batch.items())
