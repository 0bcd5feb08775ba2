"""Register people in Livestorm: one alone at once, several as one job, or singly without jobs."""

import time
from collections.abc import Callable, Sequence

import structlog

from addon.livestorm import FailureKind, Job, LivestormFailure, RegistrantDraft, Workspace
from addon.sync import writes
from addon.sync.outcome import DONE, Outcome
from addon.sync.values import Guest, address

FIRST_LOOK_SECONDS = 1.0
"""Livestorm's own bulk tool looks every 2.5 s; most small jobs are over in one."""

LONGEST_PAUSE_SECONDS = 8.0
PATIENCE_SECONDS = 15.0
"""1, 2, 4 and 8 s. A job of 50 that takes longer is looked at again by the next comparison; until
then its place is free for other people's changes."""

_NO_BULK = frozenset(
    {
        FailureKind.NOT_FOUND,
        FailureKind.FORBIDDEN,
        FailureKind.INVALID,
        FailureKind.CONFLICT,
        FailureKind.UNREADABLE,
    }
)
"""Refusals of a bulk call as a whole that say nothing of registering one person."""

_FOR_SOMEBODY = frozenset({FailureKind.INVALID, FailureKind.CONFLICT})
"""Those that may be due to one of them: half of the people may pass."""

SINGLY_AT_MOST = 8
"""Fewer are not halved again: two halves cost two calls, and some more to follow the job of the
one that passes. One who is refused among 50 costs some 20 calls so, instead of 51."""

IN_VAIN = 5
"""All, both halves and two quarters refused: then it is the bulk call that is, whoever is in it,
and the 50 people are registered by 55 calls."""

_log = structlog.get_logger(__name__)


class Registering:
    """Registers people for one session.

    Args:
        workspace: Asked for it.
        session_id: Which session.
        form: The ids of the fields of its registration form; empty where they are unknown.
        sleep: Waits, in seconds.
    """

    def __init__(
        self,
        workspace: Workspace,
        session_id: str,
        form: frozenset[str] = frozenset(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._workspace = workspace
        self._session_id = session_id
        self._form = form
        self._sleep = sleep

    def register(self, people: Sequence[Guest]) -> Outcome:
        """Register up to 50 people; who is registered already counts as done.

        Raises:
            LivestormFailure: nobody was registered, or it is not known who.
        """
        groups: list[Sequence[Guest]] = [people]
        refused: set[str] = set()
        failed: set[str] = set()
        halved = 0
        begun = in_vain = False
        while groups:
            group = groups.pop(0)
            try:
                in_vain = in_vain or (halved >= IN_VAIN and not begun)
                outcome = self._singly(group) if in_vain else self._together(group)
            except LivestormFailure:
                if not begun:
                    raise
                # What the others came to is known, and stays so.
                failed.update(*map(_addresses, [group, *groups]))
                break
            if outcome is None:
                half = len(group) // 2
                # Both halves before any quarter: with one to blame, one of them passes.
                groups += [group[:half], group[half:]]
                halved += 1
                continue
            begun = True
            refused |= outcome.refused
            failed |= outcome.failed
        return Outcome(done=True, refused=frozenset(refused), failed=frozenset(failed))

    def _together(self, people: Sequence[Guest]) -> Outcome | None:
        """Register people by one call; None when they were refused for one of them, perhaps."""
        if len(people) == 1:
            return self._singly(people)
        try:
            job = self._workspace.register_many(
                self._session_id, [self._draft(guest) for guest in people]
            )
        except LivestormFailure as failure:
            if failure.kind not in _NO_BULK:
                raise
            many = len(people) > SINGLY_AT_MOST
            if many and failure.kind in _FOR_SOMEBODY and not failure.maybe_done:
                _log.info("registering_by_halves", count=len(people), reason=str(failure))
                return None
            _log.info("registering_singly", count=len(people), reason=str(failure))
            return self._singly(self._missing(people) if failure.maybe_done else people)
        finished = self._finished(job)
        if finished and finished.status == "ended" and not finished.failed:
            return DONE
        missing = self._missing(people)
        if finished is None or not finished.is_over:
            return Outcome(done=True, failed=_addresses(missing))
        # A job says little of each of its people, and an answer to one person is about them.
        _log.info("registrations_missing", count=len(missing))
        return self._singly(missing)

    def _finished(self, job: Job) -> Job | None:
        """Wait for a job, as long as patience lasts; None when it cannot be followed.

        Should Livestorm answer nothing at all, the question who is there will say so.
        """
        pause, waited = FIRST_LOOK_SECONDS, 0.0
        try:
            while not job.is_over and waited < PATIENCE_SECONDS:
                self._sleep(pause)
                waited += pause
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                job = self._workspace.job(job.id)
        except LivestormFailure as failure:
            _log.info("job_not_followed", job=job.id, reason=str(failure))
            return None
        return job

    def _missing(self, people: Sequence[Guest]) -> Sequence[Guest]:
        """Find out who did not make it: the session's people tell, whatever a job says."""
        present = {
            known
            for person in self._workspace.session_people(self._session_id)
            if (known := address(person.email or "")) is not None
        }
        return [guest for guest in people if guest.address not in present]

    def _singly(self, people: Sequence[Guest]) -> Outcome:
        """Register one after the other; what stops it leaves the rest for another try."""
        refused: set[str] = set()
        for number, guest in enumerate(people):
            try:
                self._workspace.register(self._session_id, self._draft(guest))
            except LivestormFailure as failure:
                if failure.kind is FailureKind.CONFLICT:
                    continue
                if failure.kind is FailureKind.INVALID:
                    refused.add(guest.address)
                    continue
                if number == 0:
                    raise
                left = _addresses(people[number:])
                return Outcome(done=True, refused=frozenset(refused), failed=left)
        return Outcome(done=True, refused=frozenset(refused))

    def _draft(self, guest: Guest) -> RegistrantDraft:
        return writes.registrant(guest, self._form)


def _addresses(people: Sequence[Guest]) -> frozenset[str]:
    return frozenset(guest.address for guest in people)
