"""What a client may ask to have scraped. A model holds nothing that the engine would ignore.

Numbers are JSON numbers, unknown fields are refused; what is not built in yet is refused by name.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from engine.api.dates import Moment
from engine.api.fields import Headers, Integer, Key, Parallel, Proxy, Tag, Tree, Url, UserAgent, only
from engine.jobs.request import REQUESTS, CacheMode, Options, Request, Selector
from engine.jobs.trace import TraceContext

MOST_BULK_JOBS = 10_000
BROWSER = {"browser", "selenium"}
GIBIBYTE = 1024 * 1024 * 1024

OPTION_OF = {
    "timeout": "timeout_s",
    "max_retries": "max_retries",
    "delay_between_retries": "delay_between_retries_s",
    "retry_unsafe": "retry_unsafe",
    "max_body_bytes": "max_body_bytes",
    "user_agent": "user_agent",
    "proxy": "proxy",
    "cache": "cache",
    "extract_text": "extract_text",
    "extract_links": "extract_links",
    "extract_images": "extract_images",
}
Expression = Annotated[str, Field(min_length=1, max_length=2000)]


class Strict(BaseModel):
    """A part of a request's body."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Extract(Strict):
    """One field to take out of the page: exactly one of css, xpath, regex."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [kind], "properties": {kind: {"type": "string"}}} for kind in ("css", "xpath", "regex")
            ]
        }
    )

    css: Expression | None = None
    xpath: Expression | None = None
    regex: Expression | None = None
    attr: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="take this attribute instead of the text"
    )
    all: bool = Field(default=False, description="a list of all matches instead of the first")

    @model_validator(mode="after")
    def _can_be_used(self, info: ValidationInfo) -> Self:
        if sum(each is not None for each in (self.css, self.xpath, self.regex)) != 1:
            raise ValueError("exactly one of css, xpath, regex should be given")
        if info.context is not None:
            info.context.validate_selector(self.selector())
        return self

    def selector(self) -> Selector:
        return Selector(css=self.css, xpath=self.xpath, regex=self.regex, attr=self.attr, all=self.all)


class Config(Strict):
    """How the page is fetched and what is taken out of it."""

    timeout: float = Field(30, ge=1, le=300, allow_inf_nan=False, description="bounds one attempt, seconds")
    max_retries: Integer = Field(3, ge=0, le=10)
    delay_between_retries: float = Field(
        1,
        ge=0,
        le=60,
        allow_inf_nan=False,
        description="bounds the first delay, seconds; each further bound is twice the one before, at most 300, and"
        " the delay is drawn evenly from below it; what a site asks for with Retry-After, up to an hour, comes first",
    )
    user_agent: UserAgent | None = None
    proxy: Proxy | None = Field(None, description="an http:// proxy")
    extract_text: bool = False
    extract_links: bool = False
    extract_images: bool = False
    extract: dict[Annotated[str, Field(min_length=1, max_length=100)], Extract] = Field(
        default_factory=dict, max_length=100
    )
    max_body_bytes: Integer = Field(10_485_760, ge=1, le=GIBIBYTE, description="the largest body kept, decoded")
    retry_unsafe: bool = Field(default=False, description="may POST and PATCH be sent again once they may have left?")
    bypass_cloudflare: bool = Field(default=False, description="accepted, has no effect; the answer warns of it")
    markdown: Annotated[bool, *only(False, what="markdown")] = False
    cache: CacheMode = Field(
        "default",
        description="default: a kept page answers as far as RFC 9111 lets a shared cache, fresh or confirmed by it;"
        " bypass: none answers and none is kept; only: no site is asked, and where no kept page may answer, the job"
        " fails with not_cached and is not retried. Requests with Authorization, Cookie, a proxy or data always go past"
        " the cache, and so does what is no GET or HEAD",
    )
    respect_robots: Annotated[bool, *only(False, what="reading robots.txt")] = False
    wait_for_selector: Annotated[None, *only(None, what="the browser that wait_for_selector needs")] = None
    execute_script: Annotated[None, *only(None, what="the browser that execute_script needs")] = None
    headless: Annotated[bool, *only(True, what="the browser that headless needs")] = True
    window_size: Annotated[str, *only("1920,1080", what="the browser that window_size needs")] = "1920,1080"

    @field_validator("max_body_bytes")
    @classmethod
    def _is_within_the_settings(cls, value: int, info: ValidationInfo) -> int:
        if info.context is not None and value > info.context.options.max_body_bytes:
            raise ValueError(f"this service keeps at most {info.context.options.max_body_bytes} bytes of a body")
        return value

    def options(self, defaults: Options) -> Options:
        given: dict[str, Any] = {
            OPTION_OF[name]: getattr(self, name) for name in OPTION_OF.keys() & self.model_fields_set
        }
        if self.extract:
            given["extract"] = {name: each.selector() for name, each in self.extract.items()}
        return replace(defaults, **given)


def _scraper(value: object) -> object:
    if isinstance(value, str) and value in BROWSER:
        raise ValueError("the browser is not built in yet")
    return "http" if value == "cloudscraper" else value


class ScrapeRequest(Strict):
    """One request to make."""

    url: Url = Field(description="http or https", examples=["https://example.com/"])
    method: Literal["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] = "GET"
    headers: Headers = Field(default_factory=dict, description="those that frame a message are not accepted")
    data: Tree = Field(
        default_factory=dict, description="sent as JSON, or as a form when the Content-Type header says so"
    )
    params: Tree = Field(default_factory=dict, description="added to the URL's query")
    scraper_type: Annotated[Literal["http"], BeforeValidator(_scraper)] = Field(
        "http",
        description="cloudscraper is another name of http; browser and selenium are not built in yet",
        json_schema_extra={"enum": ["http", "cloudscraper"]},
    )
    config: Config | None = None
    tags: list[Tag] = Field(default_factory=list, max_length=10)
    priority: Integer = Field(0, ge=-10, le=10, description="higher goes first")
    callback_url: Annotated[None, *only(None, what="callback_url")] = None
    run_at: Moment | None = Field(None, description="not before then; UTC where it names no zone")

    def request(self, defaults: Options, trace: TraceContext | None = None) -> Request:
        url, host = self.url
        options = defaults if self.config is None else self.config.options(defaults)
        return REQUESTS.one(url, host, self.method, self.headers, self.params, self.data, options, trace)

    def warnings(self) -> Sequence[str]:
        """What was accepted and has no effect."""
        if self.config is not None and self.config.bypass_cloudflare:
            return ("bypass_cloudflare has no effect",)
        return ()


class StreamedRequest(ScrapeRequest):
    """One line of a stream."""

    idempotency_key: Key | None = Field(None, description="as the header Idempotency-Key of other submits")


class BulkScrapeRequest(Strict):
    """Many requests, accepted all or none."""

    jobs: list[ScrapeRequest] = Field(min_length=1, max_length=MOST_BULK_JOBS)
    parallel_limit: Parallel | None = Field(None, description="how many of them may run at once")
    stop_on_error: bool = Field(default=False, description="when one has failed, those that wait are cancelled")
