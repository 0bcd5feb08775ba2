"""Activate and deactivate: a person's consent to keep their calendar and Livestorm the same."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

import sqlalchemy as sa
import structlog

from addon import clock
from addon.google.consent import (
    IDENTITY_SCOPES,
    SCOPES,
    SUFFICIENT_SCOPES,
    GoogleClient,
    GoogleTokens,
    new_verifier,
)
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.google.identity import CertificatesUnavailable, Identity, InvalidToken, Verifier
from addon.store import grants, tickets, users
from addon.store.grants import Grant
from addon.store.users import Account
from addon.store.vault import Vault, VaultError

REFRESH_AHEAD = timedelta(minutes=4)
"""google-auth's own margin is 3 min 45 s; a piece of work is over well within it."""

REFRESH_LEASE = timedelta(seconds=15)
"""A refresh is one request of at most ten seconds; whoever takes longer has died."""

WAIT_SECONDS = 0.1
"""Pause between two looks for the token that another process is fetching."""

ACTIVATE = "activate-google"
"""Purpose of the tickets that open the consent for a certain person."""

_log = structlog.get_logger(__name__)


class NotActivated(Exception):
    """The person has not activated, has deactivated, or Google has ended the grant."""


class ActivationProblem(Enum):
    """Why a consent came to nothing; the closed set that pages explain."""

    DENIED = "denied"  # the person said no
    REFUSED = "refused"  # Google does not accept the code
    CALENDAR_UNTICKED = "calendar_unticked"  # consented, but not to the calendar
    NO_OFFLINE = "no_offline"  # Google gave no refresh token
    UNAVAILABLE = "unavailable"  # Google does not answer


class ActivationRefused(Exception):
    """The consent came to nothing."""

    def __init__(self, problem: ActivationProblem) -> None:
        """Hold why."""
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True)
class GoogleFlow:
    """A consent on its way: where to send the browser, and what to keep until it is back."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


class Activation:
    """Activates people and opens their calendars. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        vault: Vault,
        client: GoogleClient,
        certs_url: str,
        callback_url: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`callback_url` is where Google sends the browser back to."""
        self._engine = engine
        self._vault = vault
        self._client = client
        self._verifier = Verifier(certs_url=certs_url, audiences=[client.client_id])
        self._callback_url = callback_url
        self._sleep = sleep

    def begin(self, *, state: str, calendar: bool, login_hint: str | None = None) -> GoogleFlow:
        """Begin a code flow: for the calendar, or only to learn who somebody is."""
        verifier = new_verifier()
        url = self._client.authorize_url(
            redirect_uri=self._callback_url,
            state=state,
            verifier=verifier,
            scopes=SCOPES if calendar else IDENTITY_SCOPES,
            offline=calendar,
            login_hint=login_hint,
        )
        return GoogleFlow(url=url, state=state, verifier=verifier)

    def sign_in(self, code: str, *, verifier: str) -> Account:
        """Finish a flow that only asked who somebody is.

        Raises:
            ActivationRefused: with the reason.
        """
        return self._finish(code, verifier)[0]

    def activate(self, code: str, *, verifier: str) -> Account:
        """Finish a flow that asked for the calendar: store the grant of whoever consented.

        Raises:
            ActivationRefused: with the reason.
        """
        account, tokens = self._finish(code, verifier)
        scopes = frozenset(SCOPES) if tokens.scopes is None else tokens.scopes
        if not scopes & SUFFICIENT_SCOPES:
            if not self.is_active(account.user_id):
                # Revoking one token ends all that a person granted, an earlier consent as well.
                self._give_back(tokens)
            raise ActivationRefused(ActivationProblem.CALENDAR_UNTICKED)
        if tokens.refresh_token is None:
            raise ActivationRefused(ActivationProblem.NO_OFFLINE)
        grants.save(
            self._engine,
            user_id=account.user_id,
            sealed=self._seal(account.user_id, tokens.access_token, tokens.refresh_token),
            expires_at=tokens.expires_at,
            scopes=" ".join(sorted(scopes)),
            now=clock.now(),
        )
        _log.info("activated", user=account.user_id)
        return account

    def state(self, user_id: str) -> str | None:
        """Return the state of a person's grant (`addon.store.grants`), None without one."""
        grant = grants.find(self._engine, user_id)
        return grant.state if grant else None

    def is_active(self, user_id: str) -> bool:
        """Whether this person's events are kept in sync."""
        return self.state(user_id) == grants.ACTIVE

    def ticket(self, user_id: str) -> str:
        """Return a one-use ticket that opens the consent for this person."""
        return tickets.issue(self._engine, user_id, ACTIVATE, clock.now())

    def redeem(self, ticket: str) -> str | None:
        """Use a ticket up; return our id of the person it was made for, or None."""
        return tickets.redeem(self._engine, ticket, ACTIVATE, clock.now())

    def access_token(self, user_id: str) -> str:
        """Return a token for the person's calendars, good for a while.

        Raises:
            NotActivated: there is no grant, or Google has ended it.
            GoogleFailure: it had to be refreshed and could not be now.
        """
        grant = self._require(user_id)
        if grant.expires_at > clock.now() + REFRESH_AHEAD:
            return self._open(grant)["access_token"] or ""
        return self._refreshed(grant)

    def refused(self, user_id: str) -> str:
        """Return another token after Google refused the one it got; see `access_token`.

        Raises:
            NotActivated: the grant is over.
            GoogleFailure: a new one could not be fetched now.
        """
        return self._refreshed(self._require(user_id))

    def deactivate(self, user_id: str) -> bool:
        """Give the grant back to Google and erase it here; erased even if Google cannot be told.

        Returns False when Google could not be told, so that the person has to.
        """
        grant = grants.find(self._engine, user_id)
        if grant is None or grant.state == grants.OFF:
            return True
        try:
            if grant.state == grants.ACTIVE:
                secret = self._open(grant)
                self._client.revoke(secret["refresh_token"] or secret["access_token"] or "")
        except (GoogleFailure, NotActivated) as failure:
            _log.warning("grant_not_revoked", reason=str(failure))
            return False
        finally:
            grants.end(self._engine, user_id, state=grants.OFF)
        return True

    def _finish(self, code: str, verifier: str) -> tuple[Account, GoogleTokens]:
        try:
            tokens = self._client.exchange(code, redirect_uri=self._callback_url, verifier=verifier)
            identity: Identity = self._verifier.verify(tokens.id_token or "")
        except GoogleFailure as failure:
            _log.warning("google_not_activated", reason=str(failure))
            problem = ActivationProblem.REFUSED
            if failure.kind in {GoogleFailureKind.UNAVAILABLE, GoogleFailureKind.RATE_LIMITED}:
                problem = ActivationProblem.UNAVAILABLE
            raise ActivationRefused(problem) from None
        except CertificatesUnavailable:
            raise ActivationRefused(ActivationProblem.UNAVAILABLE) from None
        except InvalidToken as error:
            _log.warning("google_not_activated", reason=str(error))
            raise ActivationRefused(ActivationProblem.REFUSED) from None
        account = users.account_of(self._engine, identity.sub, identity.email, clock.now())
        return account, tokens

    def _give_back(self, tokens: GoogleTokens) -> None:
        try:
            self._client.revoke(tokens.refresh_token or tokens.access_token)
        except GoogleFailure as failure:
            _log.warning("grant_not_revoked", reason=str(failure))

    def _require(self, user_id: str) -> Grant:
        grant = grants.find(self._engine, user_id)
        if grant is None or grant.state != grants.ACTIVE:
            raise NotActivated("not activated")
        return grant

    def _refreshed(self, grant: Grant) -> str:
        """Return the token of a refresh made here or, meanwhile, somewhere else."""
        give_up = time.monotonic() + REFRESH_LEASE.total_seconds()
        while not grants.begin_refresh(
            self._engine, grant.user_id, grant.generation, clock.now(), REFRESH_LEASE
        ):
            self._sleep(WAIT_SECONDS)
            current = self._require(grant.user_id)
            if current.generation != grant.generation:
                return self._open(current)["access_token"] or ""
            if time.monotonic() > give_up:
                raise GoogleFailure(
                    GoogleFailureKind.UNAVAILABLE, status=None, reason="refreshUnderWay"
                )
        return self._refresh(grant)

    def _refresh(self, grant: Grant) -> str:
        refresh_token = self._open(grant)["refresh_token"] or ""
        try:
            tokens = self._client.refresh(refresh_token)
        except GoogleFailure as failure:
            if failure.kind is GoogleFailureKind.UNAUTHORIZED:
                grants.end(
                    self._engine, grant.user_id, state=grants.REVOKED, generation=grant.generation
                )
                raise NotActivated("Google ended the grant") from None
            grants.end_refresh(
                self._engine, grant.user_id, grant.generation, sealed=None, expires_at=None
            )
            raise
        grants.end_refresh(
            self._engine,
            grant.user_id,
            grant.generation,
            # Google does not rotate refresh tokens, but a new one would have to be kept.
            sealed=self._seal(
                grant.user_id, tokens.access_token, tokens.refresh_token or refresh_token
            ),
            expires_at=tokens.expires_at,
        )
        return tokens.access_token

    def _seal(self, user_id: str, access_token: str, refresh_token: str) -> str:
        secret = {"access_token": access_token, "refresh_token": refresh_token}
        return self._vault.seal(user_id, secret)

    def _open(self, grant: Grant) -> dict[str, str | None]:
        try:
            return self._vault.open(grant.user_id, grant.sealed)
        except VaultError as error:
            _log.error("secret_not_readable", user=grant.user_id, reason=str(error))
            raise NotActivated("the stored secret cannot be read") from None
