"""Look at calendars that were rung: list what changed, keep it with the links, wake them."""

from collections.abc import Collection, Sequence
from random import SystemRandom

import sqlalchemy as sa
import structlog

from addon import clock, correlation
from addon.connections.activation import Activation, NotActivated
from addon.google.answers import ChangesPage
from addon.google.calendar import CalendarApi
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.jobs import LinkWakes, spreading
from addon.store import calendars, copies, noticed
from addon.store import engine as store
from addon.store.calendars import Calendar
from addon.store.leases import LeaseLost
from addon.sync.notice import listing
from addon.sync.notice.access import CalendarAccess
from addon.sync.notice.channel_care import ChannelCare
from addon.sync.notice.listing import Act

_random = SystemRandom()
_log = structlog.get_logger(__name__)


class CalendarLooks:
    """Lists calendars, each by one worker at a time. One per process, thread-safe."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        wakes: LinkWakes,
        activation: Activation,
        api: CalendarApi,
        channels: ChannelCare,
    ) -> None:
        self._engine = engine
        self._wakes = wakes
        self._activation = activation
        self._api = api
        self._channels = channels

    def take(self, most: int) -> Sequence[Calendar]:
        """Take up to `most` calendars that were stamped."""
        return calendars.take_due(self._engine, now=clock.now(), most=most)

    def look(self, calendar: Calendar) -> None:
        """List one calendar and give its lease back. Raises nothing that Google may cause."""
        said_by = calendar.pushed_by or correlation.begun_by("list-calendar")
        try:
            with correlation.working_for(said_by):
                self._looked(calendar)
        except LeaseLost:
            _log.warning("calendar_lease_lost", calendar=calendar.id)

    def _looked(self, calendar: Calendar) -> None:
        access = CalendarAccess(self._activation, calendar.user_id)
        try:
            if not noticed.any_in_calendar(self._engine, calendar.user_id, calendar.calendar_id):
                self._channels.close(calendar, access)
                calendars.drop(self._engine, calendar)
                return
            # First: what changes between the list and the channel would be seen by neither.
            self._channels.keep(calendar, access)
            _Look(self._engine, self._wakes, self._api, calendar, access).run()
        except NotActivated as gone:
            if not calendars.forget_without_grant(self._engine, calendar.user_id):
                self._failed(calendar, _no_token(gone))
                return
            # Whoever activates anew has all their calendars listed again.
            _log.info("calendars_forgotten_without_grant", user=calendar.user_id)
        except GoogleFailure as failure:
            self._failed(calendar, failure)

    def _failed(self, calendar: Calendar, failure: GoogleFailure) -> None:
        current = calendars.find(self._engine, calendar.user_id, calendar.calendar_id) or calendar
        # Without a token, the count is of lists that looked empty, which is another matter.
        counted = current.sync_token is not None
        failures = current.failures + 1 if counted else current.failures
        pause = listing.pause_after(failure.kind, failures if counted else _FULL_LIST_FAILURES)
        until = clock.now() + pause * _random.uniform(1.0, 1.5)
        calendars.postpone(self._engine, calendar, until=until, failures=failures)
        _log.warning("calendar_not_listed", calendar=calendar.id, reason=str(failure))


def _no_token(why: NotActivated) -> GoogleFailure:
    """What may pass: a key that is put back, or another worker that is about to store a token."""
    _log.info("calendar_without_token", reason=str(why))
    return GoogleFailure(GoogleFailureKind.UNAVAILABLE, status=None, reason="noToken")


_FULL_LIST_FAILURES = 4
"""A full list is dear: after a failure it pauses as after this many, 40 s and more."""


class _Look:
    """One list of one calendar, from its first page to its last."""

    def __init__(
        self,
        engine: sa.Engine,
        wakes: LinkWakes,
        api: CalendarApi,
        calendar: Calendar,
        access: CalendarAccess,
    ) -> None:
        self._engine = engine
        self._wakes = wakes
        self._api = api
        self._calendar = calendar
        self._access = access
        self._began = clock.now()
        self._woken = 0

    def run(self) -> None:
        token = self._calendar.sync_token
        if token is not None:
            try:
                self._list(token)
            except GoogleFailure as failure:
                if not listing.invalidates_token(failure.kind):
                    raise
            else:
                return
            _log.info("calendar_listed_anew", calendar=self._calendar.id)
            calendars.forget_token(self._engine, self._calendar)
        self._list(None)

    def _list(self, token: str | None) -> None:
        """Go through all pages. Only a list without token can show that something is missing."""
        listed: set[str] = set()
        page = self._page(token, None)
        while page.next_page is not None:
            listed |= _ids(page)
            self._store(page, last=False)
            page = self._page(token, page.next_page)
        if page.next_sync is None:
            raise GoogleFailure(GoogleFailureKind.UNREADABLE, status=None, reason="noSyncToken")
        if token is None and not self._without(listed | _ids(page)):
            self._store(page, last=False)
            self._doubt()
            return
        self._store(page, last=True)

    def _page(self, token: str | None, page: str | None) -> ChangesPage:
        try:
            return self._access.call(
                lambda access_token: self._api.changes(
                    access_token, self._calendar.calendar_id, sync_token=token, page_token=page
                )
            )
        except GoogleFailure as failure:
            if page is None or failure.kind is not GoogleFailureKind.INVALID:
                raise
            # The page before was answered, so it is this one's token that is no longer good.
            raise GoogleFailure(
                GoogleFailureKind.RESYNC, status=failure.status, reason=failure.reason
            ) from None

    def _store(self, page: ChangesPage, *, last: bool) -> None:
        """Keep what a page brought and wake its links, in one transaction with the lease."""
        calendar = self._calendar
        with store.writing(self._engine) as transaction:
            names = listing.names(calendar.calendar_id, page.items)
            links = noticed.named(transaction, calendar.user_id, calendar.calendar_id, names)
            for link_id, found in listing.copies(calendar.calendar_id, links, page.items).items():
                copies.note(transaction, link_id, found)
            for change in listing.changes(calendar.calendar_id, links, page.items):
                if change.act is not Act.LOOK:
                    noticed.see(transaction, change.link_id, change.item)
                self._wake(transaction, change.link_id)
            if last and page.next_sync is not None:
                calendars.finish(
                    transaction,
                    calendar,
                    sync_token=page.next_sync,
                    timezone=page.timezone,
                    now=self._began,
                )
            else:
                calendars.hold(transaction, calendar, clock.now())

    def _wake(self, transaction: sa.Connection, link_id: str) -> None:
        """Mark a link. The first list after activating brings all of a person's events."""
        self._wakes.mark(transaction, link_id, due=spreading.due(self._woken, self._began))
        self._woken += 1

    def _without(self, listed: Collection[str]) -> bool:
        """Wake the links whose event a full list did not bring; False when that are too many.

        Such an event is not taken for deleted: its job reads the event itself.
        """
        calendar = self._calendar
        known = noticed.seen_in_calendar(
            self._engine, calendar.user_id, calendar.calendar_id, made_before=self._began
        )
        missing = sorted(link_id for link_id, event_id in known if event_id not in listed)
        doubted = calendar.failures if calendar.sync_token is None else 0
        if listing.suddenly_empty(len(known), len(missing)) and doubted < listing.EMPTY_LOOKS:
            return False
        for begin in range(0, len(missing), noticed.BATCH):
            with store.writing(self._engine) as transaction:
                for link_id in missing[begin : begin + noticed.BATCH]:
                    noticed.see(transaction, link_id, None)
                    self._wake(transaction, link_id)
                calendars.hold(transaction, calendar, clock.now())
        return True

    def _doubt(self) -> None:
        calendar = self._calendar
        doubted = calendar.failures if calendar.sync_token is None else 0
        until = clock.now() + listing.EMPTY_PAUSE
        calendars.postpone(self._engine, calendar, until=until, failures=doubted + 1)
        _log.warning("calendar_suddenly_empty", calendar=calendar.id, looks=doubted + 1)


def _ids(page: ChangesPage) -> set[str]:
    return {item["id"] for item in page.items if isinstance(item.get("id"), str)}
