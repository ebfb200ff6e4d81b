"""What a site's server would not let a test say, and what no clock shows: straight to the rules."""

from dataclasses import replace

import pytest

from engine.cache.pages.keeping import kept, validated
from engine.cache.pages.kept import KeptPage
from tests.engine.jobs.builders import a_page

NOW = 1_700_000_000.0
DATE = ("Date", "Tue, 14 Nov 2023 22:13:20 GMT")
HOUR = ("Cache-Control", "max-age=3600")
MODIFIED = ("Last-Modified", "Tue, 14 Nov 2023 20:00:00 GMT")


def keep(*headers: tuple[str, str], took_s: float = 0.0) -> KeptPage:
    found = kept(a_page(headers=headers), {}, asked_at=NOW - took_s, came_at=NOW)
    assert found is not None
    return found


def confirmed(old: KeptPage, *headers: tuple[str, str], after_s: float = 5000.0) -> KeptPage | None:
    answer = a_page(status_code=304, headers=headers, body=b"", size=0)
    return validated(old, answer, {}, asked_at=NOW + after_s, came_at=NOW + after_s)


def test_the_time_that_an_answer_took_is_a_part_of_its_age() -> None:
    assert keep(HOUR, took_s=7.0).age_s(NOW) == 7.0
    assert keep(HOUR, ("Age", "5"), took_s=7.0).age_s(NOW) == 12.0
    assert keep(HOUR, DATE, took_s=7.0).age_s(NOW + 1) == 8.0


def test_a_304_without_date_and_age_has_just_been_made() -> None:
    new = confirmed(keep(HOUR, DATE, ("Age", "60"), MODIFIED))
    assert new is not None
    assert new.age_s(NOW + 5000.0) == 0.0
    assert new.page.headers == (HOUR, MODIFIED)


def test_a_304_says_nothing_of_the_body_that_is_kept() -> None:
    old = keep(HOUR, MODIFIED, ("Content-Type", "text/html"), ("Content-Length", "5"))
    new = confirmed(old, ("Content-Type", "text/plain"), ("content-length", "0"), ("Content-Encoding", "gzip"))
    assert new is not None
    assert new.page.headers == old.page.headers


@pytest.mark.parametrize(
    ("name", "older", "newer", "speaks_of_it"),
    [
        ("ETag", '"a"', '"a"', True),
        ("ETag", 'W/"a"', '"a"', True),
        ("ETag", '"a"', '"b"', False),
        ("ETag", '"a"', None, True),
        ("Last-Modified", MODIFIED[1], MODIFIED[1], True),
        ("Last-Modified", MODIFIED[1], DATE[1], False),
    ],
)
def test_a_304_speaks_of_the_page_that_has_its_validator(
    name: str,
    older: str,
    newer: str | None,
    speaks_of_it: bool,  # noqa: FBT001 - a table
) -> None:
    answer = () if newer is None else ((name, newer),)
    assert (confirmed(keep(HOUR, (name, older)), *answer) is not None) is speaks_of_it


def test_a_date_that_is_none_asks_nothing_of_the_site() -> None:
    assert keep(HOUR, ("Last-Modified", "yesterday")).validators == {}


def test_a_page_comes_back_from_its_bytes_as_it_was() -> None:
    found = keep(HOUR, MODIFIED, ("X-Name", "ü"), ("x-name", ""))
    found = replace(
        found, selecting=(("accept", "*/*"), ("x", "")), page=replace(found.page, body=b"\n\x00{}\n", size=5)
    )
    assert KeptPage.decoded(found.encoded()) == replace(found, page=replace(found.page, elapsed_s=0.0))
