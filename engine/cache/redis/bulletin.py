"""What processes tell each other about keys that were dropped: who says it, and which keys."""

from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """`origin` names the process; it does not listen to itself."""

    origin: str
    keys: tuple[str, ...]

    def packed(self) -> bytes:
        return orjson.dumps([self.origin, *self.keys])


def bulletin_of(message: bytes) -> Bulletin | None:
    """None for what no release of ours wrote."""
    try:
        said = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    if not _is_words(said):
        return None
    return Bulletin(origin=said[0], keys=tuple(said[1:]))


def _is_words(said: object) -> bool:
    return isinstance(said, list) and bool(said) and all(isinstance(word, str) for word in said)
