import pytest

from perf.load.verdicts import fault, is_refused


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_says_when_to_come_again(status: int) -> None:
    assert is_refused(status, "3")
    assert not is_refused(status, None)


@pytest.mark.parametrize("status", [200, 202, 500, 507, 0])
def test_nothing_else_is_a_refusal(status: int) -> None:
    assert not is_refused(status, "3")


def test_only_the_documented_status_is_well() -> None:
    assert fault(202, expected=202) == ""
    assert fault(200, expected=202) == "status 200"
    assert fault(0, expected=202, error=ConnectionResetError("of 10.0.0.1")) == "no answer: ConnectionResetError"
