"""A context is read as the specification's other implementations read it, and what is none is nobody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.context import Context
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from engine.jobs.trace import TraceContext

HEX = "0123456789abcdef"
TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def ids(length: int) -> st.SearchStrategy[str]:
    return st.text(HEX, min_size=length, max_size=length) | st.just("0" * length)


HEADERS = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}-{}-{}-{}{}".format,
        st.sampled_from(["00", "01", "cc", "ff", "0A", "0"]),
        ids(32) | ids(31),
        ids(16),
        ids(2),
        st.sampled_from(["", "-", "-more", "more", " ", "\t"]),
    ),
)


@given(HEADERS)
def test_a_context_is_what_others_take_for_one(header: str) -> None:
    extracted = TraceContextTextMapPropagator().extract({"traceparent": header}, context=Context())
    theirs = get_current_span(extracted).get_span_context()
    ours = TraceContext.of(header, "")
    assert (ours is not None) is theirs.is_valid
    if ours is not None:
        ids_and_flags = f"{theirs.trace_id:032x}-{theirs.span_id:016x}-{theirs.trace_flags:02x}"
        assert (ours.traceparent, ours.trace_id) == (f"00-{ids_and_flags}", f"{theirs.trace_id:032x}")


@pytest.mark.parametrize(
    ("state", "kept"),
    [("a=1,b=2", "a=1,b=2"), (" a=1\t", "a=1"), ("", ""), ("a" * 513, ""), ("a=\u00fc", ""), ("a=1\x00", "")],
)
def test_a_state_is_kept_as_it_came_or_not_at_all(state: str, kept: str) -> None:
    assert TraceContext.of(f"00-{TRACE_ID}-{SPAN_ID}-01", state) == TraceContext(f"00-{TRACE_ID}-{SPAN_ID}-01", kept)
