"""The tables as they are moved: the schema's, in the order of their references."""

from dataclasses import dataclass

from sqlalchemy import Table

from engine.storage.schema import metadata

FIGURES = frozenset({"counts", "daily", "lanes"})
"""What is kept of the jobs. Without its row in `lanes` no job is claimed, and whoever writes jobs counts them: figures
come last, all together, and until they are there the move is not done."""
OF_PROCESSES = frozenset({"workers"})
"""What processes tell of themselves now stays where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a table's rows are like."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def in_order(self) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.name} ORDER BY {', '.join(self.key)}"  # noqa: S608 - names of the schema

    @property
    def after(self) -> str:
        """Of SQLite; its values are those of a key."""
        key, values = ", ".join(self.key), ", ".join("?" * len(self.key))
        return f"SELECT {', '.join(self.columns)} FROM {self.name} WHERE ({key}) > ({values}) ORDER BY {key}"  # noqa: S608 - names of the schema

    @property
    def last(self) -> str:
        order = ", ".join(f"{column} DESC" for column in self.key)
        return f"SELECT {', '.join(self.key)} FROM {self.name} ORDER BY {order} LIMIT 1"  # noqa: S608 - names of the schema

    @property
    def number(self) -> str:
        return f"SELECT count(*) FROM {self.name}"  # noqa: S608 - a name of the schema


def _form(table: Table) -> Form:
    return Form(
        name=table.name,
        columns=tuple(column.name for column in table.columns),
        key=tuple(column.name for column in table.primary_key.columns),
    )


_ALL = tuple(_form(table) for table in metadata.sorted_tables if table.name not in OF_PROCESSES)
ROWS = tuple(form for form in _ALL if form.name not in FIGURES)
LAST = tuple(form for form in _ALL if form.name in FIGURES)
