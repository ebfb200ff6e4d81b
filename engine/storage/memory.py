"""The JobStore in memory: the port's promises by the domain's own moves. For tests, and as the measure of adapters."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from engine.errors import RefusedDataError
from engine.jobs.command import Cancel, Command, KeepChunk, Submit
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.ports import Answer
from engine.jobs.query import COUNTED_AT_MOST, Counts, JobPage, JobQuery, QueueFigures, Result, Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Failed, Retry, Settlement
from engine.storage.clock import StoreClock
from engine.storage.codec import dumps
from engine.storage.news import News
