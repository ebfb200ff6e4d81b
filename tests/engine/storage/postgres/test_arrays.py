"""Arrays arrive as they were told, whatever is in their texts."""

import asyncpg
import pytest

from engine.storage.postgres.arrays import told
from tests.servers.postgres import fresh_database

TEXTS = [chr(number) for number in range(1, 0x300)]
NUMBERS = [0, -1, 2**31 - 1, -(2**31), None]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", TEXTS),
        ("text", [f"a{text}{text}b" for text in TEXTS]),
        ("text", ["{a, b}", "null", "", " ", None, "site.test batch_1"]),
        ("text", []),
        ("int", NUMBERS),
        ("float8", [0.1, 1_700_000_000.123456, 1e300, 5e-324, -1.0, None, 7]),
    ],
)
async def test_an_array_arrives_as_it_was_told(kind: str, values: list[str | float | None]) -> None:
    async with fresh_database() as url:
        connection = await asyncpg.connect(url)
        try:
            assert await connection.fetchval(f"SELECT $1::text::{kind}[]", told(values)) == values
        finally:
            await connection.close()
