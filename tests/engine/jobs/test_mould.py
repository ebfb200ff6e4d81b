"""What a mould makes is what the constructor would have made."""

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.mould import Mould
from engine.jobs.query import Settled
from engine.jobs.request import REQUESTS, Request
from tests.contracts.jobs import new_job


def values_of(request: Request) -> list[object]:
    return [getattr(request, field.name) for field in fields(request)]


@given(hosts=st.lists(st.text(max_size=5), max_size=5), method=st.sampled_from(["GET", "POST"]))
def test_many_are_what_the_constructor_makes_of_the_same_values(hosts: list[str], method: str) -> None:
    requests = [new_job(host=host, method=method).request for host in hosts]
    columns = zip(*map(values_of, requests), strict=True) if requests else [()] * len(fields(Request))
    assert REQUESTS.many(len(requests), *columns) == requests
    assert [REQUESTS.one(*values_of(request)) for request in requests] == requests


def test_what_is_made_cannot_be_changed() -> None:
    made = REQUESTS.one(*values_of(new_job().request))
    with pytest.raises(FrozenInstanceError):
        made.url = "http://another.test/"  # type: ignore[misc]  # what is tested


@pytest.mark.parametrize("names", [("accepted", "status"), ("accepted", "status", "at", "by"), ("status", "at", "at")])
def test_a_mould_needs_each_field_once(names: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="not the fields of a Settled"):
        Mould(Settled, names)


def test_a_value_for_each_field_is_needed() -> None:
    with pytest.raises(TypeError, match="missing"):
        REQUESTS.one("http://site.test/")
    with pytest.raises(ValueError, match="shorter"):
        REQUESTS.many(1, ["http://site.test/"], *[[]] * 6)
