"""What the jobs of a torture ask for, and what has to come of it."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any

from perf.origin.pages import page_body
from perf.origin.place import chance_of
from perf.origin.prose import prose_blocks

PAGES = 200
LARGE_BYTES = (280_000, 400_000, 700_000)
LONGEST_MS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One request to the origin. A GET always succeeds; a POST must not reach it twice."""

    path: str
    method: str = "GET"
    sha256: str | None = None
    """Of the body that comes back, where it is known."""

    def submit(self, site: str) -> dict[str, Any]:
        """As the API takes it."""
        return {"url": f"{site}{self.path}", "method": self.method}


class Errands:
    """Drawn from a seed: pages at once and late, bodies that are kept in chunks, POSTs."""

    def __init__(self, *, seed: int, random: Random) -> None:
        self._seed = seed
        self._random = random
        self._posts = count()
        self._page = lru_cache(maxsize=PAGES)(lambda n: sha256(page_body(seed, n)).hexdigest())
        self._large = lru_cache(maxsize=len(LARGE_BYTES))(self._digest_of_size)

    def draw(self) -> Errand:
        kind, n = self._random.random(), self._random.randrange(PAGES)
        if kind < 0.7:
            return Errand(path=f"/page/{n}", sha256=self._page(n))
        if kind < 0.85:
            return Errand(path=f"/delay/{self._random.randrange(LONGEST_MS)}/page/{n}", sha256=self._page(n))
        if kind < 0.88:
            size = self._random.choice(LARGE_BYTES)
            return Errand(path=f"/size/{size}", sha256=self._large(size))
        return Errand(path=f"/count/{next(self._posts)}", method="POST")

    def draw_many(self, least: int, most: int) -> list[Errand]:
        return [self.draw() for _ in range(self._random.randint(least, most))]

    def _digest_of_size(self, size: int) -> str:
        blocks = prose_blocks(chance_of(self._seed, f"/size/{size}"), size)
        return sha256(b"".join(blocks)).hexdigest()
