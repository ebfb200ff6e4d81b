from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from config.settings import Settings
from config.sources import Origin, SettingsError
from config.unbuilt import NOT_BUILT_YET
from config.version import release

NOWHERE = Path("/nonexistent/.env")
FIELDS = Settings.model_fields


def bound_of(about: FieldInfo, side: str) -> float | None:
    return next((getattr(each, side) for each in about.metadata if hasattr(each, side)), None)


def load(dotenv: Path = NOWHERE, /, **env: str) -> Settings:
    return Settings.load(env, dotenv)


def refusal(dotenv: Path = NOWHERE, /, **env: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        Settings.load(env, dotenv)
    return refused.value.lines


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_without_anything_said_all_defaults_hold_and_pass_their_own_checks() -> None:
    settings = load()
    assert {shown.origin for shown in settings.report()} == {Origin.DEFAULT}
    assert Settings(**settings.model_dump()) == settings
    assert settings.user_agent == f"CFScraper/{release()}"


def test_the_environment_comes_before_the_file_and_the_file_before_the_default(dotenv: Path) -> None:
    dotenv.write_text("PORT=1\nLEASE_SECONDS=7\n", encoding="utf-8")
    settings = load(dotenv, PORT="2")
    assert (settings.port, settings.lease_seconds, settings.job_timeout) == (2, 7.0, 300.0)
    origins = [settings.origin_of(name) for name in ("PORT", "lease_seconds", "JOB_TIMEOUT")]
    assert origins == [Origin.ENVIRONMENT, Origin.DOTENV, Origin.DEFAULT]


def test_only_the_environment_that_was_passed_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9")
    monkeypatch.setenv("HTTP_TIMEOUT", "nonsense")
    assert load().port == 8000


def test_names_are_read_in_either_case_and_upper_case_wins() -> None:
    assert load(port="1").port == 1
    assert load(Port="3", port="1", PORT="2").port == 2


@pytest.mark.parametrize("name", FIELDS)
def test_an_empty_value_counts_as_not_set(name: str) -> None:
    settings = load(**{name.upper(): ""})
    assert settings == load()
    assert settings.origin_of(name) is Origin.DEFAULT


def test_all_that_is_wrong_is_said_at_once_a_line_a_setting(dotenv: Path) -> None:
    dotenv.write_text("LOG_FORMAT=xml\n", encoding="utf-8")
    lines = refusal(dotenv, PORT="99999", HOST="0.0.0.0", ROLE="worker", HTTP_TIMEOUT="soon", DEBUG="perhaps")
    names = ["DEBUG", "HOST", "HTTP_TIMEOUT", "LOG_FORMAT", "PORT", "ROLE"]
    assert sorted(line.partition("=")[0] for line in lines) == names
    assert "PORT='99999' (environment): should be less than or equal to 65535" in lines
    assert "LOG_FORMAT='xml' (.env): should be 'auto', 'json' or 'console'" in lines


@pytest.mark.parametrize("name", [name for name, about in FIELDS.items() if bound_of(about, "le") is not None])
def test_numbers_are_taken_up_to_their_bounds_and_not_beyond(name: str) -> None:
    low, high = (bound_of(FIELDS[name], side) for side in ("ge", "le"))
    assert low is not None
    assert high is not None
    for bound, beyond in ((low, low - 1), (high, high + 1)):
        assert getattr(load(**{name.upper(): str(bound)}), name) == bound
        assert len(refusal(**{name.upper(): str(beyond)})) == 1
    assert len(refusal(**{name.upper(): "nan"})) == 1


@given(name=st.sampled_from(sorted(FIELDS)), value=st.text(st.characters(codec="utf-8"), max_size=40))
def test_whatever_a_value_is_it_is_taken_or_refused_in_one_line(name: str, value: str) -> None:
    try:
        settings = load(**{name.upper(): value})
    except SettingsError as refused:
        (line,) = refused.lines
        assert line.startswith(f"{name.upper()}=")
        assert line.isprintable()
    else:
        assert len(settings.report()) == len(FIELDS)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "scraper.test"])
def test_nobody_serves_strangers_without_having_said_so(host: str) -> None:
    (line,) = refusal(HOST=host)
    assert "ALLOW_ANONYMOUS=true" in line
    assert load(HOST=host, ALLOW_ANONYMOUS="true").host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_is_served_without_more(host: str) -> None:
    assert load(HOST=host).host == host


@pytest.mark.parametrize("role", ["api", "WORKER"])
def test_a_part_of_the_roles_needs_a_database_that_can_be_shared(role: str) -> None:
    (line,) = refusal(ROLE=role)
    assert "PostgreSQL" in line


@pytest.mark.parametrize("role", ["all", "api", "worker"])
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_a_server_is_known_by_any_of_its_names_and_may_be_shared_by_roles(scheme: str, role: str) -> None:
    settings = load(DATABASE_URL=f"{scheme}://me:s3cret@db:5432/x", ROLE=role)
    assert settings.database_url == "postgresql://me:s3cret@db:5432/x"
    assert not settings.is_embedded
    with pytest.raises(ValueError, match="no path"):
        _ = settings.database_path


def test_the_password_of_a_server_is_not_shown() -> None:
    url = "postgresql://me:s3cr%2Fet@db:5432/x?sslpassword=s3cret"
    report = {shown.name: shown.value for shown in load(DATABASE_URL=url, DATABASE_LISTEN_URL=url).report()}
    for name in ("DATABASE_URL", "DATABASE_LISTEN_URL"):
        assert report[name] == "postgresql://me:***@db:5432/x?sslpassword=***"


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_LISTEN_URL"])
@pytest.mark.parametrize(
    "rest",
    ["me:s3cret@db:port/x", "me:s3cret@db", "me:s3cret@/x", "me:s3#ret@db/x", "me:s3/ret@db/x", "me:s3cret@db:0/x"],
)
def test_what_names_no_database_of_a_server_is_refused_and_its_password_not_shown(name: str, rest: str) -> None:
    (line,) = refusal(**{name: f"postgresql://{rest}"})
    assert "should be postgresql://USER:PASSWORD@HOST:PORT/NAME" in line
    assert "s3" not in line


@pytest.mark.parametrize(
    "url",
    ["mysql://h/d", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///a?mode=ro", "sqlite:///a/", "a.db"],
)
def test_only_a_file_keeps_what_is_accepted(url: str) -> None:
    (line,) = refusal(DATABASE_URL=url)
    assert "sqlite:///PATH" in line


@pytest.mark.parametrize(("url", "path"), [("sqlite:///./a.db", "a.db"), ("sqlite:////var/lib/a.db", "/var/lib/a.db")])
def test_the_database_is_the_file_of_its_url(url: str, path: str) -> None:
    settings = load(DATABASE_URL=url)
    assert settings.is_embedded
    assert settings.database_path == Path(path)


@pytest.mark.parametrize("name", NOT_BUILT_YET)
def test_what_is_not_built_yet_is_said_wherever_it_is_set(name: str, dotenv: Path) -> None:
    dotenv.write_text(f"{name}=1\n", encoding="utf-8")
    assert load(**{name: "1"}).warnings == (f"{name} (environment): not built in yet: has no effect",)
    assert load(dotenv).warnings == (f"{name} (.env): not built in yet: has no effect",)
    assert name.lower() not in FIELDS


def test_unknown_names_warn_in_the_file_and_not_in_the_environment(dotenv: Path) -> None:
    dotenv.write_text("HTTP_TIMOUT=3\nMINE=x\n", encoding="utf-8")
    assert load(dotenv, PATH="/bin").warnings == (
        "HTTP_TIMOUT (.env): unknown: has no effect; did you mean HTTP_TIMEOUT?",
        "MINE (.env): unknown: has no effect",
    )


def test_a_file_that_is_no_text_is_refused(dotenv: Path) -> None:
    dotenv.write_bytes(b"PORT=\xff\n")
    (line,) = refusal(dotenv)
    assert line.startswith(f"{dotenv}: cannot be read")


def test_debug_lowers_the_log_level_unless_one_was_set() -> None:
    assert load(DEBUG="true").log_level == "DEBUG"
    assert load(DEBUG="true", LOG_LEVEL="warning").log_level == "WARNING"


def test_the_older_time_out_replaces_the_other_where_it_is_set() -> None:
    assert load(HTTP_TIMEOUT="9").fetch_timeout_s == 9
    assert load(HTTP_TIMEOUT="9", CLOUDSCRAPER_TIMEOUT="5").fetch_timeout_s == 5


@pytest.mark.parametrize(
    ("said", "fetches"),
    [
        ({}, 1024),
        ({"MAX_CONCURRENT_JOBS": "AUTO"}, 1024),
        ({"MAX_CONCURRENT_JOBS": "200"}, 200),
        ({"HTTP_MAX_CONNECTIONS": "9"}, 9),
        ({"HTTP_MAX_CONNECTIONS": "5000"}, 1024),
    ],
)
def test_connections_cap_concurrent_fetches_where_they_are_set(said: dict[str, Any], fetches: int) -> None:
    assert load(**said).concurrent_fetches == fetches


def test_the_backoff_factor_is_of_two_seconds() -> None:
    assert load(HTTP_RETRY_BACKOFF_FACTOR="1.5").retry_delay_s == 3.0


def test_there_is_no_origin_of_what_is_no_setting() -> None:
    with pytest.raises(KeyError):
        load().origin_of("PROT")


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache",
        "redis://:s3cr@10.0.0.1:6380/3",
        "rediss://me:p%40ss@cache.test/?ssl_cert_reqs=required",
        "unix:///run/redis.sock?db=2",
    ],
)
def test_a_redis_is_named_by_its_url_and_its_password_is_not_shown(url: str) -> None:
    settings = load(REDIS_URL=url)
    assert settings.redis_url == url
    assert settings.has_redis
    (shown,) = [each.value for each in settings.report() if each.name == "REDIS_URL"]
    assert "s3cr" not in shown
    assert "p%40ss" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "http://:s3cr@cache",
        "redis://:s3cr@/0",
        "redis://:s3cr@cache:0/0",
        "redis://:s3cr@cache:x/0",
        "redis://:s3cr@cache/zero",
        "redis://:s3cr@[::1",
        "redis://:s3cr@cache/0?decode_responses=true",
        "redis://:s3cr@cache/0?db=1&protocol=3",
        "unix://",
    ],
)
def test_what_names_no_redis_is_refused_without_its_password(url: str) -> None:
    (line,) = refusal(REDIS_URL=url)
    assert "redis://USER:PASSWORD@HOST:PORT/DB" in line
    assert "s3cr" not in line


@pytest.mark.parametrize(
    "told", ['["redis://me:s3cr@a:1","redis://me:s3cr@b:2/0"]', " redis://me:s3cr@a:1 ,redis://me:s3cr@b:2/0, "]
)
def test_nodes_of_a_cluster_are_a_list_and_their_passwords_are_not_shown(told: str) -> None:
    settings = load(REDIS_CLUSTER_URLS=told)
    assert settings.redis_cluster_urls == ("redis://me:s3cr@a:1", "redis://me:s3cr@b:2/0")
    assert settings.has_redis
    (shown,) = [each.value for each in settings.report() if each.name == "REDIS_CLUSTER_URLS"]
    assert shown == "redis://me:***@a:1, redis://me:***@b:2/0"


@pytest.mark.parametrize(
    "told",
    [
        "[1]",
        '["redis://me:s3cr@a",',
        "redis://me:s3cr@a/1",
        "redis://me:s3cr@a,redis://me:other-s3cr@b",
        "redis://me:s3cr@a,rediss://me:s3cr@b",
        "unix:///s3cr",
    ],
)
def test_what_are_no_nodes_of_one_cluster_is_refused(told: str) -> None:
    (line,) = refusal(REDIS_CLUSTER_URLS=told)
    assert line.startswith("REDIS_CLUSTER_URLS=")
    assert "s3cr@" not in line


def test_it_is_one_redis_or_a_cluster() -> None:
    (line,) = refusal(REDIS_URL="redis://a", REDIS_CLUSTER_URLS="redis://b")
    assert "REDIS_URL is set as well" in line
    assert not load().has_redis


def test_nothing_is_compressed_where_it_is_switched_off() -> None:
    assert load().compress_over_bytes == 1024
    assert load(CACHE_COMPRESSION_THRESHOLD="0").compress_over_bytes == 0
    assert load(CACHE_ENABLE_COMPRESSION="false").compress_over_bytes is None
