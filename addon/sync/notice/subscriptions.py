"""Webhook subscriptions of a workspace: made, checked and renewed through Livestorm's API.

Livestorm disables a subscription whose deliveries keep failing, and its API does not say which
are disabled (developers.livestorm.co/docs/webhooks-1). So they are checked daily, and replaced
weekly whatever they look like.
"""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from addon.livestorm import FailureKind, LivestormFailure, Webhook, Workspace
from addon.livestorm.webhooks import (
    EVENT_PUBLISHED,
    PEOPLE_REGISTERED,
    SESSION_CREATED,
    SESSION_ENDED,
    SESSION_STARTED,
)
from addon.store.watches import Notes, Subscription, Watch
from addon.sync.notice.deliveries import digest

EVENTS = (EVENT_PUBLISHED, PEOPLE_REGISTERED, SESSION_CREATED, SESSION_ENDED, SESSION_STARTED)
"""Those that may change something a link keeps the same. The other five tell of attendance and
jobs, or of events that nobody has linked yet."""

CHECK_EVERY = timedelta(days=1)
"""A look at the list is one call."""

AGAIN_AFTER = timedelta(hours=1)
"""After a check that failed although nothing is wrong with the token. It cannot hold up the looks
meanwhile, which find all that webhooks tell."""

REPLACE_EVERY = timedelta(days=7)
"""Eleven calls, some 50 a month: how long a disabled subscription may go unnoticed."""

_NO_SCOPE = frozenset({FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN})
"""What a token without the webhook scopes gets. Livestorm documents 401 for a missing scope, so
here that does not mean that the token is over; but another person's may have the scope."""

_NO_RIGHT = _NO_SCOPE | {FailureKind.INVALID, FailureKind.NOT_FOUND}
"""What is left to polls: a scope that is missing, or an address that Livestorm does not call."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Addresses:
    """Makes the addresses that a workspace's webhooks call.

    The secret in an address follows from the server's key, the workspace and a counter, so that
    it can be told again although only its digest is stored; who reads the database learns none.
    """

    base_url: str
    key: str = field(repr=False)

    @property
    def prefix(self) -> str:
        """What every address of this server begins with: by this our own are told from others."""
        return f"{self.base_url}/hooks/livestorm/"

    def secret(self, workspace_id: str, number: int) -> str:
        """Return the `number`-th secret of a workspace: 256 bits in hex."""
        message = f"livestorm webhook\n{workspace_id}\n{number}"
        return hmac.new(self.key.encode(), message.encode(), sha256).hexdigest()


@dataclass(frozen=True)
class Upkeep:
    """What there is to do about the subscriptions of a workspace.

    Attributes:
        keep: Those that stay, by event name.
        missing: Events to subscribe to.
        stale: Our own ones to delete; never anybody else's.
    """

    keep: dict[str, str]
    missing: tuple[str, ...]
    stale: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """The watch as it is to be stored, and the subscriptions to delete once it is."""

    watch: Watch
    stale: tuple[str, ...]


def is_due(watch: Watch, now: datetime) -> bool:
    """Whether the subscriptions of a workspace should be checked."""
    return watch.subscribed_at is None or watch.subscribed_at <= now - CHECK_EVERY


def ours(watch: Watch) -> frozenset[str]:
    """Return the ids of subscriptions that are known to be ours, wherever they call.

    Those made before this server had its present address are found by nothing else, and would go
    on telling the old one who registers.
    """
    made = [one.id for one in watch.notes.subscriptions.values()]
    return frozenset([*made, *watch.notes.leaving])


def plan(
    found: Sequence[Webhook], *, address: str, prefix: str, known: Collection[str] = ()
) -> Upkeep:
    """Compare what a workspace has with what it should have.

    Args:
        found: Every subscription of the workspace, other programs' among them.
        address: What ours should call.
        prefix: What every address of ours begins with.
        known: Ids that are ours as well.
    """
    keep: dict[str, str] = {}
    for one in found:
        if one.url == address and one.event in EVENTS:
            keep.setdefault(one.event, one.id)
    kept = frozenset(keep.values())
    return Upkeep(
        keep=keep,
        missing=tuple(event for event in EVENTS if event not in keep),
        stale=tuple(
            one.id
            for one in found
            if (one.url.startswith(prefix) or one.id in known) and one.id not in kept
        ),
    )


def announced(watch: Watch, addresses: Addresses) -> Watch:
    """Return the watch with the secret that a workspace's first webhooks are going to come with.

    To be stored before they are made: Livestorm may call each from the moment it exists, while the
    others still wait for the allowance. Where there are some already, their secret stays the one
    that is accepted until the new ones are all there, and what came too early comes again.
    """
    if watch.notes.subscriptions:
        return watch
    secret = addresses.secret(watch.workspace_id, watch.notes.secrets_made)
    if digest(secret) == watch.secret_digest:
        return watch
    notes, secret = _next_secret(watch, addresses)
    return replace(watch, notes=notes, secret_digest=digest(secret))


def check(workspace: Workspace, watch: Watch, addresses: Addresses, now: datetime) -> Checked:
    """See to it that a workspace calls us, and say what is left to be deleted afterwards.

    Doing it again after a crash finds what was made: the next secret is known beforehand.

    Raises:
        LivestormFailure: FORBIDDEN when this token may not; others as they come.
    """
    try:
        return _checked(workspace, watch, addresses, now)
    except LivestormFailure as failure:
        raise _of_this_token(failure) from None


def deleted(watch: Watch) -> Watch:
    """Return the watch once all that was stale is deleted."""
    return replace(watch, notes=replace(watch.notes, leaving=()))


def without(watch: Watch, failure: LivestormFailure, now: datetime) -> Watch:
    """Return the watch after a check that failed: looks go on, and the next check is due in time.

    Raises:
        LivestormFailure: `failure`, where looks are not possible either.
    """
    if failure.kind is FailureKind.RATE_LIMITED:
        raise failure
    _log.info("webhooks_not_possible", workspace=watch.workspace_id, reason=str(failure))
    if failure.kind in _NO_RIGHT:
        notes = replace(watch.notes, subscriptions={})
        return replace(watch, notes=notes, subscribed_at=now)
    if watch.notes.listed_at is None:
        # A workspace that has just begun is to have its webhooks soon: the next look tries again.
        return watch
    return replace(watch, subscribed_at=now - CHECK_EVERY + AGAIN_AFTER)


def clear(workspace: Workspace, addresses: Addresses, *, known: Collection[str] = ()) -> None:
    """Delete every subscription of ours, and nobody else's; `known` as for `plan`.

    Raises:
        LivestormFailure: a failure that may pass.
    """
    try:
        for one in workspace.webhooks():
            if one.url.startswith(addresses.prefix) or one.id in known:
                workspace.delete_webhook(one.id)
    except LivestormFailure as failure:
        if failure.kind not in _NO_RIGHT:
            raise


def delete(workspace: Workspace, webhook_id: str) -> None:
    """Delete a subscription, unless it is gone already.

    Raises:
        LivestormFailure: FORBIDDEN when this token may not; others as they come.
    """
    try:
        workspace.delete_webhook(webhook_id)
    except LivestormFailure as failure:
        if failure.kind is not FailureKind.NOT_FOUND:
            raise _of_this_token(failure) from None


def _of_this_token(failure: LivestormFailure) -> LivestormFailure:
    """Return what makes whoever asked try somebody else's token, and keep this one."""
    if failure.kind not in _NO_SCOPE:
        return failure
    return LivestormFailure(FailureKind.FORBIDDEN, status=failure.status, detail=failure.detail)


def _checked(workspace: Workspace, watch: Watch, addresses: Addresses, now: datetime) -> Checked:
    notes = watch.notes
    secret = addresses.secret(watch.workspace_id, notes.secrets_made)
    since = [one.since for one in notes.subscriptions.values()]
    # The key was changed, or a week is over: everything anew, under a secret never used before.
    if digest(secret) != watch.secret_digest or (since and min(since) <= now - REPLACE_EVERY):
        notes, secret = _next_secret(watch, addresses)
    upkeep = plan(
        workspace.webhooks(),
        address=addresses.prefix + secret,
        prefix=addresses.prefix,
        known=ours(watch),
    )
    made = {
        event: workspace.create_webhook(addresses.prefix + secret, event).id
        for event in upkeep.missing
    }
    known = {one.id: one for one in notes.subscriptions.values()}
    subscriptions = {
        event: known.get(webhook_id, Subscription(webhook_id, now))
        for event, webhook_id in (upkeep.keep | made).items()
    }
    checked = replace(
        watch,
        notes=replace(notes, subscriptions=subscriptions, leaving=upkeep.stale),
        secret_digest=digest(secret),
        subscribed_at=now,
    )
    return Checked(checked, upkeep.stale)


def _next_secret(watch: Watch, addresses: Addresses) -> tuple[Notes, str]:
    """Count one secret further; return it, and the notes that know of no webhook with it."""
    notes = replace(watch.notes, secrets_made=watch.notes.secrets_made + 1, subscriptions={})
    return notes, addresses.secret(watch.workspace_id, notes.secrets_made)
