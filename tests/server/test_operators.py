"""What operators do from the command line, run as they run it: links, repairs, keys."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from click.testing import CliRunner
from cryptography.fernet import Fernet

from addon.store.tables import calendars, google_grants, intents, links, livestorm_connections
from sandbox.livestorm.changes import events
from sandbox.simulation import Fault
from server.cli import main
from tests.server import two_way
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.test_cli import run
from tests.server.two_way import TwoWay
from tests.support.program import Program, command

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TITLE = "Board meeting of 4711"


@dataclass(frozen=True)
class Operator:
    """Somebody at the command line of an installation with one link that is in sync."""

    program: Program
    two_way: TwoWay
    engine: sa.Engine

    def says(self, *arguments: str, code: int = 0) -> str:
        """Run a command in this process, which saves seconds; return what it prints."""
        kept = structlog.get_config()
        try:
            with pytest.MonkeyPatch.context() as environment:
                for name, value in self.program.environment.items():
                    environment.setenv(name, value)
                answer = CliRunner().invoke(main, arguments)
        finally:
            structlog.configure(**kept)
        assert answer.exit_code == code, answer.output
        assert isinstance(answer.exception, SystemExit | None), answer.exception
        return answer.output

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command that prints JSON and return what that is."""
        return json.loads(self.says(*arguments, "--json", code=code))

    def change(self, table: sa.Table, **values: Any) -> None:
        """Change every row of a table."""
        with self.engine.begin() as connection:
            connection.execute(sa.update(table).values(**values))


@pytest.fixture
def operator(program: Program, engine: sa.Engine) -> Operator:
    rig = two_way.begin(program)
    connect(program)
    two_way.activate(program)
    two_way.saved_room(rig, summary=TITLE, attendees=[{"email": "gale@partner.test"}])
    rig.settle()
    assert rig.link().synced_at is not None
    return Operator(program, rig, engine)


def break_livestorm(operator: Operator) -> None:
    """Let the link get into trouble."""
    operator.program.livestorm.faults.add(Fault("status", status=503, path="/v1/", times=None))
    link = operator.two_way.link()
    changed = {"summary": f"{TITLE}, moved"}
    operator.program.google.world.patch_event(CAMILLE, link.event_id, changed)
    operator.two_way.settle()
    assert operator.two_way.link().trouble["kind"] == "livestorm_down"


def test_links_are_listed_and_shown_without_words_of_people(operator: Operator) -> None:
    link = operator.two_way.link()
    heads, line = operator.says("links", "list").splitlines()
    assert heads.split()[:3] == ["ID", "STATE", "TROUBLE"]
    assert line.split()[:3] == [link.id, "synced", "-"]
    [listed] = operator.json("links", "list", "--person", CAMILLE.upper(), "--state", "active")
    assert (listed["id"], listed["state"], listed["person"]) == (link.id, "synced", link.user_id)
    for nothing in (["--person", SAM], ["--state", "trouble"], ["--workspace", "another"]):
        assert operator.says("links", "list", *nothing) == "No link matches.\n"
        assert operator.json("links", "list", *nothing) == []
    assert operator.says("links", "list", "--intents") == "No unfinished rooms.\n"

    for name in (link.id, link.livestorm_event_id, link.event_id):
        assert operator.json("links", "show", name)["id"] == link.id
    text = operator.says("links", "show", link.id)
    assert "guests_unsynced" in text
    assert "calendar  created" in text
    shown = (
        text + operator.says("links", "list") + json.dumps(operator.json("links", "show", link.id))
    )
    assert {word for word in (TITLE, CAMILLE, "gale@") if word in shown} == set()
    personal = operator.says("links", "show", link.id, "--values")
    assert TITLE in personal
    assert "No link has the id nothing." in operator.says("links", "show", "nothing", code=1)


def test_what_is_in_trouble_is_compared_anew(operator: Operator) -> None:
    break_livestorm(operator)
    link = operator.two_way.link()
    [listed] = operator.json("links", "list", "--trouble", "livestorm_down")
    assert (listed["state"], listed["trouble"]) == ("trouble", "livestorm_down")
    # Nobody works in this test but the test itself.
    waiting = operator.says("links", "resync", link.id, "--wait", "0", code=1)
    assert "comparison: is still to be made; no worker runs" in waiting
    operator.program.livestorm.faults.clear()
    assert operator.two_way.settle() == 1
    assert operator.two_way.link().trouble is None

    break_livestorm(operator)
    operator.program.livestorm.faults.clear()
    assert operator.two_way.settle() == 0, "it pauses"
    assert operator.says("links", "resync", "--all-in-trouble") == "1 links are compared anew.\n"
    assert operator.two_way.settle() == 1
    assert operator.says("links", "resync", "--all-in-trouble") == "None is.\n"
    assert "Give an ID, or --all-in-trouble." in operator.says("links", "resync", code=2)
    operator.change(links, held=True)
    held = operator.says("links", "resync", link.id, code=1)
    assert "It is not compared: held." in held


def test_a_link_is_repaired_while_a_worker_runs(operator: Operator, tmp_path: Path) -> None:
    link = operator.two_way.link()
    # As after a backup of which some tables are older: three things are missing or damaged.
    operator.change(links, base={"version": "damaged"}, failures=9)
    with operator.engine.begin() as connection:
        connection.execute(sa.delete(intents))
        connection.execute(sa.delete(calendars))
    before = len(operator.program.livestorm.world.events)
    with command("worker", environment=operator.program.environment, log=tmp_path / "worker.log"):
        report = operator.json("links", "repair", link.id)
    words = {step["what"]: step["words"] for step in report["steps"]}
    assert words == {
        "access": "Google and Livestorm may be asked",
        "intent": "did not lead here: put back",
        "base": "not readable: forgotten, both sides meet anew",
        "Calendar event": "is there",
        "Livestorm event": "is there",
    }
    assert (report["link"]["state"], report["link"]["trouble"]) == ("synced", None)
    with operator.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(calendars)) == 1
    # The intent leads to the link again: the room is given, not made a second time.
    room = ask_for_room(operator.program, link.event_id)
    assert room["conferenceId"] == link.livestorm_event_id
    assert len(operator.program.livestorm.world.events) == before


def test_a_repair_says_what_only_people_can_mend(operator: Operator) -> None:
    link = operator.two_way.link()
    operator.change(google_grants, state="revoked", secret="")
    world = operator.program.livestorm.world
    with world.lock:
        events.delete_event(world, world.workspace, world.events[link.livestorm_event_id])
    text = operator.says("links", "repair", link.id, "--wait", "0", code=1)
    assert "FAIL access: the person has to act: google_lost" in text
    assert "FAIL Calendar event: cannot be read: not activated" in text
    assert "FAIL Livestorm event: is not there" in text
    operator.change(links, state="unlinked")
    over = operator.says("links", "repair", link.id, "--wait", "0", code=1)
    assert "FAIL link: is over (unlinked): stays as it is" in over


def test_unfinished_rooms_are_adopted_or_forgotten(operator: Operator) -> None:
    program = operator.program

    def unfinished() -> str:
        # Past the lease of the call that died.
        past = datetime.now(UTC) - timedelta(minutes=1)
        with operator.engine.begin() as connection:
            mine = intents.c.state == "open"
            connection.execute(sa.update(intents).where(mine).values(lease_until=past))
        [one] = operator.json("links", "list", "--intents")
        return str(one["id"])

    program.livestorm.faults.add(Fault("drop_after", method="POST", path="/v1/events$"))
    program.livestorm.faults.add(Fault("status", status=503, method="GET", path="/v1/", times=None))
    lost = calendar_event(program)
    assert "error" in ask_for_room(program, lost)
    program.livestorm.faults.clear()
    text = operator.says("links", "repair", unfinished())
    assert text == "ok   intent: Livestorm had made the event: linked\n"
    assert "error" not in ask_for_room(program, lost)

    program.livestorm.faults.add(Fault("status", status=503, path="/v1/", times=None))
    assert "error" in ask_for_room(program, calendar_event(program))
    with operator.engine.begin() as connection:
        asked = sa.update(intents).where(intents.c.state == "open")
        connection.execute(asked.values(sent_at=datetime.now(UTC)))
    intent = unfinished()
    refused = operator.says("links", "repair", intent, code=1)
    assert "FAIL intent: Livestorm cannot be asked (unavailable" in refused
    forgotten = operator.says("links", "repair", unfinished(), "--forget")
    assert forgotten.startswith("ok   intent: forgotten unasked")
    assert operator.json("links", "list", "--intents") == []


def test_keys_are_rotated_and_what_cannot_be_is_named(operator: Operator) -> None:
    old = operator.program.environment["TOKEN_KEYS"]
    new, lost = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    environment = {**operator.program.environment, "TOKEN_KEYS": f"{new},{old}"}
    # As the console script, from here on.
    first = run("rotate-keys", environment=environment)
    assert (first.returncode, first.stdout) == (
        0,
        "2 re-encrypted, 0 had the newest key already.\n",
    )
    again = run("rotate-keys", environment=environment)
    assert again.stdout == "0 re-encrypted, 2 had the newest key already.\n"
    # The old key is needed no more.
    alone = run("doctor", environment={**environment, "TOKEN_KEYS": new})
    assert "ok   keys: TOKEN_KEYS open all 2 stored secrets" in alone.stdout
    sealed = Fernet(lost).encrypt(b"{}").decode()
    operator.change(livestorm_connections, secret=sealed)
    unreadable = run("rotate-keys", environment=environment)
    assert unreadable.returncode == 1
    user_id = operator.two_way.link().user_id
    assert f"No key opens livestorm_connections of {user_id}." in unreadable.stdout
    assert new not in unreadable.stdout


def test_commands_say_what_they_lack(settings_environment: dict[str, str]) -> None:
    environment = {
        **settings_environment,
        "DATABASE_URL": "postgresql://someone:hunter2@127.0.0.1:9/nothing",
    }
    answer = run("links", "list", environment=environment)
    assert answer.returncode == 69
    assert "DATABASE_URL: the database cannot be used" in answer.stderr
    assert "hunter2" not in answer.stderr
    assert run("rotate-keys", environment={}).returncode == 78
