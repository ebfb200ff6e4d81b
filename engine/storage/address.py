"""Which database a URL names."""

SCHEMES = ("postgresql://", "postgres://", "postgresql+asyncpg://")


def is_server(url: str) -> bool:
    """PostgreSQL, or a file?"""
    return url.startswith(SCHEMES)


def dsn(url: str) -> str:
    """As the driver and its kin know it."""
    return "postgresql://" + url.split("://", 1)[1]
