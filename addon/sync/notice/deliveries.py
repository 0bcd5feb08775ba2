"""What Livestorm's webhooks deliver: which link to look at, and nothing else.

Deliveries are not signed, so nothing they claim is taken over; a forged one, should the secret of
the address be known, costs a look.
"""

import hashlib
import hmac
from datetime import datetime

import sqlalchemy as sa
import structlog

from addon import clock
from addon.jobs import LinkWakes
from addon.livestorm import LivestormFailure, Person
from addon.livestorm.attributes import Attributes
from addon.livestorm.parsing import person_item
from addon.livestorm.protocol import decode
from addon.livestorm.webhooks import Delivery, parse
from addon.store import engine as store
from addon.store import noticed, watches
from addon.store.noticed import LivestormLinked
from addon.sync import people_pace
from addon.sync.notice.registrants import entries, guests
from addon.sync.stored import UnreadableBase, from_json
from addon.sync.values import address

_PEOPLE = "people."
"""What the names of deliveries about people begin with."""

_log = structlog.get_logger(__name__)


def digest(secret: str) -> str:
    """Return what is stored of a webhook secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Deliveries:
    """Takes deliveries in. One per process, thread-safe."""

    def __init__(self, *, engine: sa.Engine, wakes: LinkWakes) -> None:
        self._engine = engine
        self._wakes = wakes

    def workspace_of(self, secret: str) -> str | None:
        """Return the workspace whose webhooks come with this secret; None: it is nobody's.

        Looked up by digest: how long that takes says nothing about the secret.
        """
        wanted = digest(secret)
        found = watches.workspace_of(self._engine, wanted)
        if found is None or not hmac.compare_digest(found[1], wanted):
            return None
        return found[0]

    def take(self, workspace_id: str, body: bytes) -> None:
        """Wake the links of a workspace that a delivery is about.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the wake-up could not be stored.
        """
        try:
            document = decode(body)
            delivery = parse(document)
            person = _person(delivery, document)
        except LivestormFailure as failure:
            _log.info("delivery_unreadable", workspace=workspace_id, reason=failure.detail)
            return
        if delivery.event_id is None:
            return
        with store.reading(self._engine) as connection:
            links = noticed.of_delivery(connection, workspace_id, delivery.event_id)
        told = [link for link in links if person is None or tells_of(link, person)]
        if not told:
            return
        with store.writing(self._engine, within=store.WAKE_UP_SECONDS) as transaction:
            for link in told:
                if person is not None:
                    noticed.more_people(transaction, link.id, 1)
                if person is None or not waits(link, delivery.session_id, clock.now()):
                    self._wakes.mark(transaction, link.id)
            watches.stir(transaction, workspace_id, clock.now())


def tells_of(link: LivestormLinked, person: Person) -> bool:
    """Whether a registration is news for a link.

    It is not for somebody whom Calendar invites already: mostly it is the echo of our own
    registering them, and fifty of those would have the list of people read again for nothing.
    Nor for a member of the team, who is never a guest.
    """
    known = address(person.email or "")
    return not person.is_team_member and (known is None or known not in guests(link.seen))


def waits(link: LivestormLinked, session_id: str | None, now: datetime) -> bool:
    """Whether a registration is left for later, as its session costs too much to be read now.

    The link's next comparison, which such a session has been given a time for, sees to it.
    """
    try:
        base = from_json(link.base)
    except UnreadableBase:
        return False
    followed = [one for one in base.occurrences.values() if session_id in {None, one.session_id}]
    due = people_pace.due(map(people_pace.last_read, followed), guests=entries(link.seen))
    return due is not None and due > now


def _person(delivery: Delivery, document: object) -> Person | None:
    """Return who a delivery is about; None when it is not about people."""
    if not delivery.event.startswith(_PEOPLE):
        return None
    return person_item(Attributes.of(document).members.get("data"), document)
