"""A page of every kind of link, for whoever has to resolve them.

Its base is `/page/`, so a relative link means something else than it would without.
"""

from aiohttp import web

from perf.origin.pages import html

LINKS = (
    "1",
    "./2",
    "../page/3",
    "/page/4",
    "/page/5#part",
    "#part",
    "?n=6",
    "",
    "/page/../page/7",
    "/page/8?b=2&amp;a=1",
    " /page/9 ",
    "/a b/ü",
    "//localhost/page/10",
    "HTTP://LOCALHOST/page/11",
    "mailto:somebody@example.org",
    "tel:+0",
    "javascript:void(0)",
    "data:text/plain,12",
)


async def links(_: web.Request) -> web.Response:
    items = "".join(f'<li><a href="{link}">link {at}</a></li>\n' for at, link in enumerate(LINKS))
    return html(
        f'<!doctype html>\n<base href="/page/">\n<title>Links</title>\n<ul>\n{items}</ul>\n<p id="part">part</p>\n'
    )
