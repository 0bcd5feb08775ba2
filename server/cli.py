"""The command line: `livestorm-calendar COMMAND`."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from server.away import DatabaseAway

if TYPE_CHECKING:
    from server.settings import Settings

Command = TypeVar("Command", bound=Callable[..., None])

EX_UNAVAILABLE = 69
"""Exit code when the database does not answer (sysexits.h): worth trying again later."""

DEFAULT_WORKERS = 1
"""One worker process runs 16 jobs at a time; more than one is for machines with more cores."""

MAX_WORKERS = 64

_PYTHON = (sys.executable, "-P", "-m")
"""Runs an installed module: without -P, the folder the command was typed in would come first."""


_ELSEWHERE = ("links", "manifest", "rotate-keys")
"""Commands of other modules, whose imports of up to a second no other command has to wait for."""


class _Commands(click.Group):
    """Says in one line what whoever runs the server has to mend."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, those of other modules too."""
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; one of another module is imported now."""
        match cmd_name:
            case "links":
                from server.links_commands import links_group  # noqa: PLC0415

                return links_group
            case "manifest":
                from server.manifest import manifest_command  # noqa: PLC0415

                return manifest_command
            case "rotate-keys":
                from server.keys_command import rotate_keys  # noqa: PLC0415

                return rotate_keys
            case _:
                return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DatabaseAway as away:
            click.echo(f"DATABASE_URL: the database cannot be used: {away}", err=True)
            sys.exit(EX_UNAVAILABLE)


def _settings() -> "Settings":
    # Not above: the help of a command would wait for it, a second of imports.
    from server.installation import settings_or_exit  # noqa: PLC0415

    return settings_or_exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="livestorm-calendar")
def main() -> None:
    """Create Livestorm events from Google Calendar and keep both sides the same."""


@main.command()
def serve() -> None:
    """Answer Google, Livestorm and browsers (gunicorn), after bringing the database up to date."""
    settings = _settings()
    from server.gunicorn import serve as serve_forever  # noqa: PLC0415 - a second of imports
    from server.migration import migrate  # noqa: PLC0415
    from server.supervisor import end_with_supervisor  # noqa: PLC0415

    end_with_supervisor()
    migrate(settings.database_url)
    serve_forever(settings.port, public=not settings.on_loopback)


@main.command()
def worker() -> None:
    """Run background work: what requests left behind, synchronisation, renewals, sweeps."""
    settings = _settings()
    from server.background import run  # noqa: PLC0415

    sys.exit(run(settings))


@main.command()
@click.option(
    "--workers",
    type=click.IntRange(1, MAX_WORKERS),
    default=DEFAULT_WORKERS,
    show_default=True,
    help="Background processes.",
)
def up(workers: int) -> None:
    """Run `serve` and `worker` together and restart whatever exits."""
    settings = _settings()
    from server import logs  # noqa: PLC0415
    from server.metrics_folder import metrics_folder  # noqa: PLC0415
    from server.migration import migrate  # noqa: PLC0415
    from server.supervisor import WORKER_SLOT, ChildSpec, supervise  # noqa: PLC0415

    logs.configure()
    # Once, before both kinds of process would want to at the same time.
    migrate(settings.database_url)
    program = [*_PYTHON, "server.cli"]
    children = [ChildSpec("web", [*program, "serve"])]
    children += [
        ChildSpec(f"worker {slot}", [*program, "worker"], {WORKER_SLOT: str(slot)})
        for slot in range(workers)
    ]
    # The children inherit it, so that the web process can show what workers count.
    with metrics_folder():
        code = supervise(children)
    sys.exit(code)


_MARKS = {True: "ok  ", False: "FAIL", None: "note"}
"""What a line of `doctor` begins with, by whether its finding is good."""


@main.command()
def doctor() -> None:
    """Check settings, database, keys, both remote APIs and the clock; one line each.

    That no worker runs is told, and is nothing wrong with the installation.
    """
    from server.doctor import examine  # noqa: PLC0415

    healthy = True
    for finding in examine():
        healthy = healthy and finding.good is not False
        click.echo(f"{_MARKS[finding.good]} {finding.what}: {finding.words}")
    sys.exit(0 if healthy else 1)


@main.command()
def sandbox() -> None:
    """Run the program with simulated Google and Livestorm, and print the URL to open."""
    # A process of its own: the simulators share no code with the program.
    os.execv(sys.executable, [*_PYTHON, "sandbox"])  # noqa: S606 - our own module


if __name__ == "__main__":
    main()
