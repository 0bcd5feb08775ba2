"""The gate every call passes: allowance, deadline, repeats, failures, logs."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from addon.livestorm import (
    Credential,
    Event,
    EventChanges,
    EventDraft,
    FailureKind,
    Livestorm,
    LivestormFailure,
    RegistrantDraft,
    SessionChanges,
    Urgency,
    Workspace,
)
from sandbox.livestorm import LivestormSimulator
from sandbox.simulation import Fault
from tests.addon.livestorm.allowances import EmptyAllowance, OpenAllowance, SpacedAllowance
from tests.addon.livestorm.wire import answer, wire_server

Drafting = Callable[..., EventDraft]

GUEST = RegistrantDraft("alex@partner.test")


def fails(verb: Callable[[], object]) -> LivestormFailure:
    with pytest.raises(LivestormFailure) as failed:
        verb()
    return failed.value


def refused(simulator: LivestormSimulator) -> list[int]:
    return [call.status for call in simulator.log]


# The allowance


def test_every_call_passes_the_allowance(
    client: Livestorm,
    credential: Credential,
    allowance: OpenAllowance,
    simulator: LivestormSimulator,
) -> None:
    client.as_(credential, urgency=Urgency.LOOK_AROUND).ping()

    ((workspace, urgency, wait_seconds),) = allowance.acquired
    assert workspace == simulator.world.workspace.id
    assert urgency is Urgency.LOOK_AROUND
    assert wait_seconds == client.timeout_seconds
    ((observed_workspace, limits),) = allowance.observed
    assert observed_workspace == workspace
    assert limits.monthly_limit == 10_000
    assert limits.monthly_remaining == 9_999
    assert limits.interval_limit == 5
    assert limits.monthly_resets_at is not None
    assert limits.retry_after is None


def test_allowance_may_wait_until_the_deadline(
    client: Livestorm, credential: Credential, allowance: OpenAllowance
) -> None:
    workspace = client.as_(
        credential, urgency=Urgency.PERSON_WAITING, deadline=time.monotonic() + 2
    )
    workspace.ping()

    ((_, _, wait_seconds),) = allowance.acquired
    assert 1.5 < wait_seconds <= 2


def test_nothing_is_sent_without_allowance(
    simulator: LivestormSimulator, credential: Credential
) -> None:
    allowance = EmptyAllowance()
    client = Livestorm(api=f"{simulator.url}/v1", allowance=allowance)

    failure = fails(client.as_(credential, urgency=Urgency.CARRY_CHANGE).ping)

    assert failure.kind is FailureKind.RATE_LIMITED
    assert failure.retry_after == 60
    assert len(simulator.log) == 0
    # Asking again at once would be the very thing the allowance is there to prevent.
    assert len(allowance.acquired) == 1


def test_what_cannot_be_asked_costs_no_call(workspace: Workspace, allowance: OpenAllowance) -> None:
    assert fails(lambda: workspace.event("../organization")).kind is FailureKind.NOT_FOUND
    assert allowance.acquired == []


def spend_the_second(workspace: Workspace, simulator: LivestormSimulator) -> None:
    """Make the five calls that Livestorm allows in a second."""
    simulator.switches.limits_enabled = True
    simulator.switches.limit_window = "sliding"
    for _ in range(5):
        workspace.ping()


def test_rate_limit_is_waited_out_once(
    workspace: Workspace, simulator: LivestormSimulator, allowance: OpenAllowance
) -> None:
    spend_the_second(workspace, simulator)

    workspace.ping()

    assert [call.status for call in simulator.log][5:] == [429, 200]
    assert allowance.observed[5][1].retry_after == 1
    assert allowance.observed[5][1].interval_remaining == 0


def test_rate_limit_without_time_to_wait(
    client: Livestorm, credential: Credential, simulator: LivestormSimulator
) -> None:
    deadline = time.monotonic() + 1.5
    workspace = client.as_(credential, urgency=Urgency.PERSON_WAITING, deadline=deadline)
    spend_the_second(workspace, simulator)

    failure = fails(workspace.ping)

    assert failure.kind is FailureKind.RATE_LIMITED
    assert failure.status == 429
    assert failure.retry_after == 1
    assert not failure.maybe_done
    assert "throttle limit" in failure.detail
    assert len(simulator.log) == 6


def test_long_rate_limit_is_for_the_allowance_to_keep(
    workspace: Workspace, simulator: LivestormSimulator
) -> None:
    simulator.faults.add(Fault("status", status=429, retry_after=60, times=None))

    failure = fails(workspace.ping)

    assert failure.retry_after == 60
    assert len(simulator.log) == 1


def test_monthly_headers_in_their_old_spelling(
    workspace: Workspace, simulator: LivestormSimulator, allowance: OpenAllowance
) -> None:
    simulator.switches.monthly_header_spelling = "Montly"
    workspace.ping()

    assert allowance.observed[0][1].monthly_remaining == 9_999


def test_calls_of_many_threads_stay_within_the_limit(
    livestorm: LivestormSimulator, credential: Credential
) -> None:
    livestorm.switches.limits_enabled = True
    allowance = SpacedAllowance(per_second=5)
    client = Livestorm(api=f"{livestorm.url}/v1", allowance=allowance)
    together = threading.Barrier(8)

    def ping(_: int) -> None:
        together.wait()
        client.as_(credential, urgency=Urgency.CARRY_CHANGE).ping()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ping, range(8)))

    # On a busy machine calls that left spaced may still arrive together; those come again.
    assert [status for status in refused(livestorm) if status != 429] == [200] * 8
    assert len(allowance.observed) == len(refused(livestorm))


# What comes back goes to who asked


def test_threads_get_their_own_answers(
    client: Livestorm, simulator: LivestormSimulator, allowance: OpenAllowance
) -> None:
    simulator.latency = 0.02
    credentials = []
    for number in range(8):
        added = simulator.world.add_workspace(f"Workspace {number}")
        credentials.append(Credential(simulator.world.api_token(added), added.id))
    together = threading.Barrier(8)

    def ask(credential: Credential) -> list[str]:
        together.wait()
        workspace = client.as_(credential, urgency=Urgency.CARRY_CHANGE)
        return [workspace.organization().id for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, credentials))

    assert answers == [[credential.workspace] * 5 for credential in credentials]
    assert len(allowance.observed) == 40


# Faults


def test_passing_failure_of_a_read_is_repeated(
    workspace: Workspace, simulator: LivestormSimulator, allowance: OpenAllowance
) -> None:
    simulator.faults.add(Fault(kind="status", path=r"/v1/organization$", status=503))
    simulator.faults.add(Fault(kind="drop_before", path=r"/v1/organization$"))

    assert workspace.organization().name == "Acme"

    assert refused(simulator) == [503, 0, 200]
    # Every attempt is a call that Livestorm counts.
    assert len(allowance.acquired) == 3


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "html500", "truncated"])
def test_lasting_failure_of_a_read(
    kind: str, workspace: Workspace, simulator: LivestormSimulator
) -> None:
    simulator.faults.add(Fault(kind=kind, path=r"/v1/organization$", times=None))  # type: ignore[arg-type]

    failure = fails(workspace.organization)

    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.status == (500 if kind == "html500" else None)
    assert not failure.maybe_done
    assert len(simulator.log) == 3


def test_livestorms_word_on_when_to_come_back_is_kept(
    workspace: Workspace, simulator: LivestormSimulator, allowance: OpenAllowance
) -> None:
    simulator.faults.add(Fault(kind="status", status=503, retry_after=30, times=None))

    failure = fails(workspace.organization)

    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.retry_after == 30
    assert len(simulator.log) == 1
    assert allowance.observed[0][1].retry_after == 30


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        ("drop_before", False),
        ("drop_after", True),
        ("truncated", True),
        ("html500", False),
        ("status", False),
    ],
)
def test_writes_are_never_repeated(
    kind: str,
    done: bool,
    workspace: Workspace,
    simulator: LivestormSimulator,
    draft: Drafting,
) -> None:
    simulator.faults.add(
        Fault(kind=kind, method="POST", path=r"/v1/events$", times=None)  # type: ignore[arg-type]
    )

    failure = fails(lambda: workspace.create_event(draft()))

    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.maybe_done
    assert len(simulator.log) == 1
    made = [event for event in simulator.world.events.values() if event.slug == "webinar-4711"]
    assert len(made) == int(done)


WRITES: dict[str, Callable[[Workspace, Event], object]] = {
    "update_event": lambda it, event: it.update_event(event.id, EventChanges(title="New")),
    "delete_event": lambda it, event: it.delete_event(event.id),
    "update_session": lambda it, event: it.update_session(
        event.sessions[0].id, SessionChanges(name="New")
    ),
    "delete_session": lambda it, event: it.delete_session(event.sessions[0].id),
    "register": lambda it, event: it.register(event.sessions[0].id, GUEST),
    "register_many": lambda it, event: it.register_many(event.sessions[0].id, [GUEST]),
    "unregister": lambda it, event: it.unregister(event.sessions[0].id, email="camille@acme.test"),
    "create_webhook": lambda it, _: it.create_webhook("https://a.test/hook", "event.created"),
}


@pytest.mark.parametrize("verb", WRITES)
def test_no_other_write_is_repeated_either(
    verb: str, workspace: Workspace, simulator: LivestormSimulator, draft: Drafting
) -> None:
    event = workspace.create_event(draft())
    simulator.clear_log()
    simulator.faults.add(Fault(kind="drop_after", times=None))

    assert fails(lambda: WRITES[verb](workspace, event)).maybe_done
    assert len(simulator.log) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, FailureKind.INVALID),
        (401, FailureKind.UNAUTHORIZED),
        (402, FailureKind.PAYMENT_REQUIRED),
        (403, FailureKind.FORBIDDEN),
        (404, FailureKind.NOT_FOUND),
        (409, FailureKind.CONFLICT),
        (422, FailureKind.INVALID),
        (429, FailureKind.RATE_LIMITED),
    ],
)
def test_definite_refusals_are_not_repeated(
    status: int, kind: FailureKind, workspace: Workspace, simulator: LivestormSimulator
) -> None:
    simulator.faults.add(Fault(kind="status", status=status, times=None))

    failure = fails(workspace.organization)

    assert (failure.kind, failure.status) == (kind, status)
    assert len(simulator.log) == 1


def test_unreadable_answer_to_a_write(
    workspace: Workspace, simulator: LivestormSimulator, draft: Drafting
) -> None:
    body = json.dumps({"data": {"id": "x", "attributes": {}}})
    simulator.faults.add(Fault(kind="status", status=201, body=body))

    failure = fails(lambda: workspace.create_event(draft()))

    assert failure.kind is FailureKind.UNREADABLE
    assert failure.status == 201
    assert failure.maybe_done


def test_page_of_a_proxy_is_no_ping(workspace: Workspace, simulator: LivestormSimulator) -> None:
    simulator.faults.add(Fault(kind="status", status=200, body="<html>Please log in</html>"))

    assert fails(workspace.ping).kind is FailureKind.UNREADABLE


# Credentials


def test_revoked_token(client: Livestorm, simulator: LivestormSimulator) -> None:
    tokens = simulator.world.grant("camille@acme.test")
    simulator.world.grants.revoke(tokens.access_token)
    credential = Credential(f"Bearer {tokens.access_token}", "unknown")

    failure = fails(client.as_(credential, urgency=Urgency.PERSON_WAITING).ping)

    assert failure.kind is FailureKind.UNAUTHORIZED
    assert failure.status == 401


def test_api_token_with_a_bearer_prefix(client: Livestorm, simulator: LivestormSimulator) -> None:
    credential = Credential(f"Bearer {simulator.world.api_token()}", "unknown")

    failure = fails(client.as_(credential, urgency=Urgency.PERSON_WAITING).ping)

    assert failure.kind is FailureKind.UNAUTHORIZED


def test_missing_scope(client: Livestorm, simulator: LivestormSimulator) -> None:
    token = simulator.world.api_token(scopes=["identity:read"])
    workspace = client.as_(Credential(token, "unknown"), urgency=Urgency.PERSON_WAITING)

    workspace.organization()
    assert fails(lambda: list(workspace.events())).kind is FailureKind.FORBIDDEN


def test_blocked_workspace(workspace: Workspace, simulator: LivestormSimulator) -> None:
    simulator.switches.workspaces_validated = False
    assert fails(workspace.ping).kind is FailureKind.FORBIDDEN


def test_used_up_contacts(
    workspace: Workspace, simulator: LivestormSimulator, draft: Drafting
) -> None:
    session_id = workspace.create_event(draft()).sessions[0].id
    simulator.switches.payment_required = "registrations"

    failure = fails(lambda: workspace.register(session_id, RegistrantDraft("a@partner.test")))

    assert failure.kind is FailureKind.PAYMENT_REQUIRED
    assert not failure.maybe_done


# Time


def test_slow_answer_to_a_write(
    client: Livestorm, credential: Credential, simulator: LivestormSimulator, draft: Drafting
) -> None:
    simulator.faults.add(Fault(kind="slow_after", method="POST", seconds=1.5))
    began = time.monotonic()
    workspace = client.as_(credential, urgency=Urgency.PERSON_WAITING, deadline=began + 0.3)

    failure = fails(lambda: workspace.create_event(draft()))

    assert time.monotonic() - began < 1
    assert failure.kind is FailureKind.UNAVAILABLE
    assert failure.maybe_done
    assert any(event.slug == "webinar-4711" for event in simulator.world.events.values())


def test_repeats_end_with_the_deadline(
    client: Livestorm, credential: Credential, simulator: LivestormSimulator
) -> None:
    simulator.faults.add(Fault(kind="slow", seconds=0.5, times=None))
    simulator.faults.add(Fault(kind="status", times=None))
    began = time.monotonic()
    workspace = client.as_(credential, urgency=Urgency.PERSON_WAITING, deadline=began + 0.4)

    assert fails(workspace.organization).kind is FailureKind.UNAVAILABLE
    assert time.monotonic() - began < 1


def test_no_call_after_the_deadline(
    client: Livestorm,
    credential: Credential,
    simulator: LivestormSimulator,
    allowance: OpenAllowance,
    draft: Drafting,
) -> None:
    workspace = client.as_(
        credential, urgency=Urgency.PERSON_WAITING, deadline=time.monotonic() - 1
    )

    failure = fails(lambda: workspace.create_event(draft()))

    assert failure.kind is FailureKind.UNAVAILABLE
    assert not failure.maybe_done
    assert len(simulator.log) == 0
    assert allowance.acquired == []
    assert fails(workspace.organization).kind is FailureKind.UNAVAILABLE


def test_connection_is_reused(credential: Credential) -> None:
    with wire_server(*[answer(b"")] * 5) as server:
        client = Livestorm(api=server.url, allowance=OpenAllowance(), timeout_seconds=5)
        for urgency in (Urgency.PERSON_WAITING, Urgency.LOOK_AROUND):
            workspace = client.as_(credential, urgency=urgency)
            workspace.ping()
            workspace.delete_event("event")

    assert server.connections == 1


def test_list_that_is_the_same_whatever_page_is_asked_for_is_read_once(
    credential: Credential,
) -> None:
    person = {"type": "people", "id": "p1", "attributes": {"email": "alex@partner.test"}}
    body = json.dumps({"data": [person]}).encode()
    with wire_server(answer(body), answer(body)) as server:
        client = Livestorm(api=server.url, allowance=OpenAllowance(), timeout_seconds=5)
        workspace = client.as_(credential, urgency=Urgency.LOOK_AROUND)
        people = workspace.session_people("session")

    assert [one.email for one in people] == ["alex@partner.test"]


# Logs


def test_log_lines_carry_no_secret(
    workspace: Workspace, simulator: LivestormSimulator, credential: Credential
) -> None:
    detail = {"errors": [{"detail": "alex@partner.test has key 0123456789abcdef012345"}]}
    simulator.faults.add(
        Fault(kind="status", status=422, path="people$", skip=1, body=json.dumps(detail))
    )
    with structlog.testing.capture_logs() as lines:
        workspace.team_members("camille@acme.test")
        fails(lambda: workspace.team_members("camille@acme.test"))

    done, failed = lines
    assert done["event"] == failed["event"] == "remote_call"
    assert (done["vendor"], done["verb"], done["path"]) == ("livestorm", "GET", "/people")
    assert (done["outcome"], done["status"]) == ("ok", 200)
    assert done["urgency"] == "PERSON_WAITING"
    assert (failed["outcome"], failed["status"]) == ("invalid", 422)
    said = repr(lines)
    assert "@" not in said
    assert credential.authorization not in said
    assert credential.authorization not in repr(credential)
