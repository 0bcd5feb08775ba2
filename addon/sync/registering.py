"""Register people in Livestorm: one alone at once, several as one job."""

import time
from collections.abc import Callable, Sequence

import structlog

from addon.livestorm import FailureKind, LivestormFailure, Workspace
from addon.sync import writes
from addon.sync.outcome import DONE, Outcome
from addon.sync.values import Guest, address

FIRST_LOOK_SECONDS = 1.0
"""Livestorm's own bulk tool looks every 2.5 s; most small jobs are over in one."""

LONGEST_PAUSE_SECONDS = 8.0
PATIENCE_SECONDS = 60.0
"""A job of 50 that takes longer than this is looked at again by the next comparison."""

_log = structlog.get_logger(__name__)


def register(
    workspace: Workspace,
    session_id: str,
    people: Sequence[Guest],
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Register up to 50 people for a session; who is registered already counts as done.

    Raises:
        LivestormFailure: nobody was registered, or it is not known who.
    """
    if len(people) == 1:
        return _one(workspace, session_id, people[0])
    try:
        job = workspace.register_many(session_id, [writes.registrant(guest) for guest in people])
    except LivestormFailure as failure:
        if failure.kind is not FailureKind.INVALID:
            raise
        return _halves(workspace, session_id, people, sleep)
    pause, waited = FIRST_LOOK_SECONDS, 0.0
    while not job.is_over and waited < PATIENCE_SECONDS:
        sleep(pause)
        waited += pause
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        job = workspace.job(job.id)
    if job.is_over and not job.failed and job.status == "ended":
        return DONE
    return _by_presence(workspace, session_id, job.id, people, over=job.is_over)


def _halves(
    workspace: Workspace,
    session_id: str,
    people: Sequence[Guest],
    sleep: Callable[[float], None],
) -> Outcome:
    """Register those whom a refused job was not refused for: one of 50 is found in a dozen calls.

    A half that fails otherwise is left for another try; what the other one came to still counts.
    """
    middle = len(people) // 2
    refused: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    for half in (people[:middle], people[middle:]):
        try:
            outcome = register(workspace, session_id, half, sleep)
        except LivestormFailure as failure:
            if failure.kind in {FailureKind.UNAUTHORIZED, FailureKind.RATE_LIMITED}:
                raise
            outcome = Outcome(done=True, failed=frozenset(guest.address for guest in half))
        refused |= outcome.refused
        failed |= outcome.failed
    return Outcome(done=True, refused=refused, failed=failed)


def _one(workspace: Workspace, session_id: str, guest: Guest) -> Outcome:
    try:
        workspace.register(session_id, writes.registrant(guest))
    except LivestormFailure as failure:
        if failure.kind is FailureKind.CONFLICT:
            return DONE
        if failure.kind is FailureKind.INVALID:
            return Outcome(done=True, refused=frozenset({guest.address}))
        raise
    return DONE


def _by_presence(
    workspace: Workspace, session_id: str, job_id: str, people: Sequence[Guest], *, over: bool
) -> Outcome:
    """Find out who made it: the session's people tell, whatever the job says of each."""
    present = {
        known
        for person in workspace.session_people(session_id)
        if (known := address(person.email or "")) is not None
    }
    missing = frozenset(guest.address for guest in people) - present
    if not missing:
        return DONE
    if not over:
        return Outcome(done=True, failed=missing)
    passing = _passing(workspace, job_id)
    _log.info("registrations_missing", count=len(missing), passing=passing)
    # Where every error says that it will pass, all are tried again; a refusal is final.
    return Outcome(done=True, failed=missing) if passing else Outcome(done=True, refused=missing)


_PASSING = ("throttle", "rate limit", "try again", "timeout", "unavailable", "limit reached")


def _passing(workspace: Workspace, job_id: str) -> bool:
    try:
        tasks = workspace.job_tasks(job_id)
    except LivestormFailure:
        return True
    errors = [text.lower() for task in tasks for text in task.errors if not task.already_registered]
    return not errors or any(word in text for text in errors for word in _PASSING)
