"""The kernel: actors, the mailboxes between them, the supervisors above them.

It knows nothing of jobs, HTTP or SQL. All its waits run on the loop's clock.
"""

from engine.runtime.actor import Actor
from engine.runtime.ask import Ask
from engine.runtime.asker import Asker
from engine.runtime.branch import Branch, Node, State, StopReport
from engine.runtime.child import Child
from engine.runtime.closing import Closing
from engine.runtime.credits import Allowance, Credits
from engine.runtime.deadline import Deadline
from engine.runtime.deadlines import Deadlines, TimeLimit
from engine.runtime.demand import Demand
from engine.runtime.descriptors import raise_limit
from engine.runtime.errors import Aborted, AskTimeout, DeadlineExpired, Escalated, KernelError, MailboxClosed
from engine.runtime.events import (
    ActorCrashed,
    ActorCut,
    ActorRestarting,
    ActorStarted,
    ActorStopped,
    ActorStuck,
    DrainBegan,
    Event,
    FellBack,
    GiveBackFailed,
    MailboxWaited,
    SupervisorGaveUp,
)
from engine.runtime.garbage import settle_in
from engine.runtime.gate import Gate
from engine.runtime.governor import Governing
from engine.runtime.lag import lag_s
from engine.runtime.loop import Notice, Signals, run, until_ended
from engine.runtime.mailbox import Mailbox
from engine.runtime.mailboxes import any_ready, any_ripe
from engine.runtime.observer import Observer, Unobserving
from engine.runtime.pressure import Pressure
from engine.runtime.restart import RestartPolicy
from engine.runtime.scope import Scope
from engine.runtime.strategy import Strategy
from engine.runtime.stretch import Figures
from engine.runtime.supervisor import Supervisor
from engine.runtime.threads import Call, Threads, inline
from engine.runtime.ticker import ticks
from engine.runtime.valve import Valve
from engine.runtime.whereabouts import whereabouts
from engine.runtime.window import Window

__all__ = [
    "Aborted",
    "Actor",
    "ActorCrashed",
    "ActorCut",
    "ActorRestarting",
    "ActorStarted",
    "ActorStopped",
    "ActorStuck",
    "Allowance",
    "Ask",
    "AskTimeout",
    "Asker",
    "Branch",
    "Call",
    "Child",
    "Closing",
    "Credits",
    "Deadline",
    "DeadlineExpired",
    "Deadlines",
    "Demand",
    "DrainBegan",
    "Escalated",
    "Event",
    "FellBack",
    "Figures",
    "Gate",
    "GiveBackFailed",
    "Governing",
    "KernelError",
    "Mailbox",
    "MailboxClosed",
    "MailboxWaited",
    "Node",
    "Notice",
    "Observer",
    "Pressure",
    "RestartPolicy",
    "Scope",
    "Signals",
    "State",
    "StopReport",
    "Strategy",
    "Supervisor",
    "SupervisorGaveUp",
    "Threads",
    "TimeLimit",
    "Unobserving",
    "Valve",
    "Window",
    "any_ready",
    "any_ripe",
    "inline",
    "lag_s",
    "raise_limit",
    "run",
    "settle_in",
    "ticks",
    "until_ended",
    "whereabouts",
]
