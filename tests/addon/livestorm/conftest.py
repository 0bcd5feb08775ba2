"""The client, talking to a Livestorm simulator."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from addon.livestorm import Credential, EventDraft, Livestorm, SessionDraft, Urgency, Workspace
from sandbox.livestorm import LivestormSimulator
from tests.addon.livestorm.allowances import OpenAllowance


@pytest.fixture
def simulator(livestorm: LivestormSimulator) -> LivestormSimulator:
    """A simulator without limiter: what obeys the limits is the allowance, which is not here."""
    livestorm.switches.limits_enabled = False
    return livestorm


@pytest.fixture
def allowance() -> OpenAllowance:
    return OpenAllowance()


@pytest.fixture
def client(simulator: LivestormSimulator, allowance: OpenAllowance) -> Livestorm:
    return Livestorm(api=f"{simulator.url}/v1", allowance=allowance, timeout_seconds=5)


@pytest.fixture
def credential(simulator: LivestormSimulator) -> Credential:
    """A workspace API token, which goes out without a prefix."""
    return Credential(simulator.world.api_token(), simulator.world.workspace.id)


@pytest.fixture
def workspace(client: Livestorm, credential: Credential) -> Workspace:
    return client.as_(credential, urgency=Urgency.PERSON_WAITING)


@pytest.fixture
def tomorrow() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


@pytest.fixture
def owner_id(simulator: LivestormSimulator) -> str:
    return simulator.world.workspace.members[0].person.id


@pytest.fixture
def draft(tomorrow: datetime, owner_id: str) -> Callable[..., EventDraft]:
    """Make an event draft; keywords replace its attributes."""

    def make(**attributes: object) -> EventDraft:
        given: dict[str, object] = {
            "title": "Webinar",
            "slug": "webinar-4711",
            "description": "<p>Hello</p>",
            "owner_id": owner_id,
            "copy_from_event_id": None,
            "everyone_can_speak": True,
            "session": SessionDraft(tomorrow, "Europe/Paris"),
            **attributes,
        }
        return EventDraft(**given)  # type: ignore[arg-type]  # the test names real attributes

    return make
