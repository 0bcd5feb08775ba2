"""Two companies, the program between them, and short words for what tests do with them.

Looks are made one by one by the test itself, so that it knows what each of them did.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from addon.clock import now
from addon.connections import Connections
from addon.connections.activation import Activation
from addon.google.calendar import CalendarApi
from addon.google.consent import SCOPES
from addon.jobs import LinkWakes
from addon.store import channels, connections, grants, links, users
from addon.store.channels import Channel
from addon.store.tables import allowances, calendars, workspace_watches
from addon.store.tables import links as links_table
from addon.store.vault import Vault
from addon.sync.notice import Notices, Noticing, Pauses
from addon.sync.notice.budget import POLL_CALLS
from sandbox.google import DEFAULT_CLIENT_ID
from sandbox.simulation import LoggedCall
from tests.support.program import Program

CAMILLE = "camille@acme.test"
SAM = "sam@acme.test"

SWEEP_SECONDS = 600.0
POLL_SECONDS = 60.0

LIST = r"/events$"
"""Path of a list among Google's calls; a GET."""

one_kind = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what cannot depend on the kind of database."""

_numbers = itertools.count(1)


@dataclass
class Pair:
    """A link and the two events it joins."""

    id: str
    user_id: str
    calendar_id: str
    event_id: str
    livestorm_event_id: str
    livestorm_session_id: str


@dataclass
class Rig:
    program: Program
    engine: sa.Engine
    wakes: LinkWakes
    activation: Activation
    people: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.google = self.program.google
        self.livestorm = self.program.livestorm
        self.noticing = self.new_noticing()
        self.notices = Notices(
            engine=self.engine, wakes=self.wakes, channels=self.noticing.channels
        )

    def new_noticing(
        self,
        *,
        key: str = "tests-only",
        poll: float = POLL_SECONDS,
        base_url: str | None = None,
        **options: Any,
    ) -> Noticing:
        """What another worker, or one with other options, would have."""
        product = self.program.product
        assert product is not None
        api: CalendarApi = product.calendar
        livestorm: Connections = product.connections
        return Noticing(
            engine=self.engine,
            wakes=self.wakes,
            activation=self.activation,
            connections=livestorm,
            api=api,
            base_url=base_url or self.program.url,
            webhook_key=key,
            pauses=Pauses(sweep=SWEEP_SECONDS, poll=poll),
            **options,
        )

    # People

    def person(self, email: str = CAMILLE, *, livestorm_scopes: Any = None) -> str:
        """Return somebody who has activated and is connected to Livestorm, as our id."""
        if email in self.people:
            return self.people[email]
        account = users.account_of(self.engine, self.google.accounts[email].sub, email, now())
        self.activate(email, account.user_id)
        world = self.livestorm.world
        scopes = {} if livestorm_scopes is None else {"scopes": livestorm_scopes}
        connections.save(
            self.engine,
            user_id=account.user_id,
            workspace_id=world.workspace.id,
            workspace_name="Acme",
            workspace_slug="acme",
            kind="api_token",
            sealed=self.vault.seal(account.user_id, {"token": world.api_token(**scopes)}),
            expires_at=None,
            owner_id=None,
            owner_email=email,
            now=now(),
        )
        self.people[email] = account.user_id
        return account.user_id

    def activate(self, email: str, user_id: str) -> None:
        refresh_token = self.google.refresh_token(email, SCOPES)
        access_token = self.google.access_token(email, SCOPES, client_id=DEFAULT_CLIENT_ID)
        grants.save(
            self.engine,
            user_id=user_id,
            sealed=self.vault.seal(
                user_id, {"access_token": access_token, "refresh_token": refresh_token}
            ),
            expires_at=now() + timedelta(hours=1),
            scopes=" ".join(SCOPES),
            now=now(),
        )

    @property
    def vault(self) -> Vault:
        return Vault([self.program.environment["TOKEN_KEYS"]])

    # Links

    def pair(
        self,
        *,
        email: str = CAMILLE,
        calendar_id: str | None = None,
        watched: bool = True,
        **event: Any,
    ) -> Pair:
        """Make a pair of events and their link, and have both sides watched."""
        user_id, number = self.person(email), next(_numbers)
        calendar = calendar_id or email
        body = {
            "summary": f"Webinar {number}",
            "start": {"dateTime": "2030-03-10T15:00:00+01:00", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2030-03-10T16:00:00+01:00", "timeZone": "Europe/Paris"},
            **event,
        }
        inserted = self.google.world.insert_event(calendar, body, actor=email)
        made = self.livestorm.world.add_event(
            body["summary"], owner=CAMILLE, starts_at=now().timestamp() + 86_400 * 30
        )
        [session] = [
            one for one in self.livestorm.world.sessions.values() if one.event_id == made.id
        ]
        new = links.NewLink(
            workspace_id=self.workspace_id,
            ical_uid=inserted["iCalUID"],
            livestorm_event_id=made.id,
            livestorm_session_id=session.id,
            room_link="https://example.test/room",
            title=body["summary"],
            starts_at=now() + timedelta(days=30),
            timezone="Europe/Paris",
            template_event_id=None,
            template_title=None,
            placeholder=False,
            held=False,
            recurring="recurrence" in body,
        )
        with self.engine.begin() as connection:
            link = links.add(
                connection,
                user_id=user_id,
                calendar_id=calendar,
                event_id=inserted["id"],
                new=new,
                now=now(),
            )
        if watched:
            self.notices.ensure_calendar(user_id, calendar)
            self.notices.ensure_workspace(self.workspace_id)
        return Pair(link.id, user_id, calendar, inserted["id"], made.id, session.id)

    def settled(self, **event: Any) -> Pair:
        """A pair that was noticed and compared: nothing is outstanding, no call logged."""
        pair = self.pair(**event)
        self.look()
        self.compare()
        self.clear_logs()
        return pair

    @property
    def workspace_id(self) -> str:
        return self.livestorm.world.workspace.id

    def row(self, pair: Pair) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(
                sa.select(links_table).where(links_table.c.id == pair.id)
            ).one()

    def calendar(self, calendar_id: str = CAMILLE) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(
                sa.select(calendars).where(calendars.c.calendar_id == calendar_id)
            ).one()

    def watch(self) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(sa.select(workspace_watches)).one()

    def channels(self, email: str = CAMILLE) -> list[Channel]:
        return channels.of_user(self.engine, self.people[email])

    def marked(self) -> set[str]:
        """The links with outstanding work."""
        with self.engine.connect() as connection:
            behind = links_table.c.dirty_seq > links_table.c.synced_seq
            return set(connection.scalars(sa.select(links_table.c.id).where(behind)))

    def compare(self, *pairs: Pair) -> None:
        """Do as if the jobs of marked links, or of these, had compared them and found nothing."""
        for link_id in {pair.id for pair in pairs} or self.marked():
            with self.engine.begin() as connection:
                claim = self.wakes.claim(connection, link_id)
                assert claim is not None
                assert self.wakes.complete(connection, claim)
                connection.execute(
                    sa.update(links_table)
                    .where(links_table.c.id == link_id)
                    .values(compared_at=now(), people_read_seq=links_table.c.people_seq)
                )

    # Looks

    def look(self, noticing: Noticing | None = None) -> int:
        """Look at every calendar that is stamped, until none is; return how many looks."""
        looks = (noticing or self.noticing).calendars
        self.delivered()
        made = 0
        while taken := looks.take(8):
            for calendar in taken:
                looks.look(calendar)
                made += 1
            self.delivered()
            assert made < 50, "a calendar is listed again and again"
        return made

    def look_at_workspace(self, noticing: Noticing | None = None) -> int:
        """Look at every workspace that is due; return how many looks."""
        looks = (noticing or self.noticing).workspaces
        taken = looks.take(8)
        for watch in taken:
            looks.look(watch)
        assert self.livestorm.settle()
        return len(taken)

    def poll(self) -> None:
        """Poll the workspace now, due or not: as one with many events, whose listing is not due."""
        self.noted(pages=POLL_CALLS + 1, listed_at=now().isoformat())
        self.look_now()

    def list_events(self) -> None:
        """List the workspace now, due or not: as one with few events, where that is all."""
        self.noted(pages=1, listed_at=None, tells_all=True)
        self.look_now()

    def look_now(self) -> None:
        """Look at the workspace now, due or not, once all is delivered that tells of it."""
        assert self.livestorm.settle()
        with self.engine.begin() as connection:
            connection.execute(sa.update(workspace_watches).values(next_poll_at=now()))
        assert self.look_at_workspace() == 1

    def noted(self, **notes: Any) -> None:
        """Have this remembered of the latest look at the workspace."""
        with self.engine.begin() as connection:
            row = connection.execute(sa.select(workspace_watches)).one()
            connection.execute(
                sa.update(workspace_watches).values(subscriptions=row.subscriptions | notes)
            )

    def stirred(self, ago: timedelta, **values: Any) -> None:
        """Let something have happened in the workspace so long ago; `values`: other columns."""
        with self.engine.begin() as connection:
            connection.execute(sa.update(workspace_watches).values(active_at=now() - ago, **values))

    def spend(self, used: int) -> None:
        """Let the workspace have used so much of its month."""
        with self.engine.begin() as connection:
            connection.execute(sa.update(allowances).values(used=used))

    def delivered(self) -> None:
        if self.google.switches.webhook_delivery == "manual":
            self.google.deliver_notifications()
        else:
            assert self.google.wait_for_notifications()

    # What was asked of the two companies

    def clear_logs(self) -> None:
        self.google.clear_log()
        self.livestorm.clear_log()

    def lists(self) -> list[LoggedCall]:
        return self.google.log.matching("GET", LIST)

    def livestorm_calls(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.livestorm.log]

    # Messages

    def ring(self, channel: Channel | None = None, **headers: str) -> requests.Response:
        """Send a push message; by default of a channel, with a token that is not known."""
        values = {
            "X-Goog-Channel-ID": channel.id if channel else "nobodys",
            "X-Goog-Resource-ID": (channel.resource_id or "") if channel else "",
            "X-Goog-Resource-State": "exists",
            "X-Goog-Message-Number": "17",
        }
        values |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.program.post("/hooks/google", headers=values)

    def webhook_urls(self) -> list[str]:
        webhooks = self.livestorm.world.workspace.webhooks.values()
        return [one.url for one in webhooks]

    def deliver(self, body: Mapping[str, Any], url: str | None = None) -> requests.Response:
        """Post a webhook's delivery to us."""
        return self.program.http.post(url or self.webhook_urls()[0], json=body, timeout=10)


def rig_of(program: Program) -> Rig:
    """Put a rig on a program that runs in this process; nobody counts its calls to Livestorm."""
    assert program.product is not None
    product = program.product
    program.livestorm.switches.limits_enabled = False
    return Rig(program, product.engine, product.wakes, product.activation)


def patch(rig: Rig, pair: Pair, **changes: Any) -> None:
    """Edit a pair's event the way a person does in Calendar."""
    rig.google.world.patch_event(pair.calendar_id, pair.event_id, changes)


def refusal(code: int, reason: str) -> str:
    """The body of a refusal by Google."""
    return f'{{"error": {{"code": {code}, "errors": [{{"reason": "{reason}"}}]}}}}'
