from hypothesis import given
from hypothesis import strategies as st

from engine.cache.redis.debts import Debts

MOST = 5


@given(steps=st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from("abcdefgh"), max_size=8))))
def test_what_was_owed_last_is_kept_and_what_was_paid_is_not(steps: list[tuple[bool, list[str]]]) -> None:
    debts, owed = Debts(MOST), list[str]()
    for is_paid, keys in steps:
        owed = [key for key in owed if key not in keys]
        if is_paid:
            debts.pay(keys)
        else:
            debts.owe(keys)
            owed += list(dict.fromkeys(keys[::-1]))[::-1]
        owed = owed[-MOST:]
        assert list(debts) == owed
        assert len(debts) == len(owed)
        assert all((key in debts) == (key in owed) for key in "abcdefgh")
