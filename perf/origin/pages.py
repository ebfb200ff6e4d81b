"""Ordinary HTML pages, what most of the web is made of.

A page has 2 to 40 KiB, more often few than many; it links to other pages and to images.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from random import Random

from aiohttp import web

from perf.origin.place import SEED, chance_of
from perf.origin.prose import phrase, prose

SMALLEST_BYTES = 2 * 1024
LARGEST_BYTES = 40 * 1024
KEPT_PAGES = 8192
LINKED_PAGES = 2000
LINKED_IMAGES = 500
PARAGRAPH_BYTES = 600

PAGES = web.AppKey[Callable[[int], bytes]]("pages")

# Given as they go out: building a Content-Type from parts costs the hot path.
HTML = {"Content-Type": "text/html; charset=utf-8"}


def page_body(seed: int, n: int) -> bytes:
    """The bytes of `/page/{n}`."""
    chance = chance_of(seed, f"/page/{n}")
    size = round(SMALLEST_BYTES * (LARGEST_BYTES / SMALLEST_BYTES) ** chance.random())
    head, tail = _head(chance, n).encode(), b"</footer>\n</body></html>\n"
    return head + _filling(chance, size - len(head) - len(tail)).encode() + tail


def kept_pages(seed: int) -> Callable[[int], bytes]:
    """The pages of a seed, the last few thousand kept: about 110 MB when full."""
    return lru_cache(maxsize=KEPT_PAGES)(partial(page_body, seed))


async def page(request: web.Request) -> web.Response:
    return web.Response(body=request.app[PAGES](int(request.match_info["n"])), headers=HTML)


def html(body: str) -> web.Response:
    return web.Response(body=body.encode(), headers=HTML)


async def text(request: web.Request) -> web.Response:
    """A short page of its own for any address."""
    return html(f"<!doctype html>\n<title>{request.path}</title>\n<p>{_words_for(request)}</p>\n")


def _words_for(request: web.Request) -> str:
    return phrase(chance_of(request.app[SEED], request.path), 40)


def _head(chance: Random, n: int) -> str:
    title = f"Page {n}: déjà {phrase(chance, 3)}"
    links = "".join(f'<li><a href="/page/{_linked(chance)}">{phrase(chance, 2)}</a></li>\n' for _ in range(8))
    images = "".join(
        f'<img src="/image/{chance.randrange(LINKED_IMAGES)}" alt="{phrase(chance, 2)}">\n' for _ in range(2)
    )
    return (
        f'<!doctype html>\n<html lang="la"><head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="description" content="{phrase(chance, 8)}">\n</head><body>\n<h1>{title}</h1>\n'
        f"<ul>\n{links}</ul>\n{images}"
    )


def _linked(chance: Random) -> int:
    return chance.randrange(LINKED_PAGES)


def _filling(chance: Random, size: int) -> str:
    opening, around = "<footer>", len("<p></p>\n")
    whole, rest = divmod(size - len(opening), PARAGRAPH_BYTES)
    paragraphs = (f"<p>{prose(chance, PARAGRAPH_BYTES - around)}</p>\n" for _ in range(whole))
    return "".join(paragraphs) + opening + prose(chance, rest)
