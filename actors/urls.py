"""A list of URLs, from the command line, files or standard input, as jobs.

One URL a line; blank lines and lines that begin with # are passed over. It may be of any length, and may pause.
"""

import os
from collections.abc import Iterator, Sequence
from select import select
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

from engine.jobs.address import MAX_URL_CHARS, AddressError, canonical
from engine.jobs.ids import JOB_PREFIX
from engine.jobs.job import Job
from engine.jobs.request import Options, Request

PIECE_BYTES = 64 * 1024
LOOK_UP_S = 0.2
"""How long a reader of an input that pauses takes to see that it should stop."""


class UrlList:
    """Read piece by piece, where reading may block; `stop` ends it early."""

    def __init__(self, *, urls: Sequence[str], source: BinaryIO | None, options: Options, now: float) -> None:
        """`source` is a file or a pipe, read after the URLs."""
        self._options = options
        self._now = now
        self._is_stopped = False
        self._pieces = self._read(urls, source)

    def next(self) -> Sequence[Job]:
        """Some jobs; none at the end."""
        return next((jobs for jobs in map(self._jobs, self._pieces) if jobs), ())

    def stop(self) -> None:
        self._is_stopped = True

    def _read(self, urls: Sequence[str], source: BinaryIO | None) -> Iterator[Sequence[str]]:
        yield urls
        if source is not None:
            yield from self._lines(source.fileno())

    def _lines(self, source: int) -> Iterator[list[str]]:
        rest = b""
        while not self._is_stopped:
            if not select([source], [], [], LOOK_UP_S)[0]:
                continue
            piece = os.read(source, PIECE_BYTES)
            whole, _, rest = (rest + piece).rpartition(b"\n") if piece else (rest, b"", b"")
            yield whole.decode(errors="replace").splitlines()
            rest = rest[:PIECE_BYTES]  # no URL is that long
            if not piece:
                return

    def _jobs(self, lines: Sequence[str]) -> list[Job]:
        urls = (line.strip() for line in lines)
        return [self._job(url) for url in urls if url and not url.startswith("#")]

    def _job(self, url: str) -> Job:
        """The same for the same URL and options: a list that is read again submits nothing twice."""
        try:
            url, host = canonical(url)
        except AddressError:  # its fetch will say what is wrong
            url, host = url[:MAX_URL_CHARS].replace("\0", "\ufffd"), ""
        request = Request(url=url, host=host, options=self._options)
        job_id = f"{JOB_PREFIX}{uuid5(NAMESPACE_URL, f'{url} {self._options}')}"
        return Job(id=job_id, request=request, created_at=self._now, updated_at=self._now)
