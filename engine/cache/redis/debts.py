"""Keys whose drop has not reached the server: they are not asked for, and dropped before anything else is asked."""

from collections.abc import Iterable, Iterator


class Debts:
    """At most so many; of more than that the oldest are forgotten, and stay until their time is over."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: dict[str, None] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def owe(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._keys.pop(key, None)
            self._keys[key] = None
        while len(self._keys) > self._most:
            del self._keys[next(iter(self._keys))]

    def pay(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._keys.pop(key, None)
