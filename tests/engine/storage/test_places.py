"""Where lanes stand in the order of claims."""

from hypothesis import given
from hypothesis import strategies as st

from engine.storage.places import BATCHES_AT_MOST, Places, turns_among_all, turns_of_batches

LANES = [f"{place}.test batch_{place % 3}" if place % 3 else f"{place}.test" for place in range(12)]
BATCHES = {"batch_1": 10.0, "batch_2": 20.0}
MET = st.lists(st.sampled_from([None, *BATCHES]), max_size=20)


@given(st.lists(st.tuples(st.sampled_from(LANES), st.booleans()), max_size=60), st.integers(0, 9))
def test_who_was_claimed_from_stands_behind_all_of_its_batch_at_a_place_of_its_own(
    passed: list[tuple[str, bool]], reached: int
) -> None:
    places = Places()
    places.reach(reached)
    turns = places.passed(passed)
    for batch in range(3):
        own = [
            turn
            for (lane, has_more), turn in zip(passed, turns, strict=True)
            if LANES.index(lane) % 3 == batch and has_more
        ]
        assert own == [reached + 1 + place for place in range(len(own))]


def test_new_lanes_stand_behind_those_of_their_batch_and_no_lane_before_what_is_reached() -> None:
    places = Places()
    places.reach(5)
    places.stands("batch_1", 9)
    found = places.behind(["a.test batch_1", "a.test batch_2", "b.test batch_1", "a.test"])
    assert found == {"a.test batch_1": (9, 1), "a.test batch_2": (5, 1), "b.test batch_1": (9, 2), "a.test": (5, 1)}
    places.reach(30)
    places.reach(20)
    assert places.behind(["a.test batch_1 limited"]) == {"a.test batch_1 limited": (30, 1)}


def test_of_very_many_batches_those_are_forgotten_that_are_reached_first() -> None:
    places = Places()
    for place in range(BATCHES_AT_MOST + 1):
        places.stands(f"batch_{place}", place + 1)
    assert places.end("batch_0") == 0
    assert places.end(f"batch_{BATCHES_AT_MOST}") == BATCHES_AT_MOST + 1


@given(MET, st.integers(0, 20))
def test_lanes_of_a_limited_batch_stand_behind_one_another_and_it_is_passed_by_those_that_give(
    met: list[str | None], giving: int
) -> None:
    turns = turns_among_all([(5.0, batch_id) for batch_id in met], BATCHES)
    passed = turns_of_batches(BATCHES, met, met[:giving])
    for batch_id, begin in BATCHES.items():
        own = [turn for turn, batch in zip(turns, met, strict=True) if batch == batch_id]
        assert own == [begin + place for place in range(len(own))]
        gave = met[:giving].count(batch_id)
        assert passed.get(batch_id, begin) == begin + (gave if own else 1)
    assert {turn for turn, batch in zip(turns, met, strict=True) if batch is None} <= {5.0}
