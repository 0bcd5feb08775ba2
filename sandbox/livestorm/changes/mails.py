"""The e-mails that Livestorm would send; nothing leaves the simulator."""

from typing import Literal

from sandbox.livestorm.records import Event, Mail, Registration, Session, Workspace
from sandbox.livestorm.world import World

Kind = Literal["confirmation", "rescheduled", "canceled", "invitation"]


def confirm(
    world: World,
    workspace: Workspace,
    event: Event,
    session: Session,
    registration: Registration,
) -> None:
    """Send the confirmation with the personal link; none for anonymous events (§3.3, §3.5)."""
    kind: Kind = "invitation" if registration.is_guest_speaker else "confirmation"
    if event.emails_enabled and event.has_email_field and registration.role == "participant":
        link = world.connection_link(session, registration)
        to = registration.person.email
        workspace.mails.append(Mail(kind, to, event.title, link, world.stamp()))


def tell_rescheduled(world: World, workspace: Workspace, session: Session) -> None:
    """Tell the registrants about a new time, if the switch says that Livestorm does."""
    if world.switches.mails_on_reschedule:
        _tell(world, workspace, "rescheduled", session)


def tell_canceled(world: World, workspace: Workspace, session: Session) -> None:
    """Tell the registrants that it will not happen, if the switch says that Livestorm does."""
    if world.switches.mails_on_delete:
        _tell(world, workspace, "canceled", session)


def _tell(world: World, workspace: Workspace, kind: Kind, session: Session) -> None:
    event = workspace.events[session.event_id]
    if event.emails_enabled and event.has_email_field:
        for registration in session.participants:
            link = world.connection_link(session, registration) if kind == "rescheduled" else None
            to = registration.person.email
            workspace.mails.append(Mail(kind, to, event.title, link, world.stamp()))
