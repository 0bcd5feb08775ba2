"""Conference on demand: a Calendar event asks for a room, and gets exactly one."""

from addon.conference.create import (
    BUDGET_SECONDS,
    ConferenceRequest,
    Conferences,
    Refusal,
    Refused,
    Room,
)

__all__ = ["BUDGET_SECONDS", "ConferenceRequest", "Conferences", "Refusal", "Refused", "Room"]
