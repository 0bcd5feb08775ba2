"""A person's access to their calendars during one look: renewed once when Google refuses it."""

from collections.abc import Callable
from typing import TypeVar

from addon.connections.activation import Activation
from addon.google.failures import GoogleFailure, GoogleFailureKind

T = TypeVar("T")


class CalendarAccess:
    """Makes calls with a person's token; belongs to one thread."""

    def __init__(self, activation: Activation, user_id: str) -> None:
        self._activation = activation
        self._user_id = user_id
        self._token: str | None = None

    def call(self, function: Callable[[str], T]) -> T:
        """Call `function` with an access token, and with a new one if that is refused.

        A refused call has done nothing, so writes may be repeated as well.

        Raises:
            NotActivated: there is no grant, or Google has ended it.
            GoogleFailure: whatever else went wrong.
        """
        if self._token is None:
            self._token = self._activation.access_token(self._user_id)
        try:
            return function(self._token)
        except GoogleFailure as failure:
            if failure.kind is not GoogleFailureKind.UNAUTHORIZED:
                raise
        self._token = self._activation.refused(self._user_id)
        return function(self._token)
