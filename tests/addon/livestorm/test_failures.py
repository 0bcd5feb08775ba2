"""Every refusal becomes one of nine kinds, and its text is fit for a log."""

import json
import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.livestorm import FailureKind, LivestormFailure
from addon.livestorm.detail import error_text, safe_detail
from addon.livestorm.failures import classify, unknown_fields
from tests.addon.livestorm.strategies import any_json

NOTHING_DONE = False
MAYBE_DONE = True

HTML = b"<!DOCTYPE html><html><head><title>We're sorry (500)</title></head></html>"


def errors(detail: str) -> bytes:
    entry = {"title": "Title", "detail": detail, "code": "422", "status": "unprocessable_entity"}
    return json.dumps({"errors": [entry]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "maybe_done"),
    [
        (400, errors("Page does not exist"), FailureKind.INVALID, NOTHING_DONE),
        (401, errors("Invalid token"), FailureKind.UNAUTHORIZED, NOTHING_DONE),
        (401, b"", FailureKind.UNAUTHORIZED, NOTHING_DONE),
        (401, errors("Missing scope events:read"), FailureKind.FORBIDDEN, NOTHING_DONE),
        (402, errors("Active contacts exceeded"), FailureKind.PAYMENT_REQUIRED, NOTHING_DONE),
        (403, errors("Workspace blocked"), FailureKind.FORBIDDEN, NOTHING_DONE),
        (404, errors("Event Not found"), FailureKind.NOT_FOUND, NOTHING_DONE),
        (405, HTML, FailureKind.INVALID, NOTHING_DONE),
        (408, b"", FailureKind.UNAVAILABLE, MAYBE_DONE),
        (409, errors("Already there"), FailureKind.CONFLICT, NOTHING_DONE),
        (404, HTML, FailureKind.UNREADABLE, NOTHING_DONE),
        (404, b"", FailureKind.UNREADABLE, NOTHING_DONE),
        (404, b'{"message": "no Route matched"}', FailureKind.UNREADABLE, NOTHING_DONE),
        (404, b'{"errors": []}', FailureKind.UNREADABLE, NOTHING_DONE),
        (404, b'{"errors": "Not found"}', FailureKind.UNREADABLE, NOTHING_DONE),
        (410, b"", FailureKind.UNREADABLE, NOTHING_DONE),
        (410, errors("This version is retired"), FailureKind.UNREADABLE, NOTHING_DONE),
        (413, HTML, FailureKind.INVALID, NOTHING_DONE),
        (422, errors("Team member not found"), FailureKind.INVALID, NOTHING_DONE),
        (422, errors("The field 'x' doesn't exist"), FailureKind.INVALID, NOTHING_DONE),
        (422, errors("Email has already been taken"), FailureKind.CONFLICT, NOTHING_DONE),
        (422, errors("This person has Already Been Invited"), FailureKind.CONFLICT, NOTHING_DONE),
        (422, errors("is already registered"), FailureKind.CONFLICT, NOTHING_DONE),
        (422, errors("has already been registered"), FailureKind.CONFLICT, NOTHING_DONE),
        (425, b"", FailureKind.UNAVAILABLE, MAYBE_DONE),
        (429, errors("throttle limit reached"), FailureKind.RATE_LIMITED, NOTHING_DONE),
        (500, HTML, FailureKind.UNAVAILABLE, MAYBE_DONE),
        (500, b"", FailureKind.UNAVAILABLE, MAYBE_DONE),
        (502, b"Bad gateway", FailureKind.UNAVAILABLE, MAYBE_DONE),
        (503, errors("Down"), FailureKind.UNAVAILABLE, MAYBE_DONE),
        (302, b"", FailureKind.UNREADABLE, MAYBE_DONE),
        (700, b"", FailureKind.UNREADABLE, MAYBE_DONE),
    ],
)
def test_statuses(status: int, body: bytes, kind: FailureKind, maybe_done: bool) -> None:
    failure = classify(status, {}, body)

    assert failure.kind is kind
    assert failure.status == status
    assert failure.maybe_done is maybe_done
    assert not classify(status, {}, body, writes=False).maybe_done


@pytest.mark.parametrize(
    ("status", "challenge", "kind"),
    [
        (401, 'Bearer realm="Doorkeeper", error="invalid_token"', FailureKind.UNAUTHORIZED),
        (403, 'Bearer realm="Doorkeeper", error="invalid_token"', FailureKind.UNAUTHORIZED),
        (401, 'Bearer realm="Doorkeeper", error="insufficient_scope"', FailureKind.FORBIDDEN),
        (403, 'Bearer realm="Doorkeeper", error="insufficient_scope"', FailureKind.FORBIDDEN),
        (401, 'Bearer realm="Doorkeeper"', FailureKind.UNAUTHORIZED),
    ],
)
def test_challenge_tells_a_bad_token_from_a_missing_scope(
    status: int, challenge: str, kind: FailureKind
) -> None:
    assert classify(status, {"www-authenticate": challenge}, b"").kind is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"RETRY-AFTER": "-1"}, 0.0),
        ({"Retry-After": "99999999999"}, 30 * 24 * 3600.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
        ({"Retry-After": "Sat, 28 Nov 2020 10:31:00 GMT"}, None),
        (
            {
                "Retry-After": "Sat, 28 Nov 2020 10:31:00 GMT",
                "Date": "Sat, 28 Nov 2020 10:30:00 GMT",
            },
            60.0,
        ),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert classify(429, headers, b"").retry_after == seconds


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (errors("Team member not found"), "Team member not found"),
        ({"errors": [{"title": "Only a title", "code": "422"}]}, "Only a title"),
        ({"errors": [{"detail": "One"}, {"detail": "Two"}, {"detail": "One"}]}, "One; Two"),
        ({"errors": ["One", "Two"]}, "One; Two"),
        ({"errors": "One"}, "One"),
        ({"errors": {"title": ["can't be blank"]}}, "title can't be blank"),
        ({"errors": {"base": [{"detail": "Deep"}]}}, "base Deep"),
        ({"error": "invalid_grant", "error_description": "Revoked."}, "Revoked."),
        ({"error": "Not found"}, "Not found"),
        ({"error": {"message": "Inner"}}, "Inner"),
        ({"message": "Text"}, "Text"),
        ([{"detail": "In a list"}], "In a list"),
        ("Bare text", "Bare text"),
        ({"errors": [{"code": "422", "status": "unprocessable_entity"}]}, ""),
        ({"errors": []}, ""),
        ({"errors": None}, ""),
        (None, ""),
        (5, ""),
        (b"", ""),
        (b"  <html>", "an HTML page instead of JSON"),
        (b"\xff\xfe", "a body that is not JSON"),
        (b"[" * 19_000, "a body that is not JSON"),
    ],
)
def test_texts_of_every_form(body: object, text: str) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert error_text(raw) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Team member not found", "Team member not found"),
        ("camille@acme.test is registered", "[address] is registered"),
        ("<camille@acme.test>, 'sam@acme.test'", "<[address]>, [value]"),
        ("title 'Board meeting' isn't free, it's taken", "title [value] isn't free, it's taken"),
        ('"Board meeting" and “Launch” are taken', "[value] and [value] are taken"),
        ("email=camille%40acme.test&x", "email=[hidden]&x"),
        ("user camille%40acme.test", "user [address]"),
        ("Bearer abcdef is bad", "Bearer [hidden] is bad"),
        ("at https://x.test/p?key=abc&email=b", "at https://x.test/p"),
        ("key 0123456789abcdef012345 unknown", "key [hidden] unknown"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJhcGkifQ.Zm9vYmFyYmF6cXV4", "[hidden]"),
        (
            "event 2c4e1a9e-6a0e-4f9c-9d1c-8d8a6f7f2a11 is gone",
            "event 2c4e1a9e-6a0e-4f9c-9d1c-8d8a6f7f2a11 is gone",
        ),
        (
            "detailed_registration_page_enabled is unknown",
            "detailed_registration_page_enabled is unknown",
        ),
        ("two\nlines\tand\x1b[31m colour", "two lines and [31m colour"),
        ("", ""),
    ],
)
def test_safe_detail(text: str, safe: str) -> None:
    assert safe_detail(text) == safe


def test_detail_is_bounded() -> None:
    assert len(safe_detail("word " * 10_000)) == 300
    assert len(LivestormFailure(FailureKind.INVALID, detail="x y " * 5_000).detail) <= 300


@given(st.text(), st.emails(), st.text())
def test_no_address_survives(before: str, address: str, after: str) -> None:
    detail = safe_detail(f"{before} {address} {after}")
    assert "@" not in detail


@given(any_json)
def test_any_json_error_is_classified(value: object) -> None:
    failure = classify(422, {}, json.dumps(value).encode())
    assert failure.kind in {FailureKind.INVALID, FailureKind.CONFLICT}
    assert len(failure.detail) <= 300


def test_hostile_texts_take_no_time() -> None:
    began = time.monotonic()
    for text in ("a" * 10**6, "@" * 10**6, "a@" * 10**6, "x=" * 10**6, "bearer " * 10**6):
        safe_detail(text)
    # Linear work on bounded input takes milliseconds; what this would catch takes minutes.
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("status", "text", "fields"),
    [
        (422, "The field 'first_name' doesn't exist", {"first_name"}),
        (
            422,
            "The field 'first_name' doesn't exist; The field 'last_name' doesn’t exist",
            {"first_name", "last_name"},
        ),
        (400, 'The field "company" doesn\'t exist', {"company"}),
        (422, "The field 'first_name' is invalid", set()),
        (409, "The field 'first_name' doesn't exist", set()),
    ],
)
def test_fields_that_a_form_does_not_have(status: int, text: str, fields: set[str]) -> None:
    assert unknown_fields(classify(status, {}, errors(text))) == fields


def test_failures_survive_pickling() -> None:
    failure = LivestormFailure(
        FailureKind.RATE_LIMITED, status=429, detail="slow down", retry_after=1.5, maybe_done=True
    )

    copy = pickle.loads(pickle.dumps(failure))

    assert vars(copy) == vars(failure)
    assert str(copy) == "rate_limited: slow down"
