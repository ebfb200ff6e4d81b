"""A window of questions: answered in order, never more than its width, nothing left behind."""

import asyncio

import pytest

from engine.runtime import Ask, AskTimeout, Mailbox, MailboxClosed, Window

Box = Mailbox[Ask[int, str]]


def a_box(capacity: int = 9) -> Box:
    return Mailbox("questions", capacity=capacity)


def a_window(box: Box, *, width: int = 3) -> Window[int, str]:
    return Window(box, width=width, timeout_s=2)


async def test_answers_come_in_the_order_of_asking_whichever_is_answered_first() -> None:
    box = a_box()
    with a_window(box) as window:
        for number in range(3):
            await window.put(number)
        for question in reversed(box.take_now(9)):
            question.answer(str(question.request))
        assert window.has_answer
        assert [await window.take() for _ in range(3)] == ["0", "1", "2"]
        assert (window.depth, window.has_answer) == (0, False)


async def test_a_full_window_takes_nothing() -> None:
    box = a_box()
    with a_window(box, width=2) as window:
        await window.put(1)
        await window.put(2)
        assert window.is_full
        with pytest.raises(RuntimeError, match="full"):
            await window.put(3)
        box.take_now(9)[0].answer("one")
        await window.take()
        await window.put(3)
    assert [question.request for question in box.take_now(9)] == [3]


async def test_a_question_waits_for_room_in_the_mailbox() -> None:
    box = a_box(capacity=1)
    with a_window(box) as window:
        await window.put(1)
        late = asyncio.create_task(window.put(2))
        await asyncio.sleep(1)
        assert window.depth == 1
        box.take_now(1)
        await late
        assert window.depth == 2


async def test_what_finds_no_room_in_time_never_was_asked() -> None:
    box = a_box(capacity=1)
    with a_window(box) as window:
        await window.put(1)
        with pytest.raises(AskTimeout, match="questions"):
            await window.put(2)
        assert window.depth == 1
    assert [question.request for question in box.take_now(9)] == [1]


async def test_an_answer_that_does_not_come_in_time_is_given_up() -> None:
    box = a_box()
    with a_window(box) as window:
        await window.put(1)
        await window.put(2)
        first, second = box.take_now(9)
        with pytest.raises(AskTimeout):
            await window.take()
        assert first.is_abandoned
        second.fail(LookupError("no two"))
        with pytest.raises(LookupError, match="no two"):
            await window.take()


@pytest.mark.usefixtures("complaints")
async def test_what_is_left_at_the_end_is_abandoned_in_silence() -> None:
    box = a_box()
    with a_window(box) as window:
        await window.put(1)
        await window.put(2)
        failed, waiting = box.take_now(9)
        failed.fail(LookupError("nobody will see this"))
    assert waiting.is_abandoned
    assert window.depth == 0


async def test_nothing_is_asked_through_a_closed_mailbox() -> None:
    box = a_box()
    box.close()
    with a_window(box) as window, pytest.raises(MailboxClosed):
        await window.put(1)
