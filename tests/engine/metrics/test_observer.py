from engine.runtime import ActorCrashed, ActorRestarting, ActorStarted, MailboxWaited
from tests.engine.metrics.panel import Panel


def test_restarts_are_counted_and_an_actor_that_never_crashed_shows_none() -> None:
    panel = Panel()
    for name in ("claimer", "fetcher"):
        panel.observer.saw(ActorStarted(name=name))
    for restarts in (1, 2):
        panel.observer.saw(ActorCrashed(name="fetcher", error=ValueError()))
        panel.observer.saw(ActorRestarting(name="fetcher", delay_s=0.1, restarts=restarts))
    assert panel.samples("actor_restarts_total") == {("claimer",): 0.0, ("fetcher",): 2.0}


def test_waits_in_mailboxes_add_up_by_mailbox() -> None:
    panel = Panel()
    for name, seconds in (("leases", 0.5), ("leases", 0.25), ("outcomes", 1.0)):
        panel.observer.saw(MailboxWaited(name=name, seconds=seconds))
    assert panel.samples("actor_mailbox_wait_seconds_sum") == {("leases",): 0.75, ("outcomes",): 1.0}
    assert panel.samples("actor_mailbox_wait_seconds_count") == {("leases",): 2.0, ("outcomes",): 1.0}
