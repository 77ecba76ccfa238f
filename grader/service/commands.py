"""The commands ``grader serve``, ``grader worker`` and ``grader service``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import options
from grader.errors import GraderError
from grader.i18n import text
from grader.sandbox.isolation import Mode

if TYPE_CHECKING:
    from grader.store import Store

DATABASE = "grader.db"


class MissingExtra(GraderError):
    """A library of the service is not installed; the sentence says which extra to install."""


def database_options(command: Any) -> Any:
    """``--database`` and ``--files``, the same for every command."""
    files = click.option(
        "--files",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="GRADER_FILES",
        help="Folder of submissions; by default files beside the SQLite database.",
    )
    database = click.option(
        "--database",
        default=DATABASE,
        show_default=True,
        envvar="GRADER_DATABASE",
        help="An SQLite file, or a URL such as postgresql://user@host/name.",
    )
    return database(files(command))


def _open(database: str, files: Path | None) -> Store:
    try:
        import httpx  # noqa: F401
        import jwt  # noqa: F401
        import python_multipart  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401

        from grader.store import open_store
    except ModuleNotFoundError as error:
        raise MissingExtra(
            text(
                "The web service needs {name}: pip install 'densefit[serve]'.",
                name=str(error.name),
            )
        ) from error
    store = open_store(database, files)
    click.get_current_context().call_on_close(store.close)
    return store


@click.command()
@database_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, help="Port to listen at.")
@click.option(
    "--address",
    envvar="GRADER_ADDRESS",
    help="The address that browsers see, such as https://grader.example.ac.jp.",
)
@click.option("--name", default="densefit grader", show_default=True, help="The service's name.")
@click.option("--demo", is_flag=True, help="Start with an example class, and a worker.")
@click.option(
    "--proxies",
    default="127.0.0.1",
    show_default=True,
    help="Proxies whose word on the visitor's address counts.",
)
@click.option(
    "--framed-by",
    multiple=True,
    envvar="GRADER_FRAMED_BY",
    help="A further origin whose pages may show ours in a frame, beside the registered platforms'.",
)
def serve(
    database: str,
    files: Path | None,
    host: str,
    port: int,
    address: str | None,
    name: str,
    demo: bool,
    proxies: str,
    framed_by: tuple[str, ...],
) -> None:
    """Run the web service: students hand in, teachers look, the LMS gets its scores.

    Submissions are graded by `grader worker`, in processes of their own. With --demo an example
    class and a worker start as well, and links to come in are printed.

    \b
    Examples:
      grader serve --demo
      grader serve --address https://grader.example.ac.jp --port 8000
      grader serve --database postgresql://grader@db/grader --files files
    """
    store = _open(database if not demo or database != DATABASE else "demo/grader.db", files)
    from grader.service.running import run_web
    from grader.service.settings import Settings

    settings = Settings(
        address=address or f"http://{'localhost' if host == '127.0.0.1' else host}:{port}",
        database=database,
        files=files,
        name=name,
        trusted_proxies=proxies,
        demo=demo,
        framed_by=framed_by,
    )
    run_web(store, settings, host, port)


@click.command()
@database_options
@click.option(
    "--processes", type=click.IntRange(min=1), help="Submissions at once; default: all cores."
)
@options.isolation("required", "required: grade nothing without a full sandbox.")
@click.option("--address", envvar="GRADER_ADDRESS", help="As for `grader serve`.")
def worker(
    database: str,
    files: Path | None,
    processes: int | None,
    isolation: Mode,
    address: str | None,
) -> None:
    """Grade what students hand in to the web service, and deliver scores to the LMS.

    Start as many as there are machines; each uses all its cores. A worker may be killed at any
    moment: what it was grading is graded by another, and no score is lost or posted twice wrongly.

    \b
    Examples:
      grader worker
      grader worker --database postgresql://grader@db/grader --files files --processes 4
    """
    store = _open(database, files)
    from grader.service.running import run_worker

    run_worker(store, processes or 0, isolation, insecure=(address or "").startswith("http://"))


@click.group()
def service() -> None:
    """Look after the web service: courses, platforms, backups, deletion.

    \b
    Examples:
      grader service course "Neural Networks" --assignment assignment4
      grader service platform
      grader service backup grader.tar.gz
      grader service people 山田
      grader service forget 17
    """


@service.command("course")
@database_options
@click.argument("title")
@click.option("--assignment", "slug", required=True, help="The assignment of the course.")
@click.option("--address", envvar="GRADER_ADDRESS", default="http://localhost:8000")
def add_course(database: str, files: Path | None, title: str, slug: str, address: str) -> None:
    """Add a course without an LMS, and print a link for its teacher."""
    store = _open(database, files)
    from grader.service import operating

    secret = operating.add_course(store, title, slug)
    click.echo(f"{address}/join#{secret}")


@service.command("platform")
@database_options
@click.option("--address", envvar="GRADER_ADDRESS", default="http://localhost:8000")
def add_platform(database: str, files: Path | None, address: str) -> None:
    """Print the address to paste into an LMS (dynamic registration); valid once, for a day."""
    store = _open(database, files)
    from grader.service import operating

    click.echo(f"{address}/lti/register/{operating.registration_link(store)}")


@service.command("add-platform")
@database_options
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--authorization-endpoint", required=True)
@click.option("--token-endpoint", required=True)
@click.option("--jwks-uri", required=True)
def add_platform_by_hand(database: str, files: Path | None, **fields: str) -> None:
    """Register an LMS by hand, where it offers no dynamic registration (Canvas)."""
    store = _open(database, files)
    from grader.service import operating

    operating.add_platform(store, **fields)


@service.command("platforms")
@database_options
def list_platforms(database: str, files: Path | None) -> None:
    """List the registered platforms."""
    store = _open(database, files)
    from grader.service import operating

    for line in operating.platforms(store):
        click.echo(line)


@service.command("rotate-key")
@database_options
def rotate_key(database: str, files: Path | None) -> None:
    """Sign with a fresh key from now on; the one before stays published, older ones go."""
    store = _open(database, files)
    from grader.service import operating

    click.echo(operating.rotate_key(store))


@service.command("backup")
@database_options
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def make_backup(database: str, files: Path | None, target: Path) -> None:
    """Write everything to TARGET (.tar.gz), while the service runs."""
    store = _open(database, files)
    from grader.service.backup import backup

    click.echo(", ".join(f"{name} {count}" for name, count in backup(store, target).items()))


@service.command("restore")
@database_options
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore_backup(database: str, files: Path | None, source: Path) -> None:
    """Fill an empty database and folder from a backup."""
    store = _open(database, files)
    from grader.service.backup import restore

    click.echo(", ".join(f"{name} {count}" for name, count in restore(store, source).items()))


@service.command("people")
@database_options
@click.argument("words", default="")
def list_people(database: str, files: Path | None, words: str) -> None:
    """Find people by name, student number or e-mail: number, name, student number, course.

    The number is what `forget` wants, and what stands in the audit log.
    """
    store = _open(database, files)
    from grader.service import operating

    for line in operating.people(store, words):
        click.echo(line)


@service.command("audit")
@database_options
@click.option("--last", default=100, show_default=True, help="How many entries.")
def show_audit(database: str, files: Path | None, last: int) -> None:
    """Print the audit log, the newest entry last: who did what, one JSON object a line."""
    store = _open(database, files)
    from grader.service import operating

    for line in operating.audit(store, last):
        click.echo(line)


@service.command("forget")
@database_options
@click.argument("user", type=int)
@click.confirmation_option(prompt="Delete every submission and result of this person?")
def forget_user(database: str, files: Path | None, user: int) -> None:
    """Delete the data of the person with this number, at their request."""
    store = _open(database, files)
    from grader.service.privacy import forget

    count = forget(store, user, "operator")
    if count < 0:
        raise click.ClickException(f"There is no person {user}.")
    click.echo(f"Deleted: {count} submissions.")


COMMANDS = (serve, worker, service)
