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
from engine.storage.sqlite.cancels import cancel, cancel_batch, cancel_many, clear_queue
from engine.storage.sqlite.chunks import keep
from engine.storage.sqlite.deletes import delete_many
from engine.storage.sqlite.leases import begin_alone
from engine.storage.sqlite.redrives import redrive
from engine.storage.sqlite.submits import submit
from engine.storage.sqlite.transaction import Transaction


def commit(transaction: Transaction, commands: Iterable[Command]) -> list[Answer]:
    """Neighbours of one kind share their statements."""
    answers: list[Answer] = []
    for kind, alike in groupby(commands, type):
        answers += _written(transaction, kind, list(alike))
    return answers


def _written(transaction: Transaction, kind: type[Command], commands: Sequence[Command]) -> Sequence[Answer]:
    if kind is Submit:
        return submit(transaction, cast("Sequence[Submit]", commands))
    if kind is Cancel:
        return cancel(transaction, cast("Sequence[Cancel]", commands))
    if kind is Redrive:
        return [redrive(transaction, command) for command in cast("Sequence[Redrive]", commands)]
    if kind is KeepChunk:
        keep(transaction, cast("Sequence[KeepChunk]", commands))
    elif kind is BeginAlone:
        begin_alone(transaction, cast("Sequence[BeginAlone]", commands))
    else:
        return [_reached(transaction, command) for command in cast("Sequence[Bulk]", commands)]
    return [None] * len(commands)


def _reached(transaction: Transaction, command: Bulk) -> Reached:
    match command:
        case CancelMany():
            return cancel_many(transaction, command)
        case CancelBatch():
            return cancel_batch(transaction, command)
        case ClearQueue():
            return clear_queue(transaction, command)
        case DeleteMany():
            return delete_many(transaction, command)
