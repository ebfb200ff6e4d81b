from pathlib import Path

import pytest

from config.settings import Settings

SERVER = "postgresql://user@db/cfscraper"
NOWHERE = Path("/nonexistent/.env")


@pytest.mark.parametrize(
    ("told", "delay_s"),
    [
        ({}, 0),
        ({"DATABASE_URL": SERVER}, 2),
        ({"DATABASE_URL": SERVER, "ROLE": "api"}, 2),
        ({"DATABASE_URL": SERVER, "ROLE": "worker"}, 0),
        ({"SHUTDOWN_DELAY_SECONDS": "7"}, 7),
    ],
)
def test_an_end_is_announced_where_others_may_be_asked_instead(told: dict[str, str], delay_s: float) -> None:
    assert Settings.load(told, NOWHERE).shutdown_delay_seconds == delay_s
