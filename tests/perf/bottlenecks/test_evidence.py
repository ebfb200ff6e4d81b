import pytest

from perf.bottlenecks.evidence import dumped, loaded
from tests.perf.bottlenecks.recordings import all_recorded, recorded


@pytest.mark.parametrize("name", all_recorded())
def test_what_was_written_is_read_as_it_was(name: str) -> None:
    evidence = recorded(name)
    assert loaded(dumped(evidence)) == evidence


def test_what_is_no_evidence_is_refused() -> None:
    with pytest.raises(ValueError, match="window_s"):
        loaded(b"{}")
