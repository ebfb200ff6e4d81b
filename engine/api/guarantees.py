"""What the service promises, in the words of the README. Each promise is held to by tests that kill real processes."""

from aiohttp import web

from engine.api.about import Guarantee, Guarantees
from engine.api.rendering import json_answer

PROMISES = {
    "kept": "Once a submit was answered 202, its jobs are on the disk, and no death of a process or of the machine "
    "loses one.",
    "settled_once": "Every job is settled exactly once: what comes from a lease that is no longer held is refused and "
    "counted.",
    "bounded": "A job never runs past its attempt limit in silence: when its attempts are used up it is failed, with "
    "the reason.",
    "fetched_again": "A fetch may be made more than once, but POST and PATCH are not sent again by themselves once the "
    "request may have left: such a job fails with connection_lost, unless it says retry_unsafe.",
    "poison": "A page that kills the process again and again is failed as poison, and its neighbours complete.",
    "submitted_once": "Submits with the same Idempotency-Key within 24 hours are one submit, and get the same answer.",
}


async def guarantees(_: web.Request) -> web.StreamResponse:
    return json_answer(Guarantees(guarantees=[Guarantee(name=name, promise=said) for name, said in PROMISES.items()]))
