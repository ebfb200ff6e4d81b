from hypothesis import given
from hypothesis import strategies as st

from engine.cache.pages.directives import MOST_S, directives_of

NAMES = st.sampled_from(["max-age", "no-store", "private", "no-cache", "x-own"])
PLAIN = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]*", fullmatch=True)
QUOTED = st.from_regex(r'(?:[a1, =\t;-]|\\"|\\\\)*', fullmatch=True)
VALUES = st.one_of(
    st.just(("", "")), PLAIN.map(lambda text: (text, f"={text}")), QUOTED.map(lambda text: (text, f'="{text}"'))
)
SEPARATORS = st.sampled_from([",", ", ", " ,\t", ",,"])


@given(st.lists(st.tuples(NAMES, VALUES)), SEPARATORS)
def test_the_first_of_each_directive_counts_whatever_stands_in_the_values_of_others(
    said: list[tuple[str, tuple[str, str]]], separator: str
) -> None:
    field = separator.join(name.upper() + written for name, (_, written) in said)
    assert directives_of(field).said == {name: value or None for name, (value, _) in reversed(said)}


@given(st.text())
def test_whatever_a_site_writes_is_read(field: str) -> None:
    found = directives_of(field)
    for name in found.said:
        assert 0 <= (found.seconds(name) or 0) <= MOST_S


def test_a_quotation_without_an_end_does_not_hide_what_forbids() -> None:
    assert "private" in directives_of('private="x-user, max-age=60')
