"""Many jobs: by filters, a page at a time. A page is asked for by its number or, cheaper, by a cursor."""

from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from aiohttp import web
from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from engine.api.answers import FieldError, JobList, StatusName
from engine.api.bodies import read_json
from engine.api.cursor import Cursor
from engine.api.dates import Moment
from engine.api.errors import InvalidInputError
from engine.api.fields import Integer, Tag, Text
from engine.api.jobs import status_of
from engine.api.keeping import LISTED_S, Loaded
from engine.api.parameters import Parameters, read_query
from engine.api.rendering import rendered
from engine.api.services import SERVICES, Services
from engine.api.written import Written
from engine.jobs.job import Job
from engine.jobs.keys import LIST
from engine.jobs.query import JobPage, JobQuery
from engine.jobs.status import Status

MOST_FILTERS = 20
ALIASES = {"cloudscraper": "http", "selenium": "browser"}


def _scraper(value: object) -> object:
    return ALIASES.get(value, value) if isinstance(value, str) else value


Scraper = Annotated[
    Literal["http", "browser"],
    BeforeValidator(_scraper),
    WithJsonSchema({"type": "string", "enum": ["http", "browser", "cloudscraper", "selenium"]}),
]
TagBetweenCommas = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra={"pattern": "^[^\\u0000,]*$"})]
After = Annotated[
    Cursor | None,
    PlainValidator(lambda text: Cursor.read(text) if text else None),
    WithJsonSchema({"type": "string", "format": "cursor"}),
]


class Filters(Parameters):
    """All hold together; within a list any one does."""

    lists: ClassVar[frozenset[str]] = frozenset({"status", "scraper_type", "tags"})

    status: list[StatusName] = Field(default_factory=list, max_length=MOST_FILTERS)
    scraper_type: list[Scraper] = Field(default_factory=list, max_length=MOST_FILTERS)
    tags: list[Tag] = Field(default_factory=list, max_length=MOST_FILTERS)
    date_from: Moment | None = Field(None, description="created then or later")
    date_to: Moment | None = Field(None, description="created then or earlier")

    def chosen(self, **more: Any) -> JobQuery:
        return JobQuery(
            statuses=tuple(map(Status, self.status)),
            scraper_types=tuple(self.scraper_type),
            tags=tuple(self.tags),
            date_from=self.date_from,
            date_to=self.date_to,
            **more,
        )


class PagedFilters(Filters):
    """Filters, and which page of what they leave."""

    page: Integer = Field(1, ge=1, le=1_000_000)
    page_size: Integer = Field(20, ge=1, le=100)
    sort_by: Literal["created_at", "updated_at", "priority", "status"] = "created_at"
    sort_order: Literal["asc", "desc"] = "desc"

    def query(self, **more: Any) -> JobQuery:
        """Asks for one job more than a page holds, which tells whether there is a next page."""
        return self.chosen(
            sort_by=self.sort_by,
            descending=self.sort_order == "desc",
            limit=self.page_size + 1,
            **{"offset": (self.page - 1) * self.page_size, **more},
        )


class ListQuery(PagedFilters):
    """Filters of the list."""

    tags: list[TagBetweenCommas] = Field(default_factory=list, max_length=MOST_FILTERS)
    url_contains: Text | None = None
    host: Text | None = None
    batch_id: Text | None = None
    cursor: After = Field(None, description="next_cursor of the page before, in the same order; without page")

    def asked(self) -> JobQuery:
        """Raises InvalidInputError for a cursor that does not fit the rest."""
        more = {"url_contains": self.url_contains, "host": self.host, "batch_id": self.batch_id}
        if self.cursor is None:
            return self.query(**more)
        if self.page != 1:
            raise InvalidInputError(FieldError(field="page", message="the cursor has one of its own"))
        if (self.cursor.sort_by, self.cursor.descending) != (self.sort_by, self.sort_order == "desc"):
            raise InvalidInputError(FieldError(field="cursor", message="it is of another order"))
        return self.query(**more, offset=0, after=(self.cursor.value, self.cursor.job_id))


class JobFilter(Filters):
    """Filters of a search, without its pages."""

    model_config = ConfigDict(strict=True)

    query_text: Text | None = Field(None, alias="query", description="a part of the URL")

    def chosen(self, **more: Any) -> JobQuery:
        return super().chosen(url_contains=self.query_text, **more)


class JobSearch(PagedFilters):
    """Filters of a search."""

    model_config = ConfigDict(strict=True)

    query_text: Text | None = Field(None, alias="query", description="a part of the URL")


async def list_jobs(request: web.Request) -> web.StreamResponse:
    asked = read_query(request, ListQuery)
    page = asked.cursor.page if asked.cursor else asked.page
    return await _found(request.app[SERVICES], asked.asked(), page)


async def search(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    asked = await read_json(request, JobSearch, services)
    return await _found(services, asked.query(url_contains=asked.query_text), asked.page)


async def _found(services: Services, query: JobQuery, page: Integer) -> web.StreamResponse:
    key = f"{LIST}:{page}:{query}"
    return Written(await services.keeping.lists.read(key, partial(_load, services, query, page)), status=200)


async def _load(services: Services, query: JobQuery, page: Integer) -> Loaded:
    return rendered(_rendered(await services.store.find(query), query, page)), LISTED_S


def _rendered(found: JobPage, query: JobQuery, page: Integer) -> JobList:
    size = query.limit - 1
    jobs, has_next = found.jobs[:size], len(found.jobs) > size
    return JobList(
        jobs=[status_of(job) for job in jobs],
        total=found.total,
        page=page,
        page_size=size,
        total_pages=-(-found.total // size),
        has_next=has_next,
        has_previous=page > 1,
        next_cursor=_cursor(jobs[-1], query, page + 1) if has_next else None,
        total_is_lower_bound=found.total_is_lower_bound,
    )


def _cursor(last: Job, query: JobQuery, page: Integer) -> str:
    return Cursor.behind(last, sort_by=query.sort_by, descending=query.descending, page=page).written()
