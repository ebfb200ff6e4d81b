import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from config import logs

ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.just(object()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=6,
)


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_a_line_of_json_where_nobody_looks() -> None:
    stream = io.BytesIO()
    logs.configure(level="INFO", log_format="auto", stream=stream).info("job.claimed", count=3)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "job.claimed", "level": "info", "count": 3}


def test_on_whose_behalf_it_is_said_stands_in_each_line_that_does_not_say_it() -> None:
    stream, in_hand = io.BytesIO(), {"job_id": "job_1"}
    log = logs.configure(level="INFO", log_format="json", stream=stream, ids=lambda: in_hand)
    log.info("one")
    log.info("another", job_id="job_2")
    logging.getLogger("foreign").warning("third")
    in_hand.clear()
    log.info("none")
    assert [line.get("job_id") for line in lines(stream)] == ["job_1", "job_2", "job_1", None]


@pytest.mark.parametrize(("log_format", "stream"), [("auto", Terminal()), ("console", io.BytesIO())])
def test_an_event_is_for_eyes_on_a_terminal_or_when_asked(log_format: str, stream: io.BytesIO) -> None:
    logs.configure(level="INFO", log_format=log_format, stream=stream).info("job.claimed", host="s\udcff")
    assert b"job.claimed" in stream.getvalue()
    assert not stream.getvalue().startswith(b"{")


def test_json_can_be_had_on_a_terminal_too() -> None:
    stream = Terminal()
    logs.configure(level="INFO", log_format="json", stream=stream).info("hello")
    assert lines(stream)[0]["event"] == "hello"


def test_what_is_below_the_level_is_not_written_wherever_it_comes_from() -> None:
    stream = io.BytesIO()
    log = logs.configure(level="WARNING", log_format="json", stream=stream)
    log.info("quiet")
    logging.getLogger("aiohttp.server").info("quiet")
    log.warning("loud")
    logging.getLogger("aiohttp.server").warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud", "loud"]


def test_other_loggers_go_the_same_way_with_their_name_and_their_traceback() -> None:
    stream = io.BytesIO()
    logs.configure(level="INFO", log_format="json", stream=stream)
    try:
        int("planted")
    except ValueError:
        logging.getLogger("asyncio").exception("task %s failed", 7)
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("task 7 failed", "error", "asyncio")
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize(("number", "level"), [(25, "info"), (99, "critical"), (10, "debug")])
def test_levels_without_a_name_of_ours_count_as_the_one_below(number: int, level: str) -> None:
    stream = io.BytesIO()
    logs.configure(level="DEBUG", log_format="json", stream=stream)
    logging.getLogger("asyncio").log(number, "odd")
    assert lines(stream)[0]["level"] == level


def test_a_record_that_does_not_fit_its_message_hurts_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.BytesIO()
    logs.configure(level="INFO", log_format="json", stream=stream)
    logging.getLogger("aiohttp").warning("%d", "not a number")
    assert stream.getvalue() == b""
    assert "not a number" in capsys.readouterr().err


@given(fields=st.dictionaries(st.from_regex(r"f_[a-z]{1,5}", fullmatch=True), ANYTHING, max_size=4), event=st.text())
def test_whatever_an_event_holds_it_is_one_line_of_json(fields: dict[str, Any], event: str) -> None:
    stream = io.BytesIO()
    logs.configure(level="INFO", log_format="json", stream=stream).info(event, **fields)
    (line,) = lines(stream)
    assert line["event"] == event
    assert fields.keys() <= line.keys()


def test_importing_sets_nothing_up() -> None:
    program = "import config.logs, logging, structlog; exit(structlog.is_configured() or len(logging.root.handlers))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_steps_of_a_migration_are_not_told_but_its_warnings_are() -> None:
    stream = io.BytesIO()
    logs.configure(level="INFO", log_format="json", stream=stream)
    logging.getLogger("alembic.runtime.migration").info("Running upgrade")
    logging.getLogger("alembic.runtime.migration").warning("it is odd")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["it is odd"]
