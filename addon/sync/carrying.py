"""Carry out planned actions, one by one, each conditional on what was read."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from addon.google.calendar import CalendarApi
from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.livestorm import FailureKind, LivestormFailure, Workspace
from addon.sync import writes
from addon.sync.actions import (
    Action,
    CreateSession,
    DeleteCalendar,
    DeleteLivestormEvent,
    DeleteSession,
    PatchCalendar,
    Register,
    RestoreOccurrence,
    Unregister,
    UpdateLivestormEvent,
    UpdateSession,
)
from addon.sync.base import SINGLE, WHOLE_EVENT
from addon.sync.notice.access import CalendarAccess
from addon.sync.outcome import DONE, REFUSED, Outcome, patched
from addon.sync.reading import Sides
from addon.sync.registering import Registering
from addon.sync.words import NoteKind, UnlinkReason

_log = structlog.get_logger(__name__)

Json = dict[str, Any]

_KEY_TIME = "%Y%m%dT%H%M%SZ"
_DAY_KEY = 8  # characters of a key that is a day: YYYYMMDD


class Changed(Exception):
    """Calendar is not as it was planned for: read again, plan again.

    Somebody wrote to the event since it was read, or it turned out that it may not be written
    (`Sides.may_write`).
    """


class Carrying:
    """Carries out the actions of one job."""

    def __init__(
        self,
        *,
        calendar: CalendarApi,
        access: CalendarAccess,
        workspace: Workspace,
        sides: Sides,
        really_gone: Callable[..., bool],
        refused: Collection[str] = (),
        ask_first: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Write where `sides` was read, and keep `sides` up with the answers.

        `refused`: what Livestorm would not delete when it was last asked to (`Base.refused`).

        `ask_first`: called right before each write is sent; what it raises keeps that from being
        sent.

        `really_gone`: asked, with `only_session`, before the Calendar event of a Livestorm event
        is deleted that was not found; see `addon.sync.vanishing.believed`.
        """
        self._calendar = calendar
        self._access = access
        self._workspace = workspace.asking_first(ask_first)
        self._ask_first = ask_first
        self._sides = sides
        self._really_gone = really_gone
        self._refused = refused
        self._sleep = sleep
        self._made: dict[str, str] = {}

    def carry(self, action: Action) -> Outcome:  # noqa: PLR0911 - one return per kind of action
        """Do one thing and return what became of it.

        Doing it twice is harmless: what is gone is not deleted again, who is registered is not
        refused, and a change writes values, not differences.

        Raises:
            Changed: the Calendar event is not what was read any more, or may not be written.
            GoogleFailure, LivestormFailure: it was not done.
        """
        match action:
            case UpdateLivestormEvent():
                return self._update_event(action)
            case UpdateSession():
                session = self._workspace.update_session(
                    action.session_id,
                    writes.session_changes(action),
                    event_id=self._sides.link.livestorm_event_id,
                )
                self._sides.sessions[session.id] = session
                return Outcome(done=True, session=self._sides.livestorm().sessions[session.id])
            case CreateSession():
                session = self._workspace.create_session(
                    self._sides.link.livestorm_event_id, writes.new_session(action)
                )
                self._made[action.occurrence] = session.id
                self._sides.sessions[session.id] = session
                return Outcome(done=True, session=self._sides.livestorm().sessions[session.id])
            case Register():
                session_id = action.session_id or self._made.get(action.occurrence)
                if session_id is None:
                    return Outcome(done=False)
                form = self._sides.form()
                registering = Registering(self._workspace, session_id, form, self._sleep)
                return registering.register(action.people)
            case Unregister():
                self._unregister(action.session_id, action.address)
                return DONE
            case DeleteSession():
                return self._delete_session(action)
            case DeleteLivestormEvent():
                return self._delete_livestorm_event()
            case PatchCalendar():
                return self._patch_as_far_as_it_goes(action)
            case DeleteCalendar():
                return self._delete(action)
            case RestoreOccurrence():
                return self._restore(action)
            case _:
                raise TypeError(f"{type(action).__name__} is not something to carry out")

    def _update_event(self, action: UpdateLivestormEvent) -> Outcome:
        changes = writes.event_changes(action)
        try:
            event = self._workspace.update_event(self._sides.link.livestorm_event_id, changes)
        except LivestormFailure as failure:
            if failure.kind is not FailureKind.INVALID or action.minutes is None:
                raise
            # The length is not among the documented attributes: without it, it may go through.
            event = self._without_length(action)
        self._sides.updated(event)
        return Outcome(done=True, livestorm=self._sides.livestorm().value)

    def _without_length(self, action: UpdateLivestormEvent) -> Any:
        rest = UpdateLivestormEvent(title=action.title, description=action.description)
        if rest == UpdateLivestormEvent():
            return self._sides.event
        return self._workspace.update_event(
            self._sides.link.livestorm_event_id, writes.event_changes(rest)
        )

    def _unregister(self, session_id: str, address: str) -> None:
        self._gone_is_fine(lambda: self._workspace.unregister(session_id, email=address))

    def _delete_session(self, action: DeleteSession) -> Outcome:
        delete = partial(self._workspace.delete_session, action.session_id)
        unregistered: frozenset[str] = frozenset()
        refusal = self._refusal_of(delete)
        if refusal and action.registrants:
            # Livestorm keeps sessions that have people.
            unregistered = frozenset(action.registrants)
            for address in action.registrants:
                self._unregister(action.session_id, address)
            refusal = self._refusal_of(delete)
        if refusal and action.session_id not in self._refused:
            return replace(REFUSED, failure=refusal)
        if refusal:
            return Outcome(done=True, unregistered=unregistered, kept=NoteKind.SESSION_REFUSED)
        self._sides.sessions.pop(action.session_id, None)
        return Outcome(done=True, unregistered=unregistered)

    def _delete_livestorm_event(self) -> Outcome:
        refusal = self._refusal_of(
            partial(self._workspace.delete_event, self._sides.link.livestorm_event_id)
        )
        if refusal is None:
            return DONE
        if WHOLE_EVENT not in self._refused:
            return replace(REFUSED, failure=refusal)
        return Outcome(done=False, unlink=UnlinkReason.DELETION_REFUSED)

    def _refusal_of(self, delete: Callable[[], None]) -> LivestormFailure | None:
        """Delete something, and return why Livestorm keeps it, if it does.

        A refusal may be due to the moment, as of a session that is live: it is final when it comes
        again in a later job.
        """
        try:
            self._gone_is_fine(delete)
        except LivestormFailure as failure:
            if failure.kind not in {FailureKind.INVALID, FailureKind.CONFLICT}:
                raise
            return failure
        return None

    def _gone_is_fine(self, delete: Callable[[], None]) -> None:
        try:
            delete()
        except LivestormFailure as failure:
            if failure.kind is not FailureKind.NOT_FOUND:
                raise

    def _patch_as_far_as_it_goes(self, action: PatchCalendar) -> Outcome:
        """Change an event; without its new guests where the calendar has had too many already."""
        rest = replace(action, add=())
        try:
            return self._patch(action)
        except GoogleFailure as failure:
            nothing_else = rest in (action, PatchCalendar(action.occurrence))
            if failure.kind is not GoogleFailureKind.QUOTA or nothing_else:
                raise
            outcome = self._patch(rest)
            uninvited = frozenset(guest.address for guest in action.add)
            return replace(outcome, failed=uninvited, failure=failure)

    def _patch(self, action: PatchCalendar) -> Outcome:
        resource = self._resource(action.occurrence)
        if resource is None:
            return Outcome(done=False)
        answer = self._send(action.occurrence, resource, writes.calendar_patch(action, resource))
        seen = self._sides
        if seen.calendar_event(answer).id:
            seen = Sides(seen.link, seen.email, seen.zone, resource=answer)
        return patched(action, seen.calendar())

    def _delete(self, action: DeleteCalendar) -> Outcome:
        resource = self._resource(action.occurrence)
        if resource is None or resource.get("status") == "cancelled":
            return DONE
        only_session = self._sides.event is not None
        not_found = action.occurrence == SINGLE and (not only_session or bool(self._sides.gone))
        if not_found and not self._really_gone(only_session=only_session):
            return Outcome(done=False, unlink=UnlinkReason.LIVESTORM_VANISHED)
        try:
            self._write(
                lambda token: self._calendar.delete(
                    token,
                    self._sides.link.calendar_id,
                    str(resource.get("id")),
                    etag=resource.get("etag") or None,
                )
            )
        except GoogleFailure as failure:
            if failure.kind not in {GoogleFailureKind.GONE, GoogleFailureKind.NOT_FOUND}:
                raise
        return DONE

    def _restore(self, action: RestoreOccurrence) -> Outcome:
        """Give an occurrence back what it had, as far as Calendar takes it."""
        if action.own is None:
            return self._delete(DeleteCalendar(action.occurrence))
        resource = self._resource(action.occurrence)
        if resource is None or not action.own:
            return DONE
        try:
            self._send(action.occurrence, resource, action.own)
        except GoogleFailure as failure:
            if failure.kind not in {GoogleFailureKind.INVALID, GoogleFailureKind.NOT_FOUND}:
                raise
            # Nothing else of the series is to wait for what will never be taken.
            _log.warning("occurrence_not_restored", occurrence=action.occurrence)
        return DONE

    def _send(self, occurrence: str, resource: Json, body: Mapping[str, Any]) -> Json:
        """Change an event as it was read, and keep the answer."""
        answer: Json = self._write(
            lambda token: self._calendar.patch(
                token,
                self._sides.link.calendar_id,
                str(resource.get("id")),
                body,
                etag=resource.get("etag") or None,
            )
        )
        self._keep(occurrence, answer)
        return answer

    def _write(self, call: Callable[[str], Any]) -> Any:
        def write(token: str) -> Any:
            self._ask_first()
            return call(token)

        try:
            return self._access.call(write)
        except GoogleFailure as failure:
            if failure.kind is GoogleFailureKind.FORBIDDEN:
                self._sides.may_write = False
                raise Changed from None
            if failure.kind is GoogleFailureKind.CHANGED:
                raise Changed from None
            raise

    def _resource(self, occurrence: str) -> Json | None:
        """The resource an action is about: the event, an exception, or one read now."""
        if occurrence == SINGLE or self._sides.resource is None:
            return self._sides.resource
        known = self._sides.calendar().exceptions.get(occurrence)
        if known is not None:
            return next(
                (one for one in self._sides.exceptions if one.get("id") == known.event_id), None
            )
        series_id = str(self._sides.resource.get("id"))
        return self._access.call(
            lambda token: self._calendar.occurrence(
                token,
                self._sides.link.calendar_id,
                series_id,
                original_start=_original_start(occurrence),
            )
        )

    def _keep(self, occurrence: str, answer: Json) -> None:
        if occurrence == SINGLE:
            self._sides.resource = answer
            return
        others = [one for one in self._sides.exceptions if one.get("id") != answer.get("id")]
        self._sides.exceptions = [*others, answer]


def _original_start(key: str) -> str:
    """Turn an occurrence's key back into the start the series has it at."""
    if len(key) == _DAY_KEY:
        return f"{key[:4]}-{key[4:6]}-{key[6:]}"
    return datetime.strptime(key, _KEY_TIME).replace(tzinfo=UTC).isoformat()
