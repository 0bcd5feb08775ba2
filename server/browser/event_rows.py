"""From links to what a list of events shows of each."""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from addon.dashboard.standing import Standing, standing
from addon.store import event_lists
from addon.store.event_lists import Line
from addon.store.links import Link
from addon.store.users import Account


@dataclass(frozen=True)
class Addresses:
    """Where the two sides of an event are to be seen.

    Attributes:
        livestorm_event_page: With `{event}` in the place of the event's id.
        calendar_event_page: With `{event}` in the place of what Google calls an `eid`.
    """

    livestorm_event_page: str
    calendar_event_page: str

    def livestorm(self, link: Link) -> str:
        """The event in Livestorm."""
        return self.livestorm_event_page.format(event=link.livestorm_event_id)

    def calendar(self, link: Link) -> str:
        """The event in Google Calendar, addressed as Google's own `htmlLink` does."""
        eid = base64.urlsafe_b64encode(f"{link.event_id} {link.calendar_id}".encode())
        return self.calendar_event_page.format(event=eid.decode().rstrip("="))


@dataclass(frozen=True)
class Row:
    """One event of a list.

    Attributes:
        line: The latest line of its history.
        registered: How many guests are on both sides; None when not known yet.
        missing: Why how many are not (`addon.sync.words.GuestReason`).
    """

    link: Link
    standing: Standing
    line: Line | None
    registered: int | None
    missing: Mapping[str, int]


def rows(engine: sa.Engine, account: Account, links: Sequence[Link]) -> list[Row]:
    """Return what a list shows of a person's links."""
    lines = event_lists.latest_lines(engine, [link.id for link in links])
    return [row(account, link, lines.get(link.id)) for link in links]


def row(account: Account, link: Link, line: Line | None) -> Row:
    """Return what a list shows of one link."""
    unsynced = link.unsynced or {}
    return Row(
        link=link,
        standing=standing(account, link),
        line=line,
        registered=unsynced.get("registered"),
        missing=Counter(str(reason) for _, reason in unsynced.get("guests", ())),
    )
