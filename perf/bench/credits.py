"""What it costs a page that its memory is paid for: offered, kept in the ledger, shrunk, learnt from and given back.

Medians of batches, in microseconds of processor time, beside the same leases without any of it.
"""

from collections.abc import Callable, Sequence
from statistics import median
from time import process_time

from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.outcome import Page
from engine.jobs.request import Request
from engine.jobs.verdict import Completed, Settlement
from engine.memory.estimates import Estimates
from engine.memory.purse import Purse
from engine.runtime import Credits

_BATCHES = 40
_PAGES = 2_000
_HOSTS = 100
_BODY_BYTES = 13 * 1024
_BUDGET_BYTES = 1024**3

Way = Callable[[Sequence[Settlement]], object]


def measure() -> dict[str, float]:
    """Microseconds a page: offer_us (the credits alone), page_us (all of it)."""
    budget = Credits(_BUDGET_BYTES)
    ledger = Ledger()
    purse = Purse(credits=budget, estimates=Estimates())
    bare = _median_us(lambda pages: _bare(ledger, pages))
    return {
        "offer_us": _median_us(lambda pages: _offered(budget, pages)),
        "page_us": _median_us(lambda pages: _paid(purse, ledger, pages)) - bare,
    }


def main() -> None:
    for name, micros in measure().items():
        print(f"{name:16} {micros:6.2f}")


def _median_us(way: Way) -> float:
    return median([_timed(way, batch) for batch in range(_BATCHES)]) / _PAGES * 1e6


def _timed(way: Way, batch: int) -> float:
    pages = [_settlement(batch * _PAGES + number) for number in range(_PAGES)]
    began = process_time()
    way(pages)
    return process_time() - began


def _settlement(number: int) -> Settlement:
    host = f"site{number % _HOSTS}.test"
    url = f"http://{host}/page/{number}.html"
    lease = Lease(
        job_id=f"job_{number}",
        fence=1,
        until=0.0,
        request=Request(url=url, host=host),
        attempts=0,
        losses=0,
        ran_s=0.0,
    )
    page = Page(
        status_code=200,
        final_url=url,
        headers=(),
        content_type="text/html",
        charset="utf-8",
        body=bytes(_BODY_BYTES),
        size=_BODY_BYTES,
        elapsed_s=0.1,
    )
    return Settlement(lease=lease, outcome=page, verdict=Completed())


def _offered(budget: Credits, pages: Sequence[Settlement]) -> None:
    for _ in pages:
        allowance = budget.offer(_BODY_BYTES)
        if allowance is not None:
            allowance.give_back()


def _bare(ledger: Ledger, pages: Sequence[Settlement]) -> None:
    ledger.enter([page.lease for page in pages])
    for page in pages:
        ledger.leave(page.lease)


def _paid(purse: Purse, ledger: Ledger, pages: Sequence[Settlement]) -> None:
    ledger.enter([page.lease for page in pages])
    for page in pages:
        holding = ledger.held(page.lease)
        if holding is not None and purse.offer(holding):
            purse.settle(holding, page.outcome)
        ledger.leave(page.lease)


if __name__ == "__main__":
    main()
