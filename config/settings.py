"""What this process is told: the environment and .env, checked once at start.

Whatever is wrong is shown at once, a line a setting; after that nothing reads the environment again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.database import EITHER, POSTGRESQL, SQLITE, Pooler, checked, is_server, server
from config.kinds import (
    AUTO_CONCURRENT_JOBS,
    Auto,
    Level,
    Listed,
    LogFormat,
    Lower,
    Part,
    Role,
    Size,
    Tracing,
    Upper,
    is_loopback,
)
from config.memory import AtTheEnd, above, critical_over
from config.notice import delay_s
from config.redis import nodes
from config.redis import server as redis_server
from config.shown import Shown, shown
from config.sources import Origin, SettingsError, Sources, quoted
from config.unbuilt import NOT_BUILT_YET
from config.version import release

BACKOFF_UNIT_S = 2.0
"""HTTP_RETRY_BACKOFF_FACTOR times this is the first delay, as it was in urllib3."""
NOT_ASKED = "default_factory_not_called"
"""pydantic's complaint of a default that hangs on another setting, when any other is wrong: nothing of its own."""


class Settings(BaseSettings):
    """Every setting has the name of its environment variable, in lower case. Durations are in seconds."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True
    )

    app_name: str = Field("CFScraper API", min_length=1, max_length=100, description="the name it goes by")
    debug: bool = Field(default=False, description="log at DEBUG unless LOG_LEVEL says otherwise")
    enable_docs: bool = Field(default=True, description="serve /docs and /openapi.json")
    allow_anonymous: bool = Field(default=False, description="may anybody who reaches HOST use it?")
    host: str = Field(
        "127.0.0.1", pattern=r"^[0-9A-Za-z.:%_-]+$", max_length=253, description="the address to listen on"
    )
    port: int = Field(8000, ge=0, le=65535, description="the port to listen on; 0: any free one")
    database_url: str = Field(f"{SQLITE}./cfscraper.db", max_length=4096, description=EITHER)
    database_listen_url: str | None = Field(
        None, max_length=4096, description="the same server past its pooler, to be woken up by it"
    )
    db_pool_size: int = Field(20, ge=1, le=1000, description="connections to PostgreSQL that are kept")
    db_max_overflow: int = Field(30, ge=0, le=1000, description="as many more while they are needed")
    db_pool_timeout: float = Field(30.0, ge=0.01, le=3600, description="how long one is waited for, s")
    db_pool_recycle: float = Field(3600.0, ge=1, le=604_800, description="older ones are replaced, s")
    db_pool_pre_ping: bool = Field(default=True, description="ask an idle one whether it answers, before it is used")
    db_pooler: Annotated[Pooler, Lower] = Field("none", description="transaction: behind one that pools by transaction")
    redis_url: str | None = Field(
        None, max_length=4096, description="the cache that processes share: redis://USER:PASSWORD@HOST:PORT/DB"
    )
    redis_cluster_urls: Annotated[tuple[str, ...], Listed] = Field(
        (), max_length=100, description="some nodes of a cluster, instead of REDIS_URL"
    )
    redis_max_connections: int = Field(
        50, ge=1, le=10_000, description="connections to Redis, in a cluster to each of its nodes"
    )
    redis_retry_on_timeout: bool = Field(
        default=True, description="try once more what could not connect; a cluster's layout is looked up again instead"
    )
    redis_health_check_interval: float = Field(
        30.0, ge=0, le=3600, description="a connection idle for longer is asked before it is used, s; 0: never"
    )
    redis_socket_timeout: float = Field(5.0, ge=0.01, le=300, description="how long an answer is waited for at most, s")
    redis_socket_connect_timeout: float = Field(5.0, ge=0.01, le=300, description="how long a connection may take, s")
    redis_socket_keepalive: bool = Field(default=True, description="TCP keepalive on connections to Redis")
    cache_redis_prefix: str = Field(
        "cfscraper:cache:", min_length=1, max_length=100, description="what stands before every key in Redis"
    )
    cache_enable_compression: bool = Field(default=True, description="compress long values in Redis")
    cache_compression_threshold: int = Field(
        1024, ge=0, le=1_073_741_824, description="longer values are compressed, bytes"
    )
    run_migrations: bool = Field(default=True, description="bring the schema up to date at start")
    role: Annotated[Role, Lower] = Field("all", description="what runs in this process: all, api, worker")
    log_level: Annotated[Level, Upper] = Field(
        default_factory=lambda known: "DEBUG" if known.get("debug") else "INFO", description="from which level on"
    )
    log_format: Annotated[LogFormat, Lower] = Field("auto", description="json, console; auto: console on a terminal")
    tracing: Annotated[Tracing, Lower] = Field("off", description="otlp: send traces as OTEL_* says; the extra otel")

    http_timeout: float = Field(30.0, ge=1, le=300, description="the default of a job's timeout, one attempt, s")
    cloudscraper_timeout: float | None = Field(
        None, ge=1, le=300, description="if set, instead of HTTP_TIMEOUT for http jobs, s"
    )
    http_max_connections: int | None = Field(None, ge=1, le=10_000, description="if set, caps concurrent fetches")
    http_keepalive_expiry: float = Field(5.0, ge=0, le=3600, description="how long an idle connection is kept, s")
    http_max_retries: int = Field(3, ge=0, le=10, description="the default of a job's max_retries")
    http_retry_backoff_factor: float = Field(
        0.5, ge=0, le=30, description="times 2 s: the default of a job's delay_between_retries"
    )
    http_verify_ssl: bool = Field(default=True, description="refuse certificates that do not hold")
    http_follow_redirects: bool = Field(default=True, description="go where a site sends us")
    user_agent: str = Field(
        default_factory=lambda: f"CFScraper/{release()}",
        pattern=r"^[\x20-\x7e]+$",
        max_length=256,
        description="how a fetch introduces itself unless the job says otherwise",
    )
    max_body_bytes: int = Field(10_485_760, ge=1, le=1_073_741_824, description="the largest body kept, decoded")

    max_concurrent_jobs: Annotated[int, Auto] = Field(
        AUTO_CONCURRENT_JOBS,
        ge=1,
        le=10_000,
        description=f"fetches at once at most, governed; auto: {AUTO_CONCURRENT_JOBS}",
    )
    job_timeout: float = Field(300.0, ge=1, le=86_400, description="the running time of all attempts of a job, s")
    lease_seconds: float = Field(30.0, ge=1, le=3600, description="how long a job is ours unless renewed")
    result_ttl: float | None = Field(
        None, ge=1, le=3_153_600_000, description="how long a result is kept after its job's end, s; unset: for good"
    )
    cache_max_memory_size: int = Field(
        104_857_600, ge=0, le=1_099_511_627_776, description="kept in memory to be answered again, bytes; 0: none"
    )
    cache_memory_ttl: float = Field(300.0, ge=0.001, le=604_800, description="for how long at most, s")
    cache_default_ttl: float = Field(3600.0, ge=0.001, le=31_536_000, description="as long in the shared level, s")
    memory_limit: Annotated[int | None, Size] = Field(
        None, description="what the process may use, bytes or as 512M; unset or auto: what its container may"
    )
    memory_high: Annotated[float, Part] = Field(0.70, description="the part of it from which on less is taken in")
    memory_critical: Annotated[float, Part] = Field(
        default_factory=lambda known: critical_over(known["memory_high"]),
        description="the part of it from which on nothing more is begun",
    )
    memory_budget: Annotated[int | None, Size] = Field(
        None, description="for pages in flight, bytes or as 512M; unset or auto: a part of the limit"
    )
    memory_restart: Annotated[AtTheEnd, Lower] = Field(
        "exec", description="when nothing else helps: exec starts again in place, exit ends with code 75"
    )
    shutdown_delay_seconds: float = Field(default_factory=delay_s, ge=0, le=3600, description="from SIGTERM to a drain")
    drain_grace_seconds: float = Field(25.0, ge=0, le=3600, description="what a stop waits for work in hand")

    _sources: Sources = PrivateAttr(default_factory=lambda: Sources(environment={}, dotenv={}))

    @classmethod
    def load(cls, env: Mapping[str, str], dotenv_path: Path) -> Self:
        """Raises SettingsError with a line for each setting that is wrong."""
        sources = Sources.read(env, dotenv_path)
        told: dict[str, Any] = {field: sources.value(field.upper()) for field in cls.model_fields}
        try:
            settings = cls(**{field: value for field, value in told.items() if value is not None})
        except ValidationError as error:
            wrong = [each for each in error.errors() if each["type"] != NOT_ASKED]
            raise SettingsError([_line(each, sources) for each in wrong]) from error
        settings._sources = sources
        return settings

    @field_validator("host")
    @classmethod
    def _is_safe_to_serve(cls, host: str, info: ValidationInfo) -> str:
        if info.data.get("allow_anonymous", True) or is_loopback(host):
            return host
        raise ValueError(
            "not a loopback address, and there are no keys yet: whoever reaches it could use it; "
            "set ALLOW_ANONYMOUS=true if that is what you want"
        )

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        return checked(url)

    @field_validator("database_listen_url")
    @classmethod
    def _is_a_server(cls, url: str | None) -> str | None:
        return None if url is None else server(url)

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, url: str | None) -> str | None:
        return None if url is None else redis_server(url)

    @field_validator("redis_cluster_urls")
    @classmethod
    def _are_nodes(cls, urls: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if urls and info.data.get("redis_url"):
            raise ValueError("REDIS_URL is set as well; it is one server or a cluster")
        return nodes(urls)

    @field_validator("role")
    @classmethod
    def _has_a_shared_database(cls, role: Role, info: ValidationInfo) -> Role:
        if role != "all" and not is_server(info.data.get("database_url", POSTGRESQL)):
            raise ValueError(f"roles other than all share a database and need PostgreSQL: DATABASE_URL={POSTGRESQL}...")
        return role

    @field_validator("memory_critical")
    @classmethod
    def _is_above_high(cls, critical: float, info: ValidationInfo) -> float:
        return above(critical, info.data.get("memory_high"))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was set and has no effect, a line each."""
        known = [field.upper() for field in type(self).model_fields]
        return tuple(self._sources.warnings(known=known, unbuilt=NOT_BUILT_YET))

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a file of this process alone, at `database_path`; else a server's."""
        return not is_server(self.database_url)

    @property
    def listen_url(self) -> str | None:
        """To a session that stays ours; None if none is to be had."""
        return self.database_listen_url or (self.database_url if self.db_pooler == "none" else None)

    @property
    def data_folder(self) -> Path:
        """Whose disk is watched."""
        return self.database_path.parent if self.is_embedded else Path.cwd()

    @property
    def database_path(self) -> Path:
        """Of an embedded one. Raises ValueError for a server's."""
        if not self.is_embedded:
            raise ValueError("a server's database has no path")
        return Path(self.database_url.removeprefix(SQLITE))

    @property
    def has_redis(self) -> bool:
        return bool(self.redis_url or self.redis_cluster_urls)

    @property
    def compress_over_bytes(self) -> int | None:
        """None: nothing is compressed."""
        return self.cache_compression_threshold if self.cache_enable_compression else None

    @property
    def fetch_timeout_s(self) -> float:
        """The default time-out of one attempt of an http job."""
        return self.cloudscraper_timeout or self.http_timeout

    @property
    def retry_delay_s(self) -> float:
        """The default delay before a job's first retry."""
        return self.http_retry_backoff_factor * BACKOFF_UNIT_S

    @property
    def concurrent_fetches(self) -> int:
        return min(self.max_concurrent_jobs, self.http_max_connections or self.max_concurrent_jobs)

    def origin_of(self, name: str) -> Origin:
        """Raises KeyError for a name that is no setting."""
        if name.lower() not in type(self).model_fields:
            raise KeyError(name)
        return self._sources.origin(name.upper())

    def report(self) -> tuple[Shown, ...]:
        """Every setting in force."""
        return tuple(
            Shown(
                name=field.upper(),
                value=shown(getattr(self, field)),
                origin=self.origin_of(field),
                meaning=about.description or "",
            )
            for field, about in type(self).model_fields.items()
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the names are the framework's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what it is handed: `load` is handed the environment and says where each value came from."""
        return (init_settings,)


def _line(error: ErrorDetails, sources: Sources) -> str:
    name = str(error["loc"][0]).upper()
    complaint = error["msg"].removeprefix("Value error, ").removeprefix("Input ").removeprefix("String ")
    return f"{name}={quoted(str(error['input']))} ({sources.origin(name)}): {complaint}"
