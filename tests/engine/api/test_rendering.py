"""Texts of some length in JSON: the same as if they were written at once, in a fraction of the room."""

import tracemalloc

import orjson
from hypothesis import given
from hypothesis import strategies as st

from engine.api.rendering import PIECE, quoted, rendered


@given(text=st.text(min_size=1), times=st.integers(1, 5000), more=st.text())
def test_in_pieces_a_text_is_what_it_is_at_once(text: str, times: int, more: str) -> None:
    whole = (text * times)[: 4 * PIECE] + more
    assert rendered({"a": quoted(whole), "b": 1}) == orjson.dumps({"a": whole, "b": 1})


def test_a_text_takes_only_some_times_its_own_room() -> None:
    text = '<p class="a">text</p>\n' * 4_000
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        answer = rendered({"content": quoted(text)})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert orjson.loads(answer) == {"content": text}
    assert peak - before < 5 * len(answer)
