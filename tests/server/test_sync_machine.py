"""Random lives of one event: people on both sides, the program between them, and every mishap.

The real program works against both simulators over HTTP, on a database of either kind. Whenever
the world falls quiet, both sides must be the same, with nothing lost, doubled, or left to write.
`SYNC_MACHINE_LIVES=500 .venv/bin/pytest tests/server/test_sync_machine.py` looks further.
"""

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from sandbox.livestorm import LivestormSimulator
from tests.server import sync_rig
from tests.server.sync_people import People
from tests.server.sync_rig import FAULTS, Incident, Rig
from tests.server.sync_truth import Truth
from tests.support.program import Program

LIVES = {"sqlite": 10, "postgresql": 2}
"""Of `STEPS` steps each; they take some 20 s of a core. PostgreSQL differs from SQLite below what
happens here, so a few will do."""

STEPS = 40
"""Enough for a series to be made, mangled, forgotten and found again."""

PHASES = [Phase.generate, *([Phase.shrink] if "SYNC_MACHINE_SHRINK" in os.environ else [])]
"""Shrinking lives a life some hundred times over: minutes that only somebody who looks into a
failure wants to spend."""

GUESTS = [f"guest{number}@partner.test" for number in range(7)]
TITLES = ["", "Launch", "  Spring   launch ", "Été", "x" * 300]
TEXTS = ["", "About it", "<b>About</b> it", "one\ntwo", "<p>one</p><p>two & three</p>"]
HOURS = [-3, 2, 27, 50, 24 * 6, 24 * 9]
RULES = [None, ["RRULE:FREQ=DAILY;COUNT=5"], ["RRULE:FREQ=WEEKLY"], ["RRULE:FREQ=WEEKLY;BYDAY=TU"]]

guests = st.sampled_from(GUESTS)
hours = st.sampled_from(HOURS)
ahead = st.sampled_from([one for one in HOURS if one > 0])
numbers = st.integers(0, 5)
yes_or_no = st.booleans()
seldom = st.sampled_from([False, False, False, True])
"""What ends a life, or cuts it off from the program, leaves less to be seen of what follows."""


def doing(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something that a person does: see `People`."""
    return st.tuples(st.just(name), *arguments)


EDITS = st.one_of(
    doing("calendar_title", st.sampled_from(TITLES)),
    doing("calendar_description", st.sampled_from(TEXTS)),
    doing("calendar_move", hours, st.sampled_from([30, 60, 90])),
    doing("calendar_all_day", st.integers(-1, 9), st.integers(1, 2)),
    doing("calendar_rules", st.sampled_from(RULES)),
    doing("calendar_invite", guests, yes_or_no),
    doing("calendar_invite_many", st.lists(guests, min_size=2, max_size=7, unique=True)),
    doing("calendar_uninvite", guests),
    doing("calendar_occurrence_guest", numbers, guests),
    doing("calendar_occurrence_moves", numbers, hours),
    doing("calendar_occurrence_renamed", numbers, st.sampled_from(TITLES[1:])),
    doing("calendar_occurrence_cancelled", numbers),
    doing("calendar_split", numbers),
    doing("calendar_duplicate"),
    doing("livestorm_title", st.sampled_from([one[:255] for one in TITLES[1:]])),
    doing("livestorm_description", st.sampled_from(TEXTS)),
    doing("livestorm_length", st.sampled_from([15, 30, 60])),
    doing("livestorm_move", numbers, ahead),
    doing("livestorm_register", numbers, guests, yes_or_no),
    doing("livestorm_unregister", numbers, guests, yes_or_no),
    doing("livestorm_session_added", ahead),
    doing("livestorm_session_starts", numbers),
)

ENDS = st.one_of(
    doing("calendar_delete", yes_or_no),
    doing("calendar_change_calendar"),
    doing("calendar_conference_removed"),
    doing("livestorm_session_deleted", numbers, yes_or_no),
    doing("livestorm_delete"),
)

MISHAPS = [
    *FAULTS,
    "dies before",
    "dies after",
    "dies at commit",
    "meanwhile before",
    "meanwhile after",
]

incidents = st.lists(
    st.tuples(
        st.integers(0, 11),
        st.sampled_from(MISHAPS),
        st.none() | EDITS,
    ),
    max_size=3,
)


class SyncMachine(RuleBasedStateMachine):
    """One event and its room."""

    rig: Rig

    @initialize(
        rules=st.sampled_from(RULES),
        start=ahead,
        invited=st.lists(guests, max_size=3, unique=True),
        takes_length=yes_or_no,
        wrapped=yes_or_no,
        everywhere=yes_or_no,
        deletes=st.sampled_from(["refuse", "cancel", "delete"]),
        drops=yes_or_no,
    )
    def begin(
        self,
        *,
        rules: list[str] | None,
        start: int,
        invited: list[str],
        takes_length: bool,
        wrapped: bool,
        everywhere: bool,
        deletes: Any,
        drops: bool,
    ) -> None:
        rig = self.rig
        rig.begin()
        switches = rig.livestorm.switches
        switches.estimated_duration_write = "accept" if takes_length else "ignore"
        switches.description_stored = "wrapped" if wrapped else "as_sent"
        switches.remove_person_scope = "event" if everywhere else "session"
        switches.delete_session = deletes
        rig.google.switches.series_time_change = "drop_exceptions" if drops else "keep_exceptions"
        self.people = People(rig)
        self.truth = Truth(rig, self.people)
        self.people.make(start, 60, rules, invited)

    # What people do.

    @rule(edit=EDITS)
    def edit(self, edit: tuple[Any, ...]) -> None:
        self.people.do(edit)

    @rule(edit=EDITS)
    def edit_and_settle(self, edit: tuple[Any, ...]) -> None:
        self.people.do(edit)
        self.rig.settle()

    @rule(first=EDITS, second=EDITS)
    def edit_twice(self, first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
        self.people.do(first)
        self.rig.pass_time(seconds=3)
        self.people.do(second)

    @rule(
        part=st.sampled_from(["title", "description"]),
        texts=st.permutations(["This", "That"]),
        calendar_first=yes_or_no,
    )
    def both_sides_edit_the_same(
        self, part: str, texts: list[str], *, calendar_first: bool
    ) -> None:
        sides = ["calendar", "livestorm"] if calendar_first else ["livestorm", "calendar"]
        for side, text in zip(sides, texts, strict=True):
            self.people.do((f"{side}_{part}", text))
            self.rig.pass_time(seconds=3)

    @rule(end=ENDS, really=seldom)
    def end(self, end: tuple[Any, ...], *, really: bool) -> None:
        if really:
            self.people.do(end)

    @rule(at_once=yes_or_no)
    def look_at_the_card(self, *, at_once: bool) -> None:
        life = self.people.life
        if life is not None:
            link = self.rig.link(life.livestorm_id)
            self.rig.product.notices.touch(link.id, at_once=at_once)

    # What becomes of notifications and access.

    @rule(pushes=st.sampled_from(["kept", "lost", "doubled"]))
    def calendar_pushes(self, pushes: str) -> None:
        self.rig.pushes(pushes)

    @rule(webhooks=st.sampled_from(["kept", "lost", "doubled"]))
    def livestorm_calls(self, webhooks: str) -> None:
        self.rig.webhooks = webhooks

    @rule()
    def deliver(self) -> None:
        self.rig.deliver()

    @rule(side=st.sampled_from(["google", "livestorm"]), really=seldom)
    def access_is_revoked(self, side: str, *, really: bool) -> None:
        if really:
            (self.rig.revoke_google if side == "google" else self.rig.revoke_livestorm)()

    @rule()
    def reconnect(self) -> None:
        self.rig.reconnect()

    @rule(hours_later=st.sampled_from([0.001, 0.02, 0.5, 3, 26]))
    def time_passes(self, hours_later: float) -> None:
        self.rig.pass_time(hours=hours_later)

    # What the worker does.

    @rule(incidents=incidents)
    def calendars_are_listed(self, incidents: list[tuple[Any, ...]]) -> None:
        self.rig.look_at_calendars(self._incidents(incidents))

    @rule(incidents=incidents)
    def jobs_run(self, incidents: list[tuple[Any, ...]]) -> None:
        self.rig.run_jobs(self._incidents(incidents))

    @rule(incidents=incidents)
    def edits_are_noticed_and_carried(self, incidents: list[tuple[Any, ...]]) -> None:
        self.rig.deliver()
        self.rig.look_at_calendars()
        self.rig.run_jobs(self._incidents(incidents))

    @rule(incidents=incidents)
    def livestorm_is_polled(self, incidents: list[tuple[Any, ...]]) -> None:
        self.rig.look_at_livestorm(self._incidents(incidents))

    @rule()
    def quiet(self) -> None:
        rig = self.rig
        rig.quiet()
        self.truth.all_is_well()
        life = self.people.life
        if life is None:
            return
        # One more look at everything writes nothing.
        link = rig.link(life.livestorm_id)
        rig.product.notices.touch(link.id)
        rig.google.clear_log()
        rig.livestorm.clear_log()
        rig.settle()
        assert rig.writes() == []
        if link.state != "active":
            self.people.life = None

    @rule(rules=st.sampled_from(RULES), start=ahead)
    def make_another(self, rules: list[str] | None, start: int) -> None:
        if self.people.life is None:
            self.people.make(start, 60, rules, [])

    def teardown(self) -> None:
        if hasattr(self, "people"):
            self.quiet()

    def _incidents(self, drawn: list[tuple[Any, ...]]) -> list[Incident]:
        made = []
        for at, kind, edit in drawn:
            what = partial(self.people.do, edit) if edit else self.rig.all_jobs
            made.append(Incident(at, kind, what))
        return made


@pytest.fixture
def livestorm() -> Iterator[LivestormSimulator]:
    """A Livestorm whose ids are the same in every life, so that a life can be lived again."""
    simulator = LivestormSimulator(seed=1)
    with simulator.serve():
        yield simulator


@pytest.fixture
def settings_environment(settings_environment: dict[str, str]) -> dict[str, str]:
    """Three sessions for a series are as good as ten, and sooner looked at."""
    return {**settings_environment, "OCCURRENCE_SESSIONS": "3"}


def test_any_life_ends_in_peace(program: Program) -> None:
    assert program.product is not None
    kind = program.product.engine.dialect.name
    lives = int(os.environ.get("SYNC_MACHINE_LIVES", LIVES[kind]))
    with sync_rig.rig(program) as rig:
        SyncMachine.rig = rig
        run_state_machine_as_test(
            SyncMachine,
            settings=settings(
                max_examples=lives,
                stateful_step_count=STEPS,
                suppress_health_check=list(HealthCheck),
                phases=PHASES,
            ),
        )
