"""The answers that this process keeps: what is known of jobs that are over, and briefly what was found of many."""

from collections.abc import Sequence

from engine.cache.read_through import ReadThrough
from engine.jobs.command import BeginAlone, Command, DeleteMany, KeepChunk, Redrive, Submit
from engine.jobs.keys import keys_of


class Answers:
    """A hearer of what other processes drop."""

    def __init__(self, *, jobs: ReadThrough, lists: ReadThrough) -> None:
        self.jobs = jobs
        self.lists = lists

    async def written(self, commands: Sequence[Command]) -> None:
        """To be told before the commands are answered: from then on nobody here reads what was so before."""
        new = [job.id for command in commands if isinstance(command, Submit) for job in command.jobs]
        self.jobs.dropped(keys_of(new))
        if not all(isinstance(command, KeepChunk | BeginAlone) for command in commands):
            self.lists.lost()
        moved = [command for command in commands if isinstance(command, Redrive | DeleteMany)]
        if moved:
            await self.jobs.drop(keys_of([job_id for command in moved for job_id in command.job_ids]))

    def dropped(self, keys: Sequence[str]) -> None:
        self.jobs.dropped(keys)
        self.lists.lost()

    def lost(self) -> None:
        self.jobs.lost()
        self.lists.lost()
