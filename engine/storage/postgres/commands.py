"""Writes what a batch of commands asks for, in its order."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import cast

from engine.jobs.command import (
    BeginAlone,
    Bulk,
    Cancel,
    CancelBatch,
    CancelMany,
    ClearQueue,
    Command,
    DeleteMany,
    KeepChunk,
    Reached,
    Redrive,
    Submit,
)
from engine.jobs.ports import Answer
from engine.storage.postgres.cancels import cancel, cancel_batch, cancel_many, clear_queue
from engine.storage.postgres.chunks import keep
from engine.storage.postgres.deletes import delete_many
from engine.storage.postgres.leases import begin_alone
from engine.storage.postgres.redrives import redrive
from engine.storage.postgres.submits import submit
from engine.storage.postgres.transaction import Transaction


async def commit(transaction: Transaction, commands: Iterable[Command]) -> list[Answer]:
    """Neighbours of one kind share their statements."""
    answers: list[Answer] = []
    for kind, alike in groupby(commands, type):
        answers += await _written(transaction, kind, list(alike))
    return answers


async def _written(transaction: Transaction, kind: type[Command], commands: Sequence[Command]) -> Sequence[Answer]:
    if kind is Submit:
        return await submit(transaction, cast("Sequence[Submit]", commands))
    if kind is Cancel:
        return await cancel(transaction, cast("Sequence[Cancel]", commands))
    if kind is Redrive:
        return [await redrive(transaction, command) for command in cast("Sequence[Redrive]", commands)]
    if kind is KeepChunk:
        await keep(transaction, cast("Sequence[KeepChunk]", commands))
    elif kind is BeginAlone:
        await begin_alone(transaction, cast("Sequence[BeginAlone]", commands))
    else:
        return [await _reached(transaction, command) for command in cast("Sequence[Bulk]", commands)]
    return [None] * len(commands)


async def _reached(transaction: Transaction, command: Bulk) -> Reached:
    match command:
        case CancelMany():
            return await cancel_many(transaction, command)
        case CancelBatch():
            return await cancel_batch(transaction, command)
        case ClearQueue():
            return await clear_queue(transaction, command)
        case DeleteMany():
            return await delete_many(transaction, command)
