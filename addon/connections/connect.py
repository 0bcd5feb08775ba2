"""Connect a person to Livestorm: by OAuth in a pop-up, or with a workspace API token."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
import structlog

from addon import clock
from addon.connections.credentials import API_TOKEN, OAUTH, if_there, sealable
from addon.livestorm import (
    Credential,
    FailureKind,
    Livestorm,
    LivestormFailure,
    Me,
    Organization,
    Person,
    Urgency,
    Workspace,
)
from addon.livestorm.oauth import OAuthClient, new_verifier
from addon.store import connections as store
from addon.store import tickets, users
from addon.store.allowance import of_whoever_connects
from addon.store.vault import Vault

CONNECT = "connect-livestorm"
"""Purpose of the tickets that open the connect page."""

MAX_API_TOKEN = 4096
"""Livestorm's API tokens are JWTs of some 200 characters."""

_log = structlog.get_logger(__name__)


class ConnectProblem(Enum):
    """Why a person was not connected; the closed set that pages explain."""

    REFUSED = "refused"  # Livestorm does not accept the code or the token
    FORBIDDEN = "forbidden"  # accepted, but it may not do what the product needs
    NO_TEAM_MEMBER = "no_team_member"  # nobody with this address belongs to the workspace
    UNAVAILABLE = "unavailable"  # Livestorm does not answer, or asks us to wait
    ACCOUNT_GONE = "account_gone"  # the person's data was erased meanwhile


class ConnectRefused(Exception):
    """The person was not connected."""

    def __init__(self, problem: ConnectProblem) -> None:
        """Hold why."""
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True)
class Connected:
    """Whose Livestorm account is connected now, for the page that says so."""

    workspace_name: str
    livestorm_email: str | None
    google_email: str | None


@dataclass(frozen=True)
class Consent:
    """A code flow on its way: where to send the browser, and what to keep until it is back."""

    url: str
    verifier: str = field(repr=False)


class Connecting:
    """Connects people. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        vault: Vault,
        livestorm: Livestorm,
        oauth: OAuthClient | None,
        callback_url: str,
    ) -> None:
        """`callback_url` is where Livestorm sends the browser back to."""
        self._engine = engine
        self._vault = vault
        self._livestorm = livestorm
        self._oauth = oauth
        self._callback_url = callback_url

    @property
    def uses_oauth(self) -> bool:
        """Whether people sign in to Livestorm; otherwise they paste an API token."""
        return self._oauth is not None

    def ticket(self, user_id: str) -> str:
        """Return a one-use ticket that opens the connect page for this person."""
        return tickets.issue(self._engine, user_id, CONNECT, clock.now())

    def redeem(self, ticket: str) -> str | None:
        """Use a ticket up; return our id of the person it was made for, or None."""
        return tickets.redeem(self._engine, ticket, CONNECT, clock.now())

    def consent(self, state: str) -> Consent:
        """Begin a code flow that will come back with `state`.

        Raises:
            LookupError: no OAuth client is configured.
        """
        if self._oauth is None:
            raise LookupError("no Livestorm OAuth client is configured")
        verifier = new_verifier()
        url = self._oauth.authorize_url(
            redirect_uri=self._callback_url, state=state, verifier=verifier
        )
        return Consent(url=url, verifier=verifier)

    def with_code(self, user_id: str, code: str, verifier: str) -> Connected:
        """Finish a code flow: trade the code, find out who it is, store the connection.

        Raises:
            ConnectRefused: with the reason.
        """
        if self._oauth is None:
            raise ConnectRefused(ConnectProblem.REFUSED)
        try:
            tokens = self._oauth.exchange_code(
                code, redirect_uri=self._callback_url, verifier=verifier
            )
            workspace = self._workspace(user_id, tokens.authorization)
            me = if_there(workspace.me) or Me(None, workspace.organization())
            google_email = self._google_email(user_id)
            livestorm_email = me.user.email if me.user else None
            owner = self._team_member(workspace, livestorm_email or google_email)
        except LivestormFailure as failure:
            raise _refused(failure) from None
        owner_email = livestorm_email or (owner.email if owner else None)
        self._save(
            user_id,
            me.organization,
            kind=OAUTH,
            secret=sealable(tokens),
            expires_at=tokens.expires_at,
            owner=owner,
            owner_email=owner_email,
        )
        return Connected(me.organization.name, owner_email, google_email)

    def with_api_token(self, user_id: str, token: str, email: str | None) -> Connected:
        """Check a workspace API token and store it.

        The token stands for the workspace and for nobody in it, so events need an owner: the
        team member with `email`, or with the person's Google address, or the only one there is;
        nobody only where Livestorm shows no team.

        Raises:
            ConnectRefused: with the reason.
        """
        token = token.strip()
        if not token.isascii() or not token.isprintable() or not 0 < len(token) <= MAX_API_TOKEN:
            raise ConnectRefused(ConnectProblem.REFUSED)
        google_email = self._google_email(user_id)
        try:
            workspace = self._workspace(user_id, token)
            # Needs no right, so it tells a token that is over from one that may not do enough.
            if_there(workspace.ping)
            # An API token's "who am I" is its workspace too.
            organization = if_there(workspace.organization) or workspace.me().organization
            owner = self._team_member(workspace, email or google_email)
            team = [owner] if owner else if_there(workspace.team_members) or []
            if owner is None and email is None:
                owner = _only(team)
        except LivestormFailure as failure:
            raise _refused(failure) from None
        # Where nobody can be chosen, Livestorm chooses, or says who is missing.
        if owner is None and team:
            raise ConnectRefused(ConnectProblem.NO_TEAM_MEMBER)
        self._save(
            user_id,
            organization,
            kind=API_TOKEN,
            secret={"token": token},
            expires_at=None,
            owner=owner,
            owner_email=owner.email if owner else email,
        )
        return Connected(organization.name, owner.email if owner else email, google_email)

    def _workspace(self, user_id: str, authorization: str) -> Workspace:
        # Which workspace it is turns out only now; until then its calls count for this person.
        workspace = of_whoever_connects(user_id)
        credential = Credential(authorization=authorization, workspace=workspace)
        return self._livestorm.as_(credential, urgency=Urgency.PERSON_WAITING)

    def _team_member(self, workspace: Workspace, email: str | None) -> Person | None:
        if not email:
            return None
        wanted = email.strip().casefold()
        people = if_there(lambda: workspace.team_members(email=email.strip())) or []
        return next((p for p in people if p.email and p.email.casefold() == wanted), None)

    def _google_email(self, user_id: str) -> str | None:
        account = users.account(self._engine, user_id)
        if account is None:
            raise ConnectRefused(ConnectProblem.ACCOUNT_GONE)
        return account.email

    def _save(
        self,
        user_id: str,
        organization: Organization,
        *,
        kind: str,
        secret: dict[str, str | None],
        expires_at: datetime | None,
        owner: Person | None,
        owner_email: str | None,
    ) -> None:
        store.save(
            self._engine,
            user_id=user_id,
            workspace_id=organization.id,
            workspace_name=organization.name,
            workspace_slug=organization.slug,
            kind=kind,
            sealed=self._vault.seal(user_id, secret),
            expires_at=expires_at,
            owner_id=owner.id if owner else None,
            owner_email=owner_email,
            now=clock.now(),
        )
        _log.info("livestorm_connected", user=user_id, workspace=organization.id, kind=kind)


def _only(people: list[Person]) -> Person | None:
    return people[0] if len(people) == 1 else None


_PROBLEMS = {
    FailureKind.UNAUTHORIZED: ConnectProblem.REFUSED,
    FailureKind.INVALID: ConnectProblem.REFUSED,
    FailureKind.FORBIDDEN: ConnectProblem.FORBIDDEN,
}


def _refused(failure: LivestormFailure) -> ConnectRefused:
    _log.warning("livestorm_not_connected", reason=str(failure))
    return ConnectRefused(_PROBLEMS.get(failure.kind, ConnectProblem.UNAVAILABLE))
