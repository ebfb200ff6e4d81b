"""The ledger: what is held here, who is told that it no longer is, and what is noted for the next process."""

from collections.abc import Callable

import pytest

from engine.jobs.holding import Holding
from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.runtime import Credits
from tests.contracts.budget import an_allowance
from tests.engine.jobs.builders import a_lease, a_request


def test_an_older_lease_of_a_job_does_not_remove_a_later_one() -> None:
    ledger, older, later = Ledger(), a_lease(fence=1), a_lease(fence=2)
    ledger.enter([older])
    ledger.enter([later])
    ledger.leave(older)
    assert (ledger.holds(older), ledger.holds(later), list(ledger)) == (False, True, [later])
    ledger.leave(later)
    assert len(ledger) == 0


def test_an_abort_reaches_a_running_fetch_and_no_other() -> None:
    ledger, heard = Ledger(), list[str]()
    waiting, running, over = (held(ledger, a_lease(job_id=f"job_{n}")) for n in range(3))
    running.abort = over.abort = heard.append
    over.abort = None
    for each in (waiting, running, over, running):
        ledger.abort(each.lease.job_id, each.lease.job_id)
    assert (heard, len(ledger)) == (["job_1"], 0)
    assert not any(each.is_held or ledger.holds(each.lease) for each in (waiting, running, over))


def held(ledger: Ledger, lease: Lease) -> Holding:
    ledger.enter([lease])
    holding = ledger.held(lease)
    assert holding is not None
    return holding


def fetched(ledger: Ledger, lease: Lease) -> None:
    holding = held(ledger, lease)
    holding.place = ledger.begin(holding.lease, alone=False)
    ledger.end(holding)


class Notes:
    """A journal of fences."""

    def __init__(self) -> None:
        self.open: set[int] = set()

    def begin(self, lease: Lease, *, alone: bool) -> int:
        assert not alone
        self.open.add(lease.fence)
        return lease.fence

    def end(self, place: int) -> None:
        self.open.remove(place)


def test_a_fetch_is_noted_until_it_ends() -> None:
    notes, lease = Notes(), a_lease()
    ledger = Ledger(notes)
    holding = held(ledger, lease)
    holding.place = ledger.begin(holding.lease, alone=False)
    assert notes.open == {1}
    ledger.end(holding)
    assert (notes.open, ledger.sent()) == (set(), [])


LEAVES: dict[str, Callable[[Ledger, Lease], object]] = {
    "settled or given back": Ledger.leave,
    "aborted": lambda ledger, lease: ledger.abort(lease.job_id, "cancelled"),
}


@pytest.mark.parametrize("how", LEAVES)
def test_what_must_not_be_sent_again_is_noted_until_it_leaves(how: str) -> None:
    notes, lease = Notes(), a_lease(request=a_request(method="POST"))
    ledger = Ledger(notes)
    fetched(ledger, lease)
    assert (notes.open, ledger.sent()) == ({1}, [lease])
    LEAVES[how](ledger, lease)
    assert (notes.open, ledger.sent()) == (set(), [])


def test_one_that_has_left_before_its_fetch_ended_is_noted_no_longer_than_that() -> None:
    notes, lease = Notes(), a_lease(request=a_request(method="POST"))
    ledger = Ledger(notes)
    holding = held(ledger, lease)
    holding.place = ledger.begin(holding.lease, alone=False)
    ledger.abort(lease.job_id, "cancelled")
    assert notes.open == {1}
    ledger.end(holding)
    assert notes.open == set()


def test_what_is_cast_off_is_not_held_and_is_known_until_it_leaves_or_is_claimed_again() -> None:
    ledger, older, later = Ledger(), a_lease(fence=1), a_lease(fence=2)
    ledger.enter([older])
    ledger.cast_off(older)
    assert (ledger.holds(older), len(ledger), ledger.adrift) == (False, 0, (older,))
    ledger.leave(older)
    assert ledger.adrift == ()
    ledger.cast_off(older)
    ledger.enter([later])
    assert (ledger.adrift, ledger.holds(later)) == ((), True)


def test_what_must_not_be_sent_again_stays_noted_while_it_is_adrift_however_often_that_is_said() -> None:
    notes, lease = Notes(), a_lease(request=a_request(method="POST"))
    ledger = Ledger(notes)
    fetched(ledger, lease)
    for _ in range(2):
        ledger.cast_off(lease)
    assert (notes.open, ledger.sent(), ledger.adrift) == ({1}, [], (lease,))
    ledger.leave(lease)
    assert (notes.open, ledger.adrift) == (set(), ())


def test_a_fetch_under_an_older_fence_ends_and_that_of_a_later_one_can_be_aborted_after_it() -> None:
    ledger, heard = Ledger(), list[str]()
    older = held(ledger, a_lease(fence=1))
    older.abort = heard.append
    later = held(ledger, a_lease(fence=2))
    assert heard == ["the lease is lost"]
    later.abort = heard.append
    older.abort = None
    ledger.abort(later.lease.job_id, "cancelled")
    assert (heard, ledger.holds(later.lease)) == (["the lease is lost", "cancelled"], False)


def test_memory_comes_back_when_the_lease_leaves_or_is_cast_off_and_not_when_it_is_aborted() -> None:
    budget, leases = Credits(10), [a_lease(job_id=f"job_{n}") for n in range(3)]
    ledger = Ledger()
    for lease in leases:
        held(ledger, lease).allowance = an_allowance(3, of=budget)
    left, cast_off, aborted = leases
    for _ in range(2):
        ledger.leave(left)
    assert budget.held_bytes == 6
    ledger.cast_off(cast_off)
    assert budget.held_bytes == 3
    ledger.abort(aborted.job_id, "cancelled")
    assert budget.held_bytes == 3
    ledger.leave(aborted)
    assert budget.held_bytes == 0


def test_an_older_lease_of_a_job_gives_back_its_own_memory() -> None:
    budget, ledger, older, later = Credits(10), Ledger(), a_lease(fence=1), a_lease(fence=2)
    for lease, size in ((older, 3), (later, 5)):
        held(ledger, lease).allowance = an_allowance(size, of=budget)
    ledger.leave(older)
    assert budget.held_bytes == 5
