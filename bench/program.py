"""The program as production runs it, with people who are connected to Livestorm."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet

from addon import clock
from addon.store import connections, grants, users
from addon.store.engine import create_engine
from addon.store.vault import Vault
from bench.companies import Companies, Person
from sandbox.google import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, SCRIPT_CLIENT_ID
from tests.support.databases import fresh_database
from tests.support.ports import free_port
from tests.support.postgresql import OWNER, stop_cluster
from tests.support.program import command, wait_until_ready

TOKEN_LIFE = timedelta(hours=2)
"""Longer than any measurement, so that no token is refreshed during one."""


@dataclass(frozen=True)
class Served:
    """A program that answers: its origin and the process id that its workers are below."""

    url: str
    pid: int


@contextmanager
def served(companies: Companies, *, database: str) -> Iterator[Served]:
    """Run `livestorm-calendar serve` until the block ends, everybody connected beforehand.

    Args:
        companies: The simulators it talks to.
        database: "sqlite" or "postgresql"; a fresh one.
    """
    with scratch(database) as (url, folder):
        environment = settings_environment(companies.google, companies.livestorm, url)
        _connect(url, environment["TOKEN_KEYS"], companies.people)
        with running("serve", environment, folder) as program:
            yield program


@contextmanager
def running(command_name: str, environment: Mapping[str, str], folder: Path) -> Iterator[Served]:
    """Run a command that serves, such as `up`, until the block ends; `folder` takes its log."""
    log = folder / f"{command_name}.log"
    with command(command_name, environment=environment, log=log) as process:
        wait_until_ready(environment["BASE_URL"], process, log)
        yield Served(environment["BASE_URL"], process.pid)


@contextmanager
def scratch(database: str) -> Iterator[tuple[str, Path]]:
    """Give the URL of a fresh database, "sqlite" or "postgresql", and an empty folder."""
    with tempfile.TemporaryDirectory(prefix="livestorm-calendar-bench-") as name:
        folder = Path(name)
        (folder / OWNER).write_text(str(os.getpid()))
        try:
            with fresh_database(database, shared=folder, folder=folder) as url:
                yield url, folder
        finally:
            stop_cluster(folder)


def event_object(person: Person, calendar: Mapping[str, str] | None = None) -> bytes:
    """Return the body of an add-on call, as Google sends it to the bridge.

    Args:
        person: Who calls.
        calendar: `calendarId` and `id` of the event that is open, if one is.
    """
    event = {
        "commonEventObject": {
            "hostApp": "CALENDAR",
            "platform": "WEB",
            "userLocale": "fr-FR",
            "timeZone": {"id": "Europe/Paris", "offset": 3_600_000},
        },
        "authorizationEventObject": {
            "userOAuthToken": person.google_token,
            "userIdToken": person.identity_token,
        },
        "calendar": dict(calendar or {}),
    }
    return json.dumps(event).encode()


def processor_seconds(pid: int) -> float:
    """Return the processor time, user and system, of a process and all below it (Linux)."""
    total, waiting = 0.0, [pid]
    while waiting:
        process = Path("/proc", str(waiting.pop()))
        # Past the name, which may hold spaces: fields 14 and 15 of proc_pid_stat(5).
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        for task in (process / "task").iterdir():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return total


def _connect(url: str, key: str, people: list[Person]) -> None:
    """Store for everybody what signing in to Livestorm and activating store, and a template.

    The grants are stand-ins: no worker runs that would use them.
    """
    engine, vault, now = create_engine(url), Vault([key]), clock.now()
    for person in people:
        account = users.account_of(engine, person.sub, person.email, now)
        connections.save(
            engine,
            user_id=account.user_id,
            workspace_id=person.workspace_id,
            workspace_name=f"Workspace of {person.email}",
            workspace_slug=None,
            kind="oauth",
            sealed=vault.seal(
                account.user_id,
                {"access_token": person.livestorm_token, "refresh_token": None, "scope": None},
            ),
            expires_at=now + TOKEN_LIFE,
            owner_id=person.owner_id,
            owner_email=person.email,
            now=now,
        )
        grants.save(
            engine,
            user_id=account.user_id,
            sealed=vault.seal(account.user_id, {"access_token": "", "refresh_token": ""}),
            expires_at=now + TOKEN_LIFE,
            scopes="",
            now=now,
        )
        template = users.Template(person.template_id, "Product webinar (template)")
        users.save_template(engine, account.user_id, template, now)
    engine.dispose()


def settings_environment(google: str, livestorm: str, database_url: str) -> dict[str, str]:
    """Return every setting: the origins of both simulators, a database, and a free port."""
    port = free_port()
    return {
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "measurements-only-" + "0123456789abcdef" * 2,
        "TOKEN_KEYS": Fernet.generate_key().decode(),
        "GOOGLE_CLIENT_ID": DEFAULT_CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": DEFAULT_CLIENT_SECRET,
        "ADDON_AUDIENCES": SCRIPT_CLIENT_ID,
        "LIVESTORM_CLIENT_ID": "sandbox-client",
        "LIVESTORM_CLIENT_SECRET": "sandbox-secret",
        "GOOGLE_CALENDAR_API": f"{google}/calendar/v3/",
        "GOOGLE_OAUTH_AUTHORIZE": f"{google}/o/oauth2/v2/auth",
        "GOOGLE_OAUTH_TOKEN": f"{google}/token",
        "GOOGLE_OAUTH_REVOKE": f"{google}/revoke",
        "GOOGLE_CERTS": f"{google}/certs",
        "LIVESTORM_API": f"{livestorm}/v1",
        "LIVESTORM_APP": livestorm,
        "LIVESTORM_EVENT_PAGE": f"{livestorm}/dashboard/events/{{event}}",
    }
