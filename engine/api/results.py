"""What a job came to: as JSON, or as a file to keep."""

from collections.abc import AsyncGenerator
from functools import cache, partial
from typing import Annotated, Any, Literal

import orjson
from aiohttp import web
from pydantic import BeforeValidator, Field
from webencodings import LABELS, lookup  # type: ignore[import-untyped]  # has no stubs here

from engine.api.answers import JobResult
from engine.api.keeping import Loaded
from engine.api.long import KEPT, Long, decoded, encoded, streamed, text_of, written
from engine.api.parameters import Parameters, read_query
from engine.api.rendering import quoted, rendered
from engine.api.services import SERVICES, Reads, Services
from engine.api.written import JSON, Written
from engine.errors import NoBodyError, NotFinishedError, ResultPrunedError, UnknownJobError
from engine.jobs.job import Job
from engine.jobs.keys import RESULT
from engine.jobs.outcome import Extraction, Page
from engine.jobs.query import Result

NOTHING = Extraction()


def _file_format(value: object) -> object:
    if value in {"md", "warc"}:
        raise ValueError(f"{value} is not built in yet")
    return value


class DownloadQuery(Parameters):
    """Which file."""

    format: Annotated[Literal["json", "html", "txt", "raw"], BeforeValidator(_file_format)] = Field(
        "json", description="json: the result; html, raw: the body as it came; txt: its text"
    )


async def result(request: web.Request) -> web.StreamResponse:
    services, job_id = request.app[SERVICES], request.match_info["job_id"]
    answer = await services.keeping.jobs.read(f"{RESULT}:{job_id}", partial(_result, job_id, services))
    if answer != KEPT:
        return Written(answer, status=200)
    return await streamed(
        request, written(result_of(await _finished(job_id, services), services)), {"Content-Type": JSON}
    )


async def download(request: web.Request) -> web.StreamResponse:
    kind = read_query(request, DownloadQuery).format
    services = request.app[SERVICES]
    found = await _finished(request.match_info["job_id"], services)
    if kind == "json":
        return await _as_json(request, found)
    if found.page is None or not found.page.size:
        raise NoBodyError
    if kind == "txt":
        return await _as_text(request, found.job, found.page)
    return await _as_bytes(request, found.job, found.page, _written_type(found.page, is_html=kind == "html"))


def result_of(found: Result, services: Reads) -> JobResult:
    """Its long texts are of the kind Long."""
    job, page = found.job, found.page
    extraction = (page.extraction if page else None) or NOTHING
    return JobResult(
        status_code=page.status_code if page else None,
        response_time=page.elapsed_s if page else None,
        content_length=page.size if page else None,
        content_type=page.content_type if page else None,
        headers=_joined(page.headers) if page else {},
        content=_in_json(_content(job, page, services)) if page else None,
        text=_in_json(text_of(extraction.text)),
        links=list(extraction.links or ()),
        images=list(extraction.images or ()),
        final_url=page.final_url if page else None,
        screenshot_url=None,
        error_message=job.error_message,
        error_type=job.error_type,
        extracted=extraction.fields,
        markdown=None,
        from_cache=page.from_cache if page else False,
        attempts=job.attempts,
    )


def is_long(found: JobResult) -> bool:
    return any(isinstance(each, Long) for each in (found["content"], found["text"]))


async def _result(job_id: str, services: Services) -> Loaded:
    found = await _finished(job_id, services)
    answer = result_of(found, services)
    return KEPT if is_long(answer) else rendered(answer), services.keeping.lasts_s(found, services.now())


async def _finished(job_id: str, services: Services) -> Result:
    found = await services.store.result(job_id)
    if found is None:
        raise UnknownJobError
    if not found.job.status.is_final:
        raise NotFinishedError
    if found.is_pruned:
        raise ResultPrunedError
    return found


def _joined(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Repeated headers are one list (RFC 9110, 5.3)."""
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _content(job: Job, page: Page, services: Reads) -> str | Long | None:
    """A text, or a long one; None for what is not text."""
    if page.charset is None:
        return None
    decoding = services.decoding(page.charset)
    return (
        decoding(page.body, is_last=True)
        if page.chunks is None
        else Long(decoded(_pieces(job, page, services), decoding))
    )


def _in_json(text: str | Long | None) -> Any:
    return quoted(text) if isinstance(text, str) else text


async def _as_json(request: web.Request, found: Result) -> web.StreamResponse:
    document, headers = result_of(found, request.app[SERVICES]), _attachment(found.job, JSON, "json")
    if is_long(document):
        return await streamed(request, written(document, orjson.OPT_INDENT_2), headers)
    return web.Response(body=orjson.dumps(document, option=orjson.OPT_INDENT_2), headers=headers)


async def _as_text(request: web.Request, job: Job, page: Page) -> web.StreamResponse:
    """What was extracted as text, else all of it."""
    extracted = text_of((page.extraction or NOTHING).text)
    text = _content(job, page, request.app[SERVICES]) if extracted is None else extracted
    if text is None:
        raise NoBodyError("The job's body is not text; format=raw has it.")
    headers = _attachment(job, "text/plain; charset=utf-8", "txt")
    if isinstance(text, Long):
        return await streamed(request, encoded(text), headers)
    return web.Response(body=text.encode(), headers=headers)


async def _as_bytes(request: web.Request, job: Job, page: Page, kind: tuple[str, str]) -> web.StreamResponse:
    headers = _attachment(job, *kind)
    if page.chunks is None:
        return web.Response(body=page.body, headers=headers)
    return await streamed(request, _pieces(job, page, request.app[SERVICES]), headers, size=page.size)


async def _pieces(job: Job, page: Page, services: Reads) -> AsyncGenerator[bytes, None]:
    """Of a body in chunks, to its end. Raises ResultPrunedError when it goes before."""
    left = page.size
    async for piece in services.store.body(job.id):
        yield piece
        left -= len(piece)
    if left:
        raise ResultPrunedError


def _written_type(page: Page, *, is_html: bool) -> tuple[str, str]:
    """The content type to declare, and how the file's name ends."""
    if not is_html:
        return page.content_type or "application/octet-stream", "bin"
    return f"text/html; charset={_labels().get(page.charset, page.charset)}" if page.charset else "text/html", "html"


@cache
def _labels() -> dict[str, str]:
    """What the web calls the encodings that Python calls otherwise."""
    return {each.codec_info.name: each.name for each in map(lookup, LABELS)}


def _attachment(job: Job, content_type: str, extension: str) -> dict[str, str]:
    """A browser saves it and never runs it."""
    return {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{job.id}.{extension}"',
        "X-Content-Type-Options": "nosniff",
    }
