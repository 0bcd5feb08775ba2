"""OAuth: the pages, the code, the tokens, and how they end."""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import time_machine

from sandbox.google import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, GoogleSimulator, token_fault
from tests.sandbox.google.client import AUTH, CalendarClient, event

EVENTS = AUTH + "calendar.events"
CALLBACK = "https://program.test/google/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")


class Person:
    """A browser with cookies that never leaves for the client's own pages."""

    def __init__(self, google: GoogleSimulator) -> None:
        self.google = google
        self.session = requests.Session()

    def sign_in(self, email: str) -> None:
        answer = self.session.post(
            f"{self.google.url}/signin", data={"account": email}, allow_redirects=False, timeout=5
        )
        assert answer.status_code == 303

    def open(self, **changes: Any) -> requests.Response:
        """The authorization page."""
        asked = {
            "client_id": DEFAULT_CLIENT_ID,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": f"openid email {EVENTS}",
            "state": "s1",
            "access_type": "offline",
            "prompt": "consent",
            "code_challenge": CHALLENGE.decode(),
            "code_challenge_method": "S256",
            **changes,
        }
        query = urlencode({key: value for key, value in asked.items() if value is not None})
        url = f"{self.google.url}/o/oauth2/v2/auth?{query}"
        return self.session.get(url, allow_redirects=False, timeout=5)

    def decide(self, page: requests.Response, decision: str, scopes: list[str]) -> dict[str, str]:
        """Press a button of the consent page; returns what the client is told."""
        answer = self.session.post(
            page.url,
            data={"decision": decision, "scope": scopes},
            allow_redirects=False,
            timeout=5,
        )
        return told(answer)

    def code(self, scopes: list[str] | None = None, **changes: Any) -> str:
        """A code after consent."""
        page = self.open(**changes)
        assert page.status_code == 200, page.text
        return self.decide(page, "allow", [EVENTS] if scopes is None else scopes)["code"]


def told(answer: requests.Response) -> dict[str, str]:
    """The query that the client is sent back with."""
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith(CALLBACK)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {key: values[0] for key, values in query.items()}


@pytest.fixture
def person(google: GoogleSimulator) -> Iterator[Person]:
    person = Person(google)
    person.sign_in("camille@acme.test")
    yield person
    person.session.close()


def token(google: GoogleSimulator, **form: str) -> requests.Response:
    known = {"client_id": DEFAULT_CLIENT_ID, "client_secret": DEFAULT_CLIENT_SECRET}
    return requests.post(f"{google.url}/token", data={**known, **form}, timeout=5)


def exchange(google: GoogleSimulator, code: str, **changes: str) -> requests.Response:
    form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **changes}
    return token(google, grant_type="authorization_code", **form)


def refresh(google: GoogleSimulator, refresh_token: str, **more: str) -> requests.Response:
    return token(google, grant_type="refresh_token", refresh_token=refresh_token, **more)


def test_the_chooser_comes_first_and_leads_back_to_the_same_request(
    google: GoogleSimulator,
) -> None:
    """Web-server guide: without a session the person chooses an account."""
    person = Person(google)
    with person.session:
        page = person.open()
        assert "Choose an account" in page.text
        assert "Camille Martin" in page.text
        target = re.search(r'name="continue" value="([^"]+)"', page.text)
        assert target is not None
        answer = person.session.post(
            f"{google.url}/signin",
            data={"account": "sam@acme.test", "continue": target[1].replace("&amp;", "&")},
            timeout=5,
        )
        assert "sam@acme.test" in answer.text
        assert 'name="decision" value="allow"' in answer.text


def test_pages_speak_french_and_load_nothing_from_elsewhere(person: Person) -> None:
    """The pages work offline and in both languages."""
    person.session.headers["Accept-Language"] = "fr-FR,fr;q=0.9"
    page = person.open().text
    assert "Annuler" in page
    assert 'lang="fr"' in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_consent_gives_a_code_and_the_code_gives_tokens(
    google: GoogleSimulator, person: Person
) -> None:
    """Web-server guide: code, then access, refresh and ID token; email is spelled out."""
    body = exchange(google, person.code()).json()
    assert body["token_type"] == "Bearer"
    assert set(body["scope"].split()) == {"openid", AUTH + "userinfo.email", EVENTS}
    assert body["refresh_token"]
    assert body["id_token"].count(".") == 2
    answer = requests.get(
        f"{google.url}/calendar/v3/calendars/primary/events",
        headers={"Authorization": f"Bearer {body['access_token']}"},
        timeout=5,
    )
    assert answer.json()["summary"] == "camille@acme.test"


def test_an_unticked_box_is_not_granted(google: GoogleSimulator, person: Person) -> None:
    """Granular consent: the granted scopes can be fewer than the requested ones."""
    body = exchange(google, person.code(scopes=[])).json()
    assert EVENTS not in body["scope"].split()
    refused = requests.get(
        f"{google.url}/calendar/v3/calendars/primary/events",
        headers={"Authorization": f"Bearer {body['access_token']}"},
        timeout=5,
    )
    assert refused.status_code == 403
    assert refused.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"


def test_cancel_is_told_to_the_client(person: Person) -> None:
    """RFC 6749 §4.1.2.1: access_denied, with the state."""
    assert person.decide(person.open(), "deny", []) == {"error": "access_denied", "state": "s1"}


def test_a_refresh_token_comes_with_consent_only(google: GoogleSimulator, person: Person) -> None:
    """access_type=offline gives one at consent; a repeated grant without prompt=consent none."""
    assert "refresh_token" in exchange(google, person.code()).json()
    again = told(person.open(prompt=None))
    assert "refresh_token" not in exchange(google, again["code"]).json()
    assert "refresh_token" not in exchange(google, person.code(access_type="online")).json()


def test_a_silent_request_never_shows_a_page(google: GoogleSimulator, person: Person) -> None:
    """prompt=none answers interaction_required or consent_required instead."""
    assert told(person.open(prompt="none"))["error"] == "consent_required"
    nobody = Person(google)
    with nobody.session:
        assert told(nobody.open(prompt="none"))["error"] == "interaction_required"


def test_included_scopes_join_the_new_token(google: GoogleSimulator, person: Person) -> None:
    """Incremental authorization: include_granted_scopes covers what was granted before."""
    person.code()
    code = person.code(
        scopes=[AUTH + "calendar.readonly"],
        scope=AUTH + "calendar.readonly",
        include_granted_scopes="true",
    )
    assert {EVENTS, AUTH + "calendar.readonly"} <= set(
        exchange(google, code).json()["scope"].split()
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "http://elsewhere.test/callback"},
        {"response_type": "token"},
        {"scope": ""},
    ],
    ids=["client", "redirect", "response_type", "scope"],
)
def test_a_bad_request_is_not_sent_back(person: Person, wrong: dict[str, str]) -> None:
    """RFC 6749 §4.1.2.1: no redirect to an address that is not the client's."""
    assert person.open(**wrong).status_code == 400


def test_a_code_works_once_and_only_with_its_verifier(
    google: GoogleSimulator, person: Person
) -> None:
    """RFC 7636 §4.6 and RFC 6749 §4.1.2: wrong or missing verifier, reuse, wrong redirect."""
    code = person.code()
    assert exchange(google, code, code_verifier="x" * 50).json()["error"] == "invalid_grant"
    assert exchange(google, code).json()["error"] == "invalid_grant"
    assert exchange(google, person.code(), code_verifier="").json()["error"] == "invalid_grant"
    good = person.code()
    assert exchange(google, good).status_code == 200
    assert exchange(google, good).json()["error"] == "invalid_grant"
    elsewhere = exchange(google, person.code(), redirect_uri=CALLBACK + "/x")
    assert elsewhere.json()["error"] == "redirect_uri_mismatch"


def test_a_code_expires(google: GoogleSimulator, person: Person) -> None:
    """RFC 6749 §4.1.2: ten minutes."""
    code = person.code()
    with time_machine.travel(google.now() + 601):
        assert exchange(google, code).json()["error"] == "invalid_grant"


def test_the_client_must_authenticate(google: GoogleSimulator, person: Person) -> None:
    """RFC 6749 §5.2: invalid_client with 401, by form or by Basic."""
    answer = exchange(google, person.code(), client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    basic = requests.post(
        f"{google.url}/token",
        auth=(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET),
        data={
            "grant_type": "authorization_code",
            "code": person.code(),
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        },
        timeout=5,
    )
    assert basic.status_code == 200


def test_refreshing_gives_no_new_refresh_token(google: GoogleSimulator) -> None:
    """Google does not rotate refresh tokens; the switch does."""
    held = google.refresh_token("camille@acme.test", [EVENTS])
    body = refresh(google, held).json()
    assert (body["scope"], body["expires_in"]) == (EVENTS, 3599)
    assert "refresh_token" not in body
    google.switches.rotate_refresh_tokens = True
    assert refresh(google, held).json()["refresh_token"] != held
    assert refresh(google, held).json()["error"] == "invalid_grant"


def test_refreshing_for_more_than_was_granted_is_refused(google: GoogleSimulator) -> None:
    """RFC 6749 §6: invalid_scope."""
    held = google.refresh_token("camille@acme.test", [EVENTS])
    answer = refresh(google, held, scope=f"{EVENTS} {AUTH}calendar")
    assert answer.json()["error"] == "invalid_scope"


def test_an_access_token_lasts_about_an_hour(google: GoogleSimulator) -> None:
    """Afterwards the API answers 401 authError."""
    with (
        CalendarClient(google, "camille@acme.test") as client,
        time_machine.travel(google.now() + 3600),
    ):
        answer = client.page()
        assert answer.status_code == 401
        assert answer.json()["error"]["errors"][0]["reason"] == "authError"


def test_revoking_any_token_ends_the_grant(google: GoogleSimulator) -> None:
    """oauth2.googleapis.com/revoke takes either token and drops all of the project's."""
    held = google.refresh_token("camille@acme.test", [EVENTS])
    access = refresh(google, held).json()["access_token"]
    other = google.refresh_token("sam@acme.test", [EVENTS])
    answer = requests.post(f"{google.url}/revoke", data={"token": access}, timeout=5)
    assert answer.status_code == 200
    assert refresh(google, held).json() == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }
    assert refresh(google, other).status_code == 200
    twice = requests.post(f"{google.url}/revoke", data={"token": access}, timeout=5)
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_token")


def test_the_person_can_take_access_back(google: GoogleSimulator) -> None:
    """Removing the program on the account page is invalid_grant for the program."""
    held = google.refresh_token("camille@acme.test", [EVENTS])
    google.revoke_access("camille@acme.test")
    assert refresh(google, held).json()["error"] == "invalid_grant"


def test_a_testing_consent_screen_gives_seven_days(google: GoogleSimulator, person: Person) -> None:
    """External+Testing: refresh_token_expires_in, then invalid_grant."""
    google.switches.testing_consent_screen = True
    body = exchange(google, person.code()).json()
    assert body["refresh_token_expires_in"] == 604_800
    with time_machine.travel(google.now() + 604_801):
        assert refresh(google, body["refresh_token"]).json()["error"] == "invalid_grant"


def test_one_token_too_many_kills_the_oldest(google: GoogleSimulator) -> None:
    """100 live refresh tokens per account and client; here three."""
    google.switches.refresh_tokens_per_client = 3
    held = [google.refresh_token("camille@acme.test", [EVENTS]) for _ in range(4)]
    assert [refresh(google, one).status_code for one in held] == [400, 200, 200, 200]


def test_the_administrator_can_block_the_client(google: GoogleSimulator, person: Person) -> None:
    """admin_policy_enforced, at consent and at refresh."""
    held = google.refresh_token("camille@acme.test", [EVENTS])
    google.switches.admin_policy_enforced = True
    assert refresh(google, held).json()["error"] == "admin_policy_enforced"
    assert person.open().status_code == 400


def test_an_outage_of_the_token_endpoint(google: GoogleSimulator) -> None:
    """503 once, then as before; nothing is lost."""
    held = google.refresh_token("camille@acme.test", [EVENTS])
    google.faults.add(token_fault())
    assert refresh(google, held).status_code == 503
    assert refresh(google, held).status_code == 200


def test_sign_in_leads_only_to_own_pages(google: GoogleSimulator) -> None:
    """The page is no open redirect, and says who is signed in afterwards."""
    with requests.Session() as session:
        answer = session.post(
            f"{google.url}/signin",
            data={"account": "sam@acme.test", "continue": "https://elsewhere.test/"},
            allow_redirects=False,
            timeout=5,
        )
        assert answer.headers["Location"] == "/"
        assert session.cookies["sim_google_account"] == "sam@acme.test"


def test_the_user_info_endpoint_names_the_account(google: GoogleSimulator) -> None:
    """OpenID Connect guide: sub and, with the scope, the address."""
    value = google.access_token("sam@acme.test", ["openid", AUTH + "userinfo.email"])
    answer = requests.get(
        f"{google.url}/v1/userinfo", headers={"Authorization": f"Bearer {value}"}, timeout=5
    )
    assert answer.json()["email"] == "sam@acme.test"


def test_owned_scope_ends_at_other_peoples_calendars(google: GoogleSimulator) -> None:
    """calendar.events.owned: events of calendars the account owns, and no others."""
    google.world.share("camille@acme.test", "sam@acme.test", "writer")
    with CalendarClient(google, "sam@acme.test", [AUTH + "calendar.events.owned"]) as client:
        assert client.insert(event()).status_code == 200
        assert client.insert(event(), "camille@acme.test").status_code == 403
