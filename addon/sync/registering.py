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
        if len(people) == 1:
            return self._singly(people)
        try:
            job = self._workspace.register_many(
                self._session_id, [self._draft(guest) for guest in people]
            )
        except LivestormFailure as failure:
            if failure.kind not in _NO_BULK:
                raise
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
