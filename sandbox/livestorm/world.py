"""The state of the simulated Livestorm, and the shortcuts by which tests fill it."""

import base64
import hashlib
import hmac
import json
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from sandbox.livestorm.grants import SCOPES, Grants, Tokens
from sandbox.livestorm.records import (
    ApiToken,
    Event,
    Mail,
    Member,
    Person,
    Registration,
    Session,
    Workspace,
)
from sandbox.livestorm.switches import Switches

Announce = Callable[[str, Workspace, object], None]
"""Called with a webhook event's name, the workspace and the record it is about."""


class World:
    """Everything the simulated Livestorm knows.

    Hold ``lock`` while reading or changing more than one thing.

    Args:
        switches: The unknowns.
        app_url: Returns the origin that links start with.
        seed: Makes ids deterministic when given.
    """

    def __init__(
        self, switches: Switches, app_url: Callable[[], str], seed: int | None = None
    ) -> None:
        self.lock = threading.RLock()
        self.switches = switches
        self.workspaces: dict[str, Workspace] = {}
        self.grants = Grants()
        self.api_tokens: dict[str, ApiToken] = {}
        self.announce: Announce = lambda _name, _workspace, _record: None
        self.later: Callable[[float, Callable[[], None]], None] = lambda _seconds, do: do()
        self._app_url = app_url
        self._random = random.Random(seed) if seed is not None else random.SystemRandom()

    # Identity and time

    def now(self) -> float:
        """The simulator's clock, Unix seconds."""
        return time.time()

    def stamp(self) -> int:
        """The clock in whole seconds, as Livestorm stores times."""
        return int(time.time())

    def new_id(self) -> str:
        """Return a new UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def new_key(self) -> str:
        """Return a personal key: 22 hexadecimal characters (§3.1)."""
        return f"{self._random.getrandbits(88):022x}"

    # Looking up

    @property
    def events(self) -> dict[str, Event]:
        """All events of all workspaces, by id."""
        with self.lock:
            return {
                event.id: event
                for workspace in self.workspaces.values()
                for event in workspace.events.values()
            }

    @property
    def sessions(self) -> dict[str, Session]:
        """All sessions of all workspaces, by id."""
        with self.lock:
            return {
                session.id: session
                for workspace in self.workspaces.values()
                for session in workspace.sessions.values()
            }

    @property
    def mails(self) -> list[Mail]:
        """All e-mails, workspace by workspace, oldest first."""
        with self.lock:
            return [mail for one in self.workspaces.values() for mail in one.mails]

    @property
    def workspace(self) -> Workspace:
        """The first workspace, the one most tests use."""
        return next(iter(self.workspaces.values()))

    def workspace_of(self, event_id: str) -> Workspace | None:
        """Return the workspace that holds an event."""
        return next((one for one in self.workspaces.values() if event_id in one.events), None)

    def member(self, email: str) -> tuple[Workspace, Member]:
        """Return a team member and the workspace, by address.

        Raises:
            LookupError: No team member has it.
        """
        for workspace in self.workspaces.values():
            for member in workspace.members:
                if member.person.email == email.lower():
                    return workspace, member
        raise LookupError(f"no team member {email}")

    def user_id(self, member: Member) -> str:
        """Return a team member's user id, which may or may not be the people id (§3.3)."""
        return member.person.id if self.switches.user_ids_equal_people_ids else member.user_id

    # Links (§3.2)

    def registration_link(self, event: Event) -> str:
        """Return the page where people sign up."""
        return f"{self._app_url()}/p/{event.id}"

    def room_link(self, session: Session) -> str:
        """Return the link of a session's room, the same for everybody."""
        return f"{self._app_url()}/p/{session.event_id}/live?s={session.id}"

    def connection_link(self, session: Session, registration: Registration) -> str:
        """Return a registrant's personal link; a team member's has no key (§3.1)."""
        query = {"email": registration.person.email}
        if registration.password_key is not None:
            query["key"] = registration.password_key
        query["s"] = session.id
        return f"{self._app_url()}/p/{session.event_id}/live?{urlencode(query)}"

    # Filling the world

    def add_workspace(
        self,
        name: str,
        members: Iterable[tuple[str, str, str]] = (),
        *,
        workspace_id: str | None = None,
        timezone: str = "Europe/Paris",
    ) -> Workspace:
        """Add a workspace.

        Args:
            name: Its name; the slug is made from it.
            members: (e-mail, first name, last name) each; the first becomes admin.
            workspace_id: Its id, a new one by default.
            timezone: IANA name of its zone.
        """
        with self.lock:
            slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
            workspace = Workspace(workspace_id or self.new_id(), name, slug, timezone)
            self.workspaces[workspace.id] = workspace
            for email, first_name, last_name in members:
                self.add_member(workspace, email, first_name, last_name)
            return workspace

    def add_member(
        self,
        workspace: Workspace,
        email: str,
        first_name: str | None = None,
        last_name: str | None = None,
        *,
        pending_invite: bool = False,
    ) -> Member:
        """Add a team member; the first one of a workspace is its admin."""
        with self.lock:
            stamp = self.stamp()
            person = Person(
                self._seeded_id("person", email),
                email.lower(),
                first_name,
                last_name,
                "team_member",
                stamp,
                stamp,
                workspace.timezone,
            )
            workspace.add_person(person)
            member = Member(
                self._seeded_id("user", email),
                person,
                "moderator" if workspace.members else "host",
                pending_invite=pending_invite,
            )
            workspace.members.append(member)
            return member

    def add_event(
        self,
        title: str,
        *,
        owner: str | None = None,
        starts_at: float | None = None,
        timezone: str | None = None,
        workspace: Workspace | None = None,
        **attributes: Any,
    ) -> Event:
        """Add an event as a person in Livestorm would, webhooks included.

        Args:
            title: Its title.
            owner: Address of a team member, the workspace's first by default.
            starts_at: Start of a first session, Unix seconds; ``None`` for no session.
            timezone: Zone of that session.
            workspace: Where to add it, the first one by default.
            attributes: Any further attribute of the event, such as ``slug`` or ``chat_enabled``.
        """
        from sandbox.livestorm.changes import events, sessions  # noqa: PLC0415 (they need World)

        with self.lock:
            where = workspace or self.workspace
            person = self.member(owner)[1].person if owner else where.members[0].person
            event = events.create_event(
                self, where, owner=person, title=title, status="published", **attributes
            )
            if starts_at is not None:
                sessions.create_session(
                    self, where, event, starts_at=int(starts_at), timezone=timezone
                )
            return event

    def api_token(self, workspace: Workspace | None = None, scopes: Iterable[str] = SCOPES) -> str:
        """Return a private token of a workspace: a JWT without user and expiry (§1.2).

        The same workspace and scopes always give the same token.
        """
        with self.lock:
            where = workspace or self.workspace
            granted = frozenset(scopes)
            name = f"{where.id} {' '.join(sorted(granted))}"
            claims = {
                "aud": "api.livestorm.co",
                "jti": str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
                "iat": 1700000000,
                "org": where.id,
            }
            token = _jwt(claims)
            self.api_tokens[token] = ApiToken(token, where.id, granted)
            return token

    def grant(self, email: str, scopes: Iterable[str] = SCOPES) -> Tokens:
        """Return OAuth tokens of a team member, as if they had just authorized the sandbox."""
        with self.lock:
            workspace, member = self.member(email)
            token = self.grants.issue_tokens(
                client_id="sandbox-client",
                workspace_id=workspace.id,
                user_id=member.user_id,
                scope=" ".join(scopes),
                expires_in=self.switches.oauth_token_seconds,
                now=self.now(),
            )
            return token.tokens

    def touch(self, event: Event, session: Session | None = None) -> None:
        """Note that an event, or one of its sessions, has changed now."""
        if session is None or self.switches.session_moves_event:
            event.updated_at = self.stamp()
        if session is not None:
            session.updated_at = self.stamp()

    def _seeded_id(self, kind: str, name: str) -> str:
        # Stable over restarts of the sandbox, so that remembered owners stay right.
        made = str(uuid.uuid5(uuid.NAMESPACE_URL, f"livestorm-simulator:{kind}:{name.lower()}"))
        taken = any(
            made in workspace.people or any(one.user_id == made for one in workspace.members)
            for workspace in self.workspaces.values()
        )
        return self.new_id() if taken else made


def _jwt(claims: dict[str, object]) -> str:
    head = _segment({"alg": "HS256", "typ": "JWT"})
    body = _segment(claims)
    signature = hmac.new(b"livestorm simulator", f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature.digest()).rstrip(b'=').decode()}"


def _segment(value: dict[str, object]) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
