"""The whole site on one page: every place, what it does and who answers.

Places that misbehave say so here; all others are plain HTTP.
"""

from aiohttp import web

from perf.origin.bombs import bomb
from perf.origin.charsets import charset
from perf.origin.counters import COUNTS, Counts, count, flaky
from perf.origin.cuts import cut_chunked, cut_length, refused
from perf.origin.delays import delayed_page, hang, late_headers, slow
from perf.origin.documents import document
from perf.origin.echoes import big_header, cookie, echo
from perf.origin.guests import GUESTS, Guests, guests
from perf.origin.images import image
from perf.origin.links import links
from perf.origin.manifest import manifest
from perf.origin.moods import MOOD, Mood, mood, moody_page
from perf.origin.pages import PAGES, html, kept_pages, page
from perf.origin.place import SEED, Handler, Place
from perf.origin.redirects import anywhere, chain, loop
from perf.origin.sizes import bad_encoding, binary, size
from perf.origin.statuses import status
from perf.origin.tallies import counted, delayed_count


def place(pattern: str, handler: Handler, example: str, sentence: str, *, method: str = "GET") -> Place:
    return Place(pattern=pattern, handler=handler, example=example, sentence=sentence, method=method)


# Numbers are bounded where they are written: nine digits are a gigabyte or eleven days.
PLACES = (
    place(r"/page/{n:\d{1,9}}", page, "/page/1", "HTML of 2 to 40 KiB with a title, text, links and images."),
    place(r"/manifest", manifest, "/manifest?n=20", "Sizes and SHA-256 of pages 0 to n-1."),
    place(r"/image/{n:\d{1,9}}", image, "/image/1", "A small PNG."),
    place(r"/json/{n:\d{1,9}}", document, "/json/1", "A JSON document."),
    place(r"/links", links, "/links", "Links of every kind under a base."),
    place(r"/size/{bytes:\d{1,9}}", size, "/size/70000?gzip=1", "Text of that size; ?gzip=1, ?deflate=1 pack it."),
    place(r"/binary/{bytes:\d{1,9}}", binary, "/binary/70000", "Random bytes of that number."),
    place(r"/charset/{name}", charset, "/charset/gb18030?by=meta", "A page in that encoding, declared ?by=."),
    place(
        r"/status/{code:[2-5]\d\d}", status, "/status/503?retry_after=1", "That status; ?retry_after= adds the header."
    ),
    place(r"/redirect/{n:\d{1,3}}", chain, "/redirect/3", "That many redirects, then a page."),
    place(r"/redirect/loop", loop, "/redirect/loop", "A redirect to itself."),
    place(r"/redirect/to", anywhere, "/redirect/to?url=/page/1", "A redirect to ?url=."),
    place(r"/echo", echo, "/echo?a=1", "The request as JSON, for any method.", method="*"),
    place(r"/cookie", cookie, "/cookie", "Sets a cookie and shows the ones that came."),
    place(r"/count/{key}", count, "/count/a", "How often this was asked; ?peek=1 does not count.", method="*"),
    place(r"/counted", counted, "/counted", "How often all that is counted was asked for."),
    place(
        r"/delay/{ms:\d{1,7}}/count/{key}",
        delayed_count,
        "/delay/10/count/a",
        "Counted when it is asked, answered so many milliseconds later.",
    ),
    place(r"/flaky/{key}", flaky, "/flaky/a?fails=2", "503 for the first ?fails= requests, then 200."),
    place(
        r"/delay/{ms:\d{1,7}}/page/{n:\d{1,9}}", delayed_page, "/delay/10/page/1", "A page after so many milliseconds."
    ),
    place(r"/guests", guests, "/guests", "How many wait for a /delay page at once; ?anew=1 counts anew."),
    place(r"/mood", mood, "/mood", "How /moody pages are; ?delay_ms= and ?status= set it.", method="*"),
    place(r"/moody/page/{n:\d{1,9}}", moody_page, "/moody/page/1", "A page, as late as the mood is, or its status."),
    place(r"/slow/{bytes:\d{1,9}}", slow, "/slow/5?every_ms=10", "One byte at a time, each ?every_ms=."),
    place(
        r"/headers-late/{ms:\d{1,7}}", late_headers, "/headers-late/10", "The head stops in the middle, then goes on."
    ),
    place(r"/hang", hang, "/hang", "Never answers, whatever the method.", method="*"),
    place(
        r"/cut/{bytes:\d{1,9}}", cut_length, "/cut/1000", "That many bytes of a longer Content-Length, then the end."
    ),
    place(r"/cut/chunked", cut_chunked, "/cut/chunked", "Chunks without the last one."),
    place(r"/refuse-after-request", refused, "/refuse-after-request", "Reads the request and hangs up."),
    place(r"/bomb/{mib:\d{1,3}}", bomb, "/bomb/4", "So many mebibytes of zeros, packed with gzip."),
    place(r"/bad-encoding", bad_encoding, "/bad-encoding", "Says gzip and is not."),
    place(r"/big-header", big_header, "/big-header", "One header of 16 KiB, or of ?bytes=."),
)


def build_app(seed: int) -> web.Application:
    """The site of that seed; two of them with one seed answer alike."""
    app = web.Application()
    app[SEED] = seed
    app[PAGES] = kept_pages(seed)
    app[COUNTS] = Counts()
    app[MOOD] = Mood()
    app[GUESTS] = Guests()
    app.router.add_get("/", index)
    for each in PLACES:
        app.router.add_route(each.method, each.pattern, each.handler)
        if each.method == "GET":
            app.router.add_route("HEAD", each.pattern, each.handler)
    return app


async def index(_: web.Request) -> web.Response:
    rows = "".join(f'<li><a href="{each.example}">{each.example}</a> {each.sentence}</li>\n' for each in PLACES)
    return html(f"<!doctype html>\n<title>Origin</title>\n<ul>\n{rows}</ul>\n")
