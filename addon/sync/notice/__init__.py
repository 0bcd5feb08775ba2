"""Noticing that something may have changed, on either side.

Everything here ends in a mark on a link (`addon.jobs`); what changed is found out by its job:

* `push`, `channel_care`: Calendar rings, and is kept ringing;
* `listing`, `calendars`: what a ring means is listed, and kept with the links;
* `deliveries`, `subscriptions`: Livestorm's webhooks, and how they are kept alive;
* `budget`, `changes`, `event_listing`, `registrants`, `workspaces`: polls and listings of
  Livestorm, as often as the month's calls allow;
* `sweep`: everything now and then, should nobody have said anything.
"""

from addon.sync.notice.changes import Agreement, NothingAgreed
from addon.sync.notice.channel_care import ChannelCare
from addon.sync.notice.deliveries import Deliveries
from addon.sync.notice.notices import Notices
from addon.sync.notice.pushes import Pushes
from addon.sync.notice.worker import Noticing, Pauses

__all__ = [
    "Agreement",
    "ChannelCare",
    "Deliveries",
    "NothingAgreed",
    "Notices",
    "Noticing",
    "Pauses",
    "Pushes",
]
