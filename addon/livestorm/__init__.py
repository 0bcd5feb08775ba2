"""The Livestorm API client."""

from addon.livestorm.client import Livestorm, Workspace
from addon.livestorm.failures import FailureKind, LivestormFailure
from addon.livestorm.gate import Credential
from addon.livestorm.limits import Allowance, RateLimits, Urgency
from addon.livestorm.resources import (
    Event,
    FieldSpec,
    Job,
    Me,
    Organization,
    Person,
    Session,
    Webhook,
)
from addon.livestorm.writes import (
    BULK_LIMIT,
    EventChanges,
    EventDraft,
    RegistrantDraft,
    SessionChanges,
    SessionDraft,
    TimeForm,
)

__all__ = [
    "BULK_LIMIT",
    "Allowance",
    "Credential",
    "Event",
    "EventChanges",
    "EventDraft",
    "FailureKind",
    "FieldSpec",
    "Job",
    "Livestorm",
    "LivestormFailure",
    "Me",
    "Organization",
    "Person",
    "RateLimits",
    "RegistrantDraft",
    "Session",
    "SessionChanges",
    "SessionDraft",
    "TimeForm",
    "Urgency",
    "Webhook",
    "Workspace",
]
