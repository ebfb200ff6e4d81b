from hypothesis import given
from hypothesis import strategies as st

from engine.cache.redis.bulletin import Bulletin, bulletin_of

texts = st.text(st.characters(codec="utf-8"))


@given(origin=texts, keys=st.lists(texts).map(tuple))
def test_what_is_said_is_heard(origin: str, keys: tuple[str, ...]) -> None:
    bulletin = Bulletin(origin=origin, keys=keys)
    assert bulletin_of(bulletin.packed()) == bulletin


@given(message=st.binary() | st.sampled_from([b"[]", b'"ab"', b"{}", b"[1]", b'["a", null]', b"null"]))
def test_what_is_no_bulletin_is_none(message: bytes) -> None:
    assert bulletin_of(message) is None
