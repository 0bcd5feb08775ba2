"""Reading what Livestorm's webhooks deliver.

Deliveries carry no signature and no usable promise about order, so a delivery is only a hint which
object to look at: what it claims about the object is not taken over. Source:
developers.livestorm.co/docs/webhooks-1.
"""

from dataclasses import dataclass
from datetime import datetime

from addon.livestorm.attributes import Attributes
from addon.livestorm.failures import unreadable
from addon.livestorm.protocol import decode

EVENT_CREATED = "event.created"
EVENT_PUBLISHED = "event.published"
SESSION_CREATED = "session.created"
SESSION_STARTED = "session.started"
SESSION_ENDED = "session.ended"
PEOPLE_REGISTERED = "people.registered"
JOB_ENDED = "job.ended"


@dataclass(frozen=True)
class Delivery:
    """One notification.

    Attributes:
        event: what happened, such as "session.created"; may be one we do not know.
        organization_id: the workspace it claims to come from.
        object_type: "events", "sessions", "people" or "jobs".
        object_id: id of that object.
        event_id: the Livestorm event it belongs to, None when the delivery does not say.
        session_id: the session, likewise.
        updated_at: when the object last changed; with the three before it tells repeats apart.
    """

    event: str
    organization_id: str
    object_type: str
    object_id: str
    event_id: str | None
    session_id: str | None
    updated_at: datetime | None


def parse_body(body: bytes) -> Delivery:
    """Parse the body of a delivery.

    Raises:
        LivestormFailure: UNREADABLE.
    """
    return parse(decode(body))


def parse(document: object) -> Delivery:
    """Parse the JSON of a delivery; `meta` sits inside `data`, and is looked for beside it too.

    Raises:
        LivestormFailure: UNREADABLE.
    """
    top = Attributes.of(document)
    data = top.nested("data")
    origin = data.nested("meta").nested("webhook")
    if not origin.members:
        origin = top.nested("meta").nested("webhook")
    event, organization_id = origin.identifier("event"), origin.identifier("organization_id")
    object_type, object_id = data.identifier("type"), data.identifier("id")
    if event is None or organization_id is None:
        raise unreadable("a delivery that does not say what happened where")
    if object_type is None or object_id is None:
        raise unreadable("a delivery about nothing")
    attributes = data.nested("attributes")
    registration = attributes.nested("registrant_detail")
    return Delivery(
        event=event,
        organization_id=organization_id,
        object_type=object_type,
        object_id=object_id,
        event_id=object_id
        if object_type == "events"
        else attributes.identifier("event_id", "event_type_id")
        or registration.identifier("event_id"),
        session_id=object_id
        if object_type == "sessions"
        else attributes.identifier("session_id") or registration.identifier("session_id"),
        updated_at=attributes.instant("updated_at"),
    )
