import asyncio

import pytest

from engine.runtime import Ask, Asker, AskTimeout, Mailbox, MailboxClosed


def a_mailbox() -> Mailbox[Ask[int, str]]:
    return Mailbox("questions", capacity=1)


async def asked(box: Mailbox[Ask[int, str]], *, timeout_s: float = 5) -> tuple[asyncio.Task[str], Ask[int, str]]:
    asker = asyncio.create_task(Asker(box, timeout_s=timeout_s).ask(7))
    return asker, await box.get()


async def test_the_answer_comes_back() -> None:
    asker, question = await asked(a_mailbox())
    assert (question.request, question.is_answered) == (7, False)
    question.answer("seven")
    assert await asker == "seven"
    assert question.is_answered
    assert not question.is_abandoned


async def test_a_failed_request_raises_its_error_where_it_was_asked() -> None:
    asker, question = await asked(a_mailbox())
    question.fail(LookupError("no seven"))
    with pytest.raises(LookupError, match="no seven"):
        await asker


async def test_an_asker_out_of_time_abandons_the_question_and_late_answers_are_dropped() -> None:
    asker, question = await asked(a_mailbox(), timeout_s=2)
    with pytest.raises(AskTimeout, match="questions"):
        await asker
    assert asyncio.get_running_loop().time() == 2
    assert question.is_abandoned
    question.answer("late")
    question.fail(LookupError("late"))
    assert not question.is_answered


@pytest.mark.parametrize("is_failed", [False, True])
@pytest.mark.usefixtures("complaints")
async def test_a_cancelled_asker_abandons_the_question_even_if_an_answer_is_on_its_way(*, is_failed: bool) -> None:
    asker, question = await asked(a_mailbox())
    if is_failed:
        question.fail(LookupError("nobody will see this"))
    asker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asker
    assert question.is_abandoned is not is_failed


async def test_the_time_covers_the_wait_for_room_and_then_the_question_never_gets_in() -> None:
    box = a_mailbox()
    box.offer(Ask(1))
    with pytest.raises(AskTimeout):
        await Asker(box, timeout_s=3).ask(2)
    assert [question.request for question in box.take_now(9)] == [1]


async def test_a_question_waits_for_room_and_is_answered() -> None:
    box = a_mailbox()
    box.offer(Ask(1))
    asker = asyncio.create_task(Asker(box, timeout_s=3).ask(2))
    await asyncio.sleep(1)
    box.take_now(1)
    (await box.get()).answer("two")
    assert await asker == "two"


async def test_nobody_can_be_asked_through_a_closed_mailbox() -> None:
    box = a_mailbox()
    box.close()
    with pytest.raises(MailboxClosed):
        await Asker(box, timeout_s=1).ask(1)


async def test_each_of_many_askers_has_its_own_end_whoever_was_answered_before() -> None:
    box: Mailbox[Ask[int, str]] = Mailbox("questions", capacity=9)
    asker, loop = Asker(box, timeout_s=5), asyncio.get_running_loop()
    ends: dict[int, float | str] = {}

    async def asks(number: int) -> None:
        await asyncio.sleep(number)
        try:
            ends[number] = await asker.ask(number)
        except AskTimeout:
            ends[number] = loop.time()

    async with asyncio.TaskGroup() as tasks:
        for number in (0, 1, 2, 3, 20):
            tasks.create_task(asks(number))
        for number in range(3):
            question = await box.get()
            if number != 1:
                question.answer(f"{number}")
    assert ends == {0: "0", 1: 6, 2: "2", 3: 8, 20: 25}


@pytest.mark.usefixtures("complaints")
async def test_a_cancellation_wins_over_the_end_of_the_time_at_the_same_moment() -> None:
    asker, question = await asked(a_mailbox(), timeout_s=2)
    asyncio.get_running_loop().call_at(2, asker.cancel)
    with pytest.raises(asyncio.CancelledError):
        await asker
    assert question.is_abandoned
