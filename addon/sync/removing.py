"""An occurrence is no more: what becomes of its session."""

from addon.sync.actions import DeleteSession, LookAtRegistrants, LookForSession, Note, why
from addon.sync.base import Agreed
from addon.sync.drafting import Draft
from addon.sync.livestorm_side import LivestormSide, SessionSeen
from addon.sync.occurrences import people
from addon.sync.rules import Rules
from addon.sync.words import Change, NoteKind, Side


def remove_session(
    draft: Draft, livestorm: LivestormSide, rules: Rules, key: str, agreed: Agreed
) -> Agreed | None:
    """Let a session go, unless something there would go with it.

    Args:
        draft: Receives the decisions.
        livestorm: The Livestorm event, present.
        rules: For who is never a guest.
        key: Of the occurrence.
        agreed: Its session.

    Returns:
        What is agreed until that is done; None when nothing is left to do.
    """
    session = livestorm.sessions.get(agreed.session_id)
    if session is None:
        draft.questions.append(LookForSession(key, agreed.session_id))
        return agreed
    if not session.state.exists:
        return None
    if session.state.began:
        _keep(draft, key, session)
        return None
    if session.registrants is None:
        # Out of reach: whether people of its own would go with it cannot be told now.
        if not session.out_of_reach:
            draft.questions.append(LookAtRegistrants(key, session.id))
        return agreed
    ours = people(session.registrants).keys() - rules.never_guests - livestorm.team
    if ours - agreed.guests.keys():
        _keep(draft, key, session)
        draft.base = draft.base.keeping(session.id)
        return None
    if session.start != agreed.session_start and agreed.when and session.start:
        start = session.start.isoformat()
        kind = NoteKind.LOST_WITH_DELETION
        draft.notes.append(Note(kind, Side.LIVESTORM, Change.START, start, key))
    line = why(Side.CALENDAR, Change.OCCURRENCE_REMOVED, session.start, None)
    draft.deletions.append(DeleteSession(key, session.id, tuple(sorted(ours)), (line,)))
    return agreed


def remove_coming(draft: Draft, livestorm: LivestormSide, rules: Rules) -> None:
    """Let the sessions go that are still to come, where the Livestorm event itself stays.

    What took place stays as it is, and so does a session that has people of its own. Of the others
    Livestorm would go on reminding people of what was called off.
    """
    for key, agreed in draft.base.occurrences.items():
        session = livestorm.sessions.get(agreed.session_id)
        if session is None or livestorm.is_ahead(session, rules.now):
            left = remove_session(draft, livestorm, rules, key, agreed)
            draft.base = draft.base.with_occurrence(key, left)


def _keep(draft: Draft, key: str, session: SessionSeen) -> None:
    start = session.start.isoformat() if session.start else None
    draft.notes.append(
        Note(NoteKind.SESSION_KEPT, Side.LIVESTORM, Change.OCCURRENCE_REMOVED, start, key)
    )
