"""The settings: every one that is missing or unsafe is named, with the reason, and no value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.livestorm import TimeForm
from cards import Envelope
from server.settings import SettingsError, read

# The same in every process: pytest-xdist compares the names of tests, and keys are part of them.
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
REQUIRED = {
    "BASE_URL": "https://calendar.example.com",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuv",
    "TOKEN_KEYS": KEY,
    "GOOGLE_CLIENT_ID": "id.apps.googleusercontent.com",
    "GOOGLE_CLIENT_SECRET": "GOCSPX-secret",
    "ADDON_AUDIENCES": "script-client",
}


def problems(**changes: str) -> list[str]:
    """What is said about the settings, one line each."""
    try:
        read(REQUIRED | changes)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def test_the_required_ones_are_enough_and_the_others_have_their_defaults() -> None:
    settings = read(REQUIRED)
    assert settings.base_url == "https://calendar.example.com"
    assert settings.port == 8080
    assert settings.database_url.startswith("sqlite:///var/")
    assert settings.token_keys == (KEY,)
    assert settings.addon_audiences == ("script-client",)
    assert settings.addon_service_account == ""
    assert settings.livestorm_client_id == ""
    assert settings.google_calendar_api == "https://www.googleapis.com/calendar/v3/"
    assert settings.google_oauth_authorize == "https://accounts.google.com/o/oauth2/v2/auth"
    assert settings.google_oauth_token == "https://oauth2.googleapis.com/token"
    assert settings.google_oauth_revoke == "https://oauth2.googleapis.com/revoke"
    assert settings.google_certs == "https://www.googleapis.com/oauth2/v1/certs"
    assert settings.livestorm_api == "https://api.livestorm.co/v1"
    assert settings.livestorm_app == "https://app.livestorm.co"
    assert settings.livestorm_event_page == "https://app.livestorm.co/p/{event}"
    assert settings.sweep_seconds == 600
    assert settings.delete_grace_seconds == 60
    assert settings.occurrence_sessions == 10
    assert settings.livestorm_poll_seconds == 60
    assert settings.action_envelope is Envelope.BARE
    assert settings.livestorm_time_form is TimeForm.OFFSET


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", ["", "   "])
def test_each_required_one_is_missed(name: str, value: str) -> None:
    assert problems(**{name: value}) == [f"{name}: is missing"]


def test_all_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as missed:
        read({"PORT": "x", "LIVESTORM_CLIENT_ID": "a", "SWEEP_SECONDS": "0"})
    named = {line.partition(":")[0] for line in str(missed.value).splitlines()}
    assert named == {
        *REQUIRED,
        *("PORT", "SWEEP_SECONDS", "LIVESTORM_CLIENT_ID and LIVESTORM_CLIENT_SECRET"),
    }


UNSAFE: list[tuple[str, str]] = [
    ("BASE_URL", "http://calendar.example.com"),
    ("BASE_URL", "http://localhost:8080"),
    ("BASE_URL", "http://127.0.0.1.evil.test"),
    ("BASE_URL", "ftp://127.0.0.1"),
    ("BASE_URL", "calendar.example.com"),
    ("BASE_URL", "https://calendar.example.com/path"),
    ("BASE_URL", "https://user:pass@calendar.example.com"),
    ("BASE_URL", "https://calendar.example.com?x=1"),
    ("BASE_URL", "https://calendar.example.com:port"),
    ("BASE_URL", "https://calendar.example.com:99999"),
    ("BASE_URL", "https://[::1"),
    ("BASE_URL", "https://exa\u2100mple.com"),
    ("SECRET_KEY", "short-and-thus-guessable"),
    ("SECRET_KEY", "ab" * 15 + "c"),
    ("TOKEN_KEYS", "not-a-key"),
    ("TOKEN_KEYS", ", ,"),
    ("TOKEN_KEYS", f"{KEY},{KEY[:-5]}"),
    ("TOKEN_KEYS", "ä" * 44),
    ("ADDON_AUDIENCES", ","),
    ("DATABASE_URL", "mysql://user:hunter2@host/db"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "sqlite:///file::memory:?cache=shared&uri=true"),
    ("DATABASE_URL", "sqlite:///file:x?mode=memory&uri=true"),
    ("DATABASE_URL", "postgresql+psycopg2://user:hunter2@host/db"),
    ("DATABASE_URL", "postgresql://user:hunt@er:2secret@host/db"),
    ("DATABASE_URL", "postgresql"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "80.5"),
    ("PORT", "-1"),
    ("PORT", "٣"),
    ("PORT", "9" * 5000),
    ("LIVESTORM_API", "http://api.livestorm.co/v1"),
    ("GOOGLE_CERTS", "http://www.googleapis.com/oauth2/v1/certs"),
    ("GOOGLE_OAUTH_TOKEN", "//oauth2.googleapis.com/token"),
    ("SWEEP_SECONDS", "0"),
    ("DELETE_GRACE_SECONDS", "-5"),
    ("OCCURRENCE_SESSIONS", "1000"),
    ("LIVESTORM_POLL_SECONDS", "soon"),
    ("ACTION_ENVELOPE", "hunter2"),
    ("LIVESTORM_TIME_FORM", "hunter2"),
    ("SERIES_LINK", "hunter2"),
    ("CANCELLED_WITHOUT_DETAILS", "hunter2"),
    ("LIVESTORM_EVENT_PAGE", "https://app.livestorm.co/p/"),
    ("LIVESTORM_EVENT_PAGE", "https://app.livestorm.co/{event}/{x}"),
    ("CALENDAR_EVENT_PAGE", "https://calendar.test/?eid="),
    ("CALENDAR_EVENT_PAGE", "http://calendar.test/?eid={event}"),
    ("CALENDAR_EVENT_PAGE", "https://calendar.test/?eid={event}&{x}"),
]


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_unsafe_ones_are_named_without_their_value(name: str, value: str) -> None:
    [line] = problems(**{name: value})
    assert line.startswith(f"{name}: ")
    assert len(value) < 3 or value not in line.removeprefix(f"{name}: ")
    for secret in ("hunt", "secret@", "user:", "evil", "example.com:"):
        assert secret not in line.replace("https://calendar.example.com,", "")


@pytest.mark.parametrize("given_one", ["LIVESTORM_CLIENT_ID", "LIVESTORM_CLIENT_SECRET"])
def test_half_a_client_is_none(given_one: str) -> None:
    [line] = problems(**{given_one: "hunter2"})
    assert "give both, or neither" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("changes", "attribute", "value"),
    [
        ({"BASE_URL": "http://127.0.0.1:8080"}, "base_url", "http://127.0.0.1:8080"),
        ({"BASE_URL": "https://calendar.example.com/"}, "base_url", "https://calendar.example.com"),
        ({"LIVESTORM_API": "https://a.test/v1/"}, "livestorm_api", "https://a.test/v1"),
        (
            {"GOOGLE_CALENDAR_API": "http://127.0.0.1:1/calendar/v3"},
            "google_calendar_api",
            "http://127.0.0.1:1/calendar/v3/",
        ),
        ({"ADDON_AUDIENCES": " a , b "}, "addon_audiences", ("a", "b")),
        ({"ADDON_AUDIENCES": "a, b,"}, "addon_audiences", ("a", "b")),
        ({"ADDON_AUDIENCES": ",a,,b , "}, "addon_audiences", ("a", "b")),
        ({"TOKEN_KEYS": f" {KEY}, "}, "token_keys", (KEY,)),
        # 32 bytes are enough, whatever they are made of.
        ({"SECRET_KEY": "01" * 16}, "secret_key", "01" * 16),
        ({"SECRET_KEY": "k" * 32}, "secret_key", "k" * 32),
        ({"SECRET_KEY": "é" * 15 + "aa"}, "secret_key", "é" * 15 + "aa"),
        (
            {"LIVESTORM_APP": "https://eu.livestorm.test/"},
            "livestorm_event_page",
            "https://eu.livestorm.test/p/{event}",
        ),
        (
            {
                "LIVESTORM_APP": "https://eu.livestorm.test",
                "LIVESTORM_EVENT_PAGE": "https://a.test/{event}",
            },
            "livestorm_event_page",
            "https://a.test/{event}",
        ),
        ({"TOKEN_KEYS": f"{KEY} , {KEY}"}, "token_keys", (KEY, KEY)),
        ({"PORT": " 80 "}, "port", 80),
        ({"PORT": ""}, "port", 8080),
        ({"ACTION_ENVELOPE": "wrapped"}, "action_envelope", Envelope.WRAPPED),
        ({"DATABASE_URL": "postgresql://u:p@h/d"}, "database_url", "postgresql://u:p@h/d"),
        ({"DATABASE_URL": "sqlite:////data/x.db"}, "database_url", "sqlite:////data/x.db"),
        ({"CANCELLED_WITHOUT_DETAILS": "deleted"}, "bare_cancellation_is_deletion", True),
        ({"CANCELLED_WITHOUT_DETAILS": ""}, "bare_cancellation_is_deletion", False),
        ({"OCCURRENCE_SESSIONS": "0"}, "occurrence_sessions", 0),
    ],
)
def test_values_as_they_are_taken(changes: dict[str, str], attribute: str, value: Any) -> None:
    assert getattr(read(REQUIRED | changes), attribute) == value


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORT", "9000")
    assert read().port == 9000
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(SettingsError, match="SECRET_KEY: is missing"):
        read()


def test_no_secret_is_shown() -> None:
    settings = read(REQUIRED | {"DATABASE_URL": "postgresql://u:hunter2@h/d"})
    shown = repr(settings) + repr(settings.options())
    for secret in (REQUIRED["SECRET_KEY"], KEY, "GOCSPX-secret"):
        assert secret not in shown
    assert "hunter2" not in shown


@given(st.sampled_from([name for name, _ in UNSAFE]), st.text())
def test_any_text_is_a_setting_or_refused(name: str, text: str) -> None:
    for line in problems(**{name: text}):
        assert line.startswith(f"{name}: ")
        assert len(line) < 200
