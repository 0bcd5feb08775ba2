"""Two-way sync as the rest of the program sees it: start, stop, look now, how does it stand."""

import sqlalchemy as sa

from addon import clock
from addon.connections.activation import Activation
from addon.store import links


class Syncing:
    """Starts and stops keeping a person's events the same. One per process, thread-safe."""

    def __init__(self, *, engine: sa.Engine, activation: Activation) -> None:
        """Work on the links in `engine`, with the grants of `activation`."""
        self._engine = engine
        self._activation = activation

    def activated(self, user_id: str) -> None:
        """Go on where a person's events stood when syncing stopped."""

    def deactivated(self, user_id: str) -> None:
        """Stop for a person: nothing is written to either side any more. All records stay."""
        self._activation.deactivate(user_id)

    def held(self, user_id: str) -> int:
        """How many upcoming events were made without activation and wait to be included."""
        return links.count_held(self._engine, user_id, since=clock.now())

    def include_held(self, user_id: str) -> None:
        """Keep those in sync as well from now on."""
        links.include_held(self._engine, user_id, since=clock.now())
