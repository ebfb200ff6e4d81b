"""What spans tell of a fetch opens no door."""

import pytest

from engine.tracing.fetching import redacted


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://site.test/a?b=c#d", "http://site.test/a?b=c#d"),
        ("https://user:secret@site.test/", "https://REDACTED:REDACTED@site.test/"),
        ("https://user@site.test/", "https://REDACTED:REDACTED@site.test/"),
        ("http://site.test/@me?to=a@b", "http://site.test/@me?to=a@b"),
        ("http://site.test/?sig=secret&n=1", "http://site.test/?sig=REDACTED&n=1"),
        ("http://site.test/?n=1&X-Goog-Signature=secret", "http://site.test/?n=1&X-Goog-Signature=REDACTED"),
    ],
)
def test_a_url_is_shown_without_credentials(url: str, shown: str) -> None:
    assert redacted(url) == shown
