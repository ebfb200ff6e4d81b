"""Results: as JSON, and as files that a browser saves and never runs."""

from typing import Any

import pytest
from aiohttp import ClientPayloadError

from engine.jobs.outcome import Chunks, ErrorType, Extraction
from tests.engine.api.conftest import Client
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job, a_page

RUNNING = a_job().claimed(now=200.0, until=230.0)
DONE = RUNNING.completed(now=201.0, ran_s=1.0)
HTML = "<p>Grüße €</p>".encode("cp1252")
LARGE: dict[str, Any] = {"body": b"", "size": 10, "chunks": Chunks(count=3, sha256="")}


async def result(client: Client) -> tuple[int, Any]:
    async with client.get("/api/v1/scrape/job_1/result") as response:
        return response.status, await response.json()


async def test_a_result_tells_all_of_the_page(client: Client, shelf: Shelf) -> None:
    extraction = Extraction(text="Greetings", links=("http://a.test/",), fields={"title": ["x"], "none": None})
    headers = (("Content-Type", "text/html"), ("Vary", "a"), ("vary", "b"))
    page = a_page(body=HTML, size=len(HTML), charset="cp1252", headers=headers, extraction=extraction, from_cache=True)
    shelf.put(DONE, page)
    assert await result(client) == (
        200,
        {
            "status_code": 200,
            "response_time": 0.5,
            "content_length": len(HTML),
            "content_type": "text/html",
            "headers": {"content-type": "text/html", "vary": "a, b"},
            "content": "<p>Grüße €</p>",
            "text": "Greetings",
            "links": ["http://a.test/"],
            "images": [],
            "final_url": "http://site.test/",
            "screenshot_url": None,
            "error_message": None,
            "error_type": None,
            "extracted": {"title": ["x"], "none": None},
            "markdown": None,
            "from_cache": True,
            "attempts": 1,
        },
    )


async def test_a_failed_job_has_a_result_with_its_error_and_what_page_there_is(client: Client, shelf: Shelf) -> None:
    failed = RUNNING.failed(now=201.0, ran_s=1.0, error_type=ErrorType.HTTP_5XX, message="the site answered 503")
    shelf.put(failed, a_page(status_code=503, body=b"busy", size=4))
    status, answer = await result(client)
    assert (status, answer["error_type"], answer["error_message"]) == (200, "http_5xx", "the site answered 503")
    assert (answer["status_code"], answer["content"]) == (503, "busy")
    shelf.put(RUNNING.failed(now=201.0, ran_s=1.0, error_type=ErrorType.DNS, message="no such host"))
    status, answer = await result(client)
    assert (status, answer["status_code"], answer["content"], answer["headers"]) == (200, None, None, {})


PRUNED = {
    "completed": DONE,
    "failed": RUNNING.failed(now=201.0, ran_s=1.0, error_type=ErrorType.HTTP_5XX, message="the site answered 503"),
}


@pytest.mark.parametrize("status", PRUNED)
@pytest.mark.parametrize("path", ["result", "download", "download?format=raw", "download?format=txt"])
async def test_a_page_that_is_kept_no_more_is_gone_and_the_job_is_not(
    client: Client, shelf: Shelf, status: str, path: str
) -> None:
    shelf.put(PRUNED[status])
    async with client.get(f"/api/v1/scrape/job_1/{path}") as response:
        assert (response.status, (await response.json())["error"]) == (410, "pruned")
    async with client.get("/api/v1/scrape/job_1") as response:
        answer = await response.json()
        assert (response.status, answer["status"], answer["result"]) == (200, status, None)


async def test_a_body_that_goes_while_it_is_read_is_broken_off_or_gone(client: Client, shelf: Shelf) -> None:
    for path in ("", "/result", "/download", "/download?format=txt", "/download?format=raw"):
        shelf.put(DONE, a_page(**LARGE), body=b"01234")
        async with client.get(f"/api/v1/scrape/job_1{path}") as response:
            assert response.status == 200
            with pytest.raises(ClientPayloadError):
                await response.read()
        shelf.put(DONE, a_page(**LARGE), body=b"")
        async with client.get(f"/api/v1/scrape/job_1{path}") as response:
            assert (response.status, (await response.json())["error"]) == (410, "pruned")


async def test_what_is_not_text_has_no_content(client: Client, shelf: Shelf) -> None:
    shelf.put(DONE, a_page(body=b"\x89PNG", size=4, charset=None, content_type="image/png"))
    assert (await result(client))[1]["content"] is None
    async with client.get("/api/v1/scrape/job_1/download?format=txt") as response:
        assert (response.status, (await response.json())["error"]) == (404, "no_body")


async def test_a_large_body_is_read_from_where_it_is_kept(client: Client, shelf: Shelf) -> None:
    shelf.put(DONE, a_page(**LARGE), body=b"0123456789")
    assert (await result(client))[1]["content"] == "0123456789"


@pytest.mark.parametrize("path", ["result", "download", "download?format=raw"])
async def test_there_is_no_result_before_the_end(client: Client, shelf: Shelf, path: str) -> None:
    shelf.put(RUNNING)
    async with client.get(f"/api/v1/scrape/job_1/{path}") as response:
        assert (response.status, (await response.json())["error"]) == (409, "not_finished")


@pytest.mark.parametrize(
    ("file_format", "content_type", "name", "body"),
    [
        ("raw", "text/html", "job_1.bin", HTML),
        ("html", "text/html; charset=windows-1252", "job_1.html", HTML),
        ("txt", "text/plain; charset=utf-8", "job_1.txt", "<p>Grüße €</p>".encode()),
    ],
)
@pytest.mark.parametrize("is_large", [False, True])
async def test_a_download_is_an_attachment(
    *, client: Client, shelf: Shelf, file_format: str, content_type: str, name: str, body: bytes, is_large: bool
) -> None:
    kept = {**LARGE, "size": len(HTML)} if is_large else {"body": HTML, "size": len(HTML)}
    shelf.put(DONE, a_page(charset="cp1252", **kept), body=HTML)
    async with client.get(f"/api/v1/scrape/job_1/download?format={file_format}") as response:
        assert (response.status, await response.read()) == (200, body)
        headers = response.headers
    assert headers["Content-Type"] == content_type
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    length = None if is_large and file_format == "txt" else str(len(body))
    assert headers.get("Content-Length") == length
    assert headers["X-Request-ID"]
    async with client.head(f"/api/v1/scrape/job_1/download?format={file_format}") as response:
        assert (response.status, response.headers.get("Content-Length"), await response.read()) == (200, length, b"")


async def test_extracted_text_is_the_text_of_a_page(client: Client, shelf: Shelf) -> None:
    shelf.put(DONE, a_page(body=HTML, size=len(HTML), extraction=Extraction(text="Greetings")))
    async with client.get("/api/v1/scrape/job_1/download?format=txt") as response:
        assert await response.text() == "Greetings"


async def test_the_default_download_is_the_result(client: Client, shelf: Shelf) -> None:
    shelf.put(DONE, a_page(body=HTML, size=len(HTML)))
    async with client.get("/api/v1/scrape/job_1/download") as response:
        assert response.headers["Content-Disposition"] == 'attachment; filename="job_1.json"'
        assert await response.json() == (await result(client))[1]


@pytest.mark.parametrize("file_format", ["raw", "html", "txt"])
async def test_no_body_is_404_with_its_own_name(client: Client, shelf: Shelf, file_format: str) -> None:
    without_page = RUNNING.failed(now=201.0, ran_s=1.0, error_type=ErrorType.DNS, message="no such host")
    for job, page in ((without_page, None), (DONE, a_page())):
        shelf.put(job, page)
        async with client.get(f"/api/v1/scrape/job_1/download?format={file_format}") as response:
            assert (response.status, (await response.json())["error"]) == (404, "no_body")


@pytest.mark.parametrize("file_format", ["md", "warc", "exe", ""])
async def test_other_files_are_not_there(client: Client, shelf: Shelf, file_format: str) -> None:
    shelf.put(DONE)
    async with client.get(f"/api/v1/scrape/job_1/download?format={file_format}") as response:
        assert response.status == 422
        assert ("not built in yet" in await response.text()) == (file_format in {"md", "warc"})
