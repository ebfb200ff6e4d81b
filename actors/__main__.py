"""The command line. A command reads what it is told, and hands it to who does it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console

from config.settings import Settings
from config.sources import SettingsError, masked
from engine.errors import EngineError

cli = typer.Typer(
    name="cfscraper",
    help="Fetches what it is asked to fetch and loses nothing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
DOTENV = Path(".env")
USAGE = 2
"""The exit code of who was told something impossible."""


@cli.command()
def serve(role: Annotated[str | None, typer.Option(help="all, api or worker; on SQLite: all")] = None) -> None:
    """Runs the daemon until it is told to stop."""
    from actors import daemon  # noqa: PLC0415 - a command loads what it uses

    raise typer.Exit(daemon.serve(_settings(ROLE=role)))


@cli.command()
def scrape(  # noqa: PLR0913 - what a command can be told
    urls: Annotated[list[str] | None, typer.Argument(help="what to fetch", metavar="URL...")] = None,
    *,
    source: Annotated[
        typer.FileBinaryRead | None, typer.Option("--from", help="a file of URLs, one a line; - is standard input")
    ] = None,
    out: Annotated[typer.FileBinaryWrite | None, typer.Option(help="where the results go, a JSON line each")] = None,
    store: Annotated[Path | None, typer.Option(help="kept; the same command then goes on where it stopped")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, max=10_000, help="fetches at once, at most")] = None,
    timeout: Annotated[float | None, typer.Option(min=1, max=300, help="seconds an attempt may take")] = None,
    retries: Annotated[int | None, typer.Option(min=0, max=10, help="further attempts after a failure")] = None,
    user_agent: Annotated[str | None, typer.Option(help="how it introduces itself")] = None,
    extract_text: Annotated[bool, typer.Option("--extract-text", help="take out the text")] = False,
    extract_links: Annotated[bool, typer.Option("--extract-links", help="take out the links")] = False,
    extract_images: Annotated[bool, typer.Option("--extract-images", help="take out the images")] = False,
) -> None:
    """Fetches without a server; ends with 0 if all was fetched, 1 if something failed or was left, 2 on wrong usage."""
    from actors import scrape as process  # noqa: PLC0415 - a command loads what it uses
    from actors.display import Display  # noqa: PLC0415 - as above

    if not urls and source is None:
        raise typer.BadParameter("give URLs, or --from FILE")
    told = {
        "MAX_CONCURRENT_JOBS": concurrency,
        "HTTP_TIMEOUT": timeout,
        "HTTP_MAX_RETRIES": retries,
        "USER_AGENT": user_agent,
    }
    errand = process.Errand(
        urls=urls or (),
        source=source,
        out=out or sys.stdout.buffer,
        wants=process.Wants(extract_text=extract_text, extract_links=extract_links, extract_images=extract_images),
        display=Display(console=Console(stderr=True), clock=monotonic),
    )
    with _store_file(store) as path:
        settings = _settings(DATABASE_URL=f"sqlite:///{path}", **told)
        try:
            code = process.scrape(settings, errand)
        except (EngineError, OSError) as error:
            typer.echo(str(error), err=True)
            code = USAGE
        raise typer.Exit(code)


@cli.command()
def migrate() -> None:
    """Brings the database to the schema of this release."""
    from engine.storage.migrate import migrate as bring  # noqa: PLC0415 - a command loads what it uses

    settings = _settings()
    bring(_past_a_pooler(settings))
    typer.echo(f"{masked(settings.database_url)} has the schema of this release")


@cli.command()
def move(
    source: Annotated[str, typer.Option("--from", help="sqlite:///PATH, in which nobody is at work")],
    target: Annotated[str | None, typer.Option("--to", help="postgresql://...; else it is DATABASE_URL")] = None,
) -> None:
    """Copies a file's jobs, results and keys to PostgreSQL; run again it goes on where it stopped.

    Ends with 0 if both hold the same then, 1 if not, 2 if nothing can be moved.
    """
    from actors import move as process  # noqa: PLC0415 - a command loads what it uses

    try:
        code = process.move(source, target or _past_a_pooler(_settings()), Console(stderr=True))
    except (EngineError, OSError) as error:
        typer.echo(masked(str(error)), err=True)
        code = USAGE
    raise typer.Exit(code)


@cli.command()
def check() -> None:
    """Scans the database: structure, references, every body's checksum, counts."""
    findings = _findings(_settings())
    for finding in findings:
        typer.echo(finding)
    typer.echo("nothing is wrong" if not findings else f"{len(findings)} findings")
    raise typer.Exit(1 if findings else 0)


@cli.command()
def settings() -> None:
    """Shows the effective settings, secrets masked, and where each came from."""
    for shown in _settings().report():
        typer.echo(f"{shown.name}={shown.value}  # {shown.origin}: {shown.meaning}")


def main() -> None:
    cli()


def _findings(settings: Settings) -> list[str]:
    if settings.is_embedded:
        from engine.storage.check import check as scan  # noqa: PLC0415 - a command loads what it uses

        return scan(settings.database_path)
    from engine.storage.postgres.check import check_server  # noqa: PLC0415 - as above

    return check_server(_past_a_pooler(settings))


def _past_a_pooler(settings: Settings) -> str:
    """The database's URL, to a session that stays ours if there is one."""
    return settings.listen_url or settings.database_url


@contextmanager
def _store_file(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with TemporaryDirectory(prefix="cfscraper-") as folder:
        yield Path(folder) / "scrape.db"


def _settings(**told: object) -> Settings:
    """Options of the command come before the environment. Ends the command with all that is wrong."""
    given = {name: str(value) for name, value in told.items() if value is not None}
    try:
        found = Settings.load({**os.environ, **given}, DOTENV)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None
    for warning in found.warnings:
        typer.echo(warning, err=True)
    return found


if __name__ == "__main__":
    main()
