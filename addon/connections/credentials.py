"""Give calls the credential of a person: fresh, and refreshed by one process at a time."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
import structlog

from addon import clock
from addon.livestorm import (
    Credential,
    FailureKind,
    Livestorm,
    LivestormFailure,
    Urgency,
    Workspace,
)
from addon.livestorm.oauth import OAuthClient, Tokens
from addon.store import connections as store
from addon.store import users
from addon.store.users import Account, Connection
from addon.store.vault import Vault, VaultError

REFRESH_AHEAD = timedelta(minutes=2)
"""An access token this close to its end is refreshed first: longer than any one piece of work."""

REFRESH_LEASE = timedelta(seconds=15)
"""A refresh is one request of at most ten seconds; whoever takes longer has died."""

WAIT_SECONDS = 0.1
"""Pause between two looks for the token that another process is fetching."""

OAUTH = "oauth"
API_TOKEN = "api_token"  # noqa: S105 - a kind of connection, no secret

_log = structlog.get_logger(__name__)

T = TypeVar("T")


class NotConnected(Exception):
    """The person has no usable Livestorm connection and has to connect (again)."""


def if_there(ask: Callable[[], T]) -> T | None:
    """Ask for what can be done without, should this API not have it.

    Raises:
        LivestormFailure: for any other reason.
    """
    try:
        return ask()
    except LivestormFailure as failure:
        if failure.kind is not FailureKind.NOT_FOUND:
            raise
        return None


class Connections:
    """Opens workspaces for people. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        vault: Vault,
        livestorm: Livestorm,
        oauth: OAuthClient | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`oauth` is None where people connect with a workspace API token instead."""
        self._engine = engine
        self._vault = vault
        self._livestorm = livestorm
        self._oauth = oauth
        self._sleep = sleep

    def require(self, account: Account) -> Connection:
        """Return the account's usable connection.

        Raises:
            NotConnected: there is none.
        """
        connection = account.connection
        if connection is None:
            raise NotConnected("no Livestorm connection")
        if not connection.usable:
            raise NotConnected("Livestorm no longer accepts the connection")
        return connection

    def find(self, user_id: str) -> Account | None:
        """Return the account with our own id, None when it is gone."""
        return users.account(self._engine, user_id)

    def account(self, user_id: str) -> Account:
        """Return the account with our own id.

        Raises:
            NotConnected: it is gone.
        """
        account = self.find(user_id)
        if account is None:
            raise NotConnected("the account is gone")
        return account

    def workspace(
        self, account: Account, *, urgency: Urgency, deadline: float | None = None
    ) -> Workspace:
        """Return the account's workspace, opened with a token that is good for a while.

        Args:
            account: Whose.
            urgency: Which calls go first when the workspace's allowance is short.
            deadline: `time.monotonic()` value at which every call gives up.

        Raises:
            NotConnected: there is no connection, or its grant has ended.
            LivestormFailure: the token had to be refreshed and could not be now.
        """
        connection = self.require(account)
        secret = self._open(account, connection)
        if connection.kind == API_TOKEN:
            authorization = secret["token"] or ""
        elif connection.expires_at is None or connection.expires_at > clock.now() + REFRESH_AHEAD:
            authorization = f"Bearer {secret['access_token']}"
        else:
            authorization = self._refreshed(account, connection, deadline)
        credential = Credential(authorization=authorization, workspace=connection.workspace_id)
        return self._livestorm.as_(credential, urgency=urgency, deadline=deadline)

    def renewed(
        self, account: Account, *, urgency: Urgency, deadline: float | None = None
    ) -> Workspace:
        """Return the workspace with a new token, after Livestorm refused the account's own.

        Raises:
            LivestormFailure: UNAUTHORIZED when there is no new one to be had; others as they come.
        """
        current = self.account(account.user_id)
        connection = self.require(current)
        if (
            account.connection is not None
            and connection.generation == account.connection.generation
        ):
            if connection.kind == API_TOKEN:
                store.refuse(self._engine, account.user_id, connection.generation)
                raise LivestormFailure(
                    FailureKind.UNAUTHORIZED, detail="Livestorm refuses the API token"
                )
            try:
                authorization = self._refreshed(current, connection, deadline)
            except NotConnected as error:
                raise LivestormFailure(FailureKind.UNAUTHORIZED, detail=str(error)) from None
            credential = Credential(authorization=authorization, workspace=connection.workspace_id)
            return self._livestorm.as_(credential, urgency=urgency, deadline=deadline)
        return self.workspace(current, urgency=urgency, deadline=deadline)

    def owner(self, account: Account, workspace: Workspace) -> str | None:
        """Return Livestorm's person id of who owns this person's events, looked up only once.

        Raises:
            LivestormFailure: Livestorm could not be asked.
        """
        connection = self.require(account)
        return connection.owner_id or self.owner_anew(account, workspace)

    def owner_anew(self, account: Account, workspace: Workspace) -> str | None:
        """Look the owner up, whatever is remembered; None when no team member fits.

        Livestorm takes the People id of a team member (POST /events, `owner_id`), which GET
        /people with role and e-mail finds.

        Raises:
            LivestormFailure: Livestorm could not be asked.
        """
        email = self.require(account).owner_email or account.email
        if email is None:
            return None
        wanted = email.casefold()
        found = [
            person
            for person in if_there(lambda: workspace.team_members(email=email)) or []
            if person.email is not None and person.email.casefold() == wanted
        ]
        owner_id = found[0].id if found else None
        store.remember_owner(self._engine, account.user_id, owner_id)
        return owner_id

    def sign_out(self, account: Account) -> bool:
        """Revoke the tokens at Livestorm and erase them here; erased even if revoking fails.

        Returns False when it failed, so that the person has to remove the access in Livestorm.
        """
        connection = account.connection
        if connection is None:
            return True
        try:
            return self._revoked(account, connection)
        finally:
            store.forget(self._engine, account.user_id)

    def _revoked(self, account: Account, connection: Connection) -> bool:
        """Ask Livestorm once to end each token; return whether it did."""
        if connection.kind != OAUTH or self._oauth is None:
            return True
        try:
            secret = self._open(account, connection)
        except NotConnected as failure:
            _log.warning("tokens_not_revoked", reason=str(failure))
            return False
        ended = True
        for token in (secret.get("refresh_token"), secret.get("access_token")):
            try:
                if token:
                    self._oauth.revoke(token)
            except LivestormFailure as failure:
                # Not the end: the other one would go on opening the workspace.
                _log.warning("tokens_not_revoked", reason=str(failure))
                ended = False
        return ended

    def _refreshed(self, account: Account, connection: Connection, deadline: float | None) -> str:
        """Return the authorization after a refresh made here or, meanwhile, somewhere else."""
        give_up = deadline or time.monotonic() + REFRESH_LEASE.total_seconds()
        while True:
            if store.begin_refresh(
                self._engine, account.user_id, connection.generation, clock.now(), REFRESH_LEASE
            ):
                return self._refresh(account, connection, deadline)
            self._sleep(WAIT_SECONDS)
            current = self.require(self.account(account.user_id))
            if current.generation != connection.generation:
                secret = self._open(account, current)
                return f"Bearer {secret['access_token']}"
            if time.monotonic() > give_up:
                raise LivestormFailure(
                    FailureKind.UNAVAILABLE, detail="another process is still refreshing the token"
                )

    def _refresh(self, account: Account, connection: Connection, deadline: float | None) -> str:
        secret = self._open(account, connection)
        refresh_token = secret.get("refresh_token")
        if self._oauth is None or not refresh_token:
            store.refuse(self._engine, account.user_id, connection.generation)
            raise NotConnected("the access token ended and nothing renews it")
        try:
            tokens = self._oauth.refresh(refresh_token, deadline=deadline)
        except LivestormFailure as failure:
            if failure.kind is FailureKind.UNAUTHORIZED:
                store.refuse(self._engine, account.user_id, connection.generation)
                raise NotConnected("Livestorm ended the grant") from None
            store.end_refresh(
                self._engine, account.user_id, connection.generation, sealed=None, expires_at=None
            )
            raise
        store.end_refresh(
            self._engine,
            account.user_id,
            connection.generation,
            sealed=self._vault.seal(account.user_id, sealable(tokens)),
            expires_at=tokens.expires_at,
        )
        return tokens.authorization

    def _open(self, account: Account, connection: Connection) -> dict[str, str | None]:
        try:
            return self._vault.open(account.user_id, connection.sealed)
        except VaultError as error:
            _log.error("secret_not_readable", user=account.user_id, reason=str(error))
            raise NotConnected("the stored secret cannot be read") from None


def sealable(tokens: Tokens) -> dict[str, str | None]:
    """What of `tokens` is kept."""
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "scope": tokens.scope,
    }
