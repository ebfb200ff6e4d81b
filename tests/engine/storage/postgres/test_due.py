"""A server is not asked for what is due before something is."""

import pytest

from engine.storage.postgres.store import PostgresStore
from tests.contracts.jobs import claim_one
from tests.contracts.stores import Hand
from tests.contracts.test_due import LATER_S, WAYS


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_due_until_the_time_of_the_first_has_come(store: PostgresStore, hand: Hand, way: str) -> None:
    lease = await claim_one(store)
    assert await store.promote(10) == 0
    await WAYS[way](store, lease)
    assert not store.has_due()
    hand.turn(LATER_S)
    assert store.has_due()
