"""What becomes of jobs whose leases ended together."""

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.losses import POISON_AFTER, SUSPECT_AFTER, SUSPECTS_AT_ONCE, is_suspect
from engine.storage.fates import Ended, Fate, fates_of
from engine.storage.held import Held

LOSSES = st.integers(0, POISON_AFTER - 1)
ENDED = st.lists(st.tuples(LOSSES, st.booleans(), st.booleans()), max_size=4 * SUSPECTS_AT_ONCE)


@given(ENDED)
def test_each_has_one_fate_and_few_come_to_be_suspects_whose_fetch_may_not_have_begun(
    drawn: list[tuple[int, bool, bool]],
) -> None:
    ended = [
        Ended(Held(f"job_{number:02}", "site.test", losses), alone and is_suspect(losses), is_barred)
        for number, (losses, alone, is_barred) in enumerate(drawn)
    ]
    fates = fates_of(reversed(ended))
    assert sorted(held for fate in fates.values() for held in fate) == [each.held for each in ended]
    assert set(fates.get(Fate.UNREPEATABLE, ())) == {each.held for each in ended if each.is_barred}
    of_a_fetch_alone = {*fates.get(Fate.LOST_ALONE, ()), *fates.get(Fate.POISON, ())}
    assert of_a_fetch_alone == {each.held for each in ended if each.alone and not each.is_barred}
    assert all(held.losses == POISON_AFTER - 1 for held in fates.get(Fate.POISON, ()))
    candidates = [each.held for each in ended if each.held.losses == SUSPECT_AFTER - 1 and not each.is_barred]
    made = [held for held in fates.get(Fate.LOST_IN_COMPANY, ()) if held in candidates]
    assert made == candidates[:SUSPECTS_AT_ONCE]
