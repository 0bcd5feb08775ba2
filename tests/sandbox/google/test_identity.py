"""ID tokens and the keys they are checked with."""

import pytest
import requests
from cryptography import x509
from google.auth import exceptions
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.google import SCRIPT_CLIENT_ID, SYSTEM_ACCOUNT, GoogleSimulator
from sandbox.google.keys import new_private_key


def verified(
    google: GoogleSimulator, token: str, audience: str = SCRIPT_CLIENT_ID
) -> dict[str, object]:
    with requests.Session() as session:
        found = id_token.verify_token(
            token, Request(session), audience=audience, certs_url=f"{google.url}/certs"
        )
    return dict(found)


def test_google_auth_accepts_an_identity_token(google: GoogleSimulator) -> None:
    """OpenID Connect guide: iss, sub, email and email_verified; RS256 by a published key."""
    claims = verified(google, google.identity_token("camille@acme.test", SCRIPT_CLIENT_ID))
    assert claims["iss"] == "https://accounts.google.com"
    assert claims["sub"] == "100000000000000000001"
    assert (claims["email"], claims["email_verified"]) == ("camille@acme.test", True)
    assert claims["exp"] == claims["iat"] + 3600  # type: ignore[operator]


def test_certificates_have_the_shape_of_googles(google: GoogleSimulator) -> None:
    """www.googleapis.com/oauth2/v1/certs: kid → PEM certificate, with Cache-Control."""
    answer = requests.get(f"{google.url}/certs", timeout=5)
    ((kid, pem),) = answer.json().items()
    certificate = x509.load_pem_x509_certificate(pem.encode())
    assert kid == google.keys.current.kid
    assert certificate.public_key() == google.keys.current.private.public_key()
    assert "max-age=" in answer.headers["Cache-Control"]


def test_key_set_and_discovery_document_lead_to_the_same_keys(google: GoogleSimulator) -> None:
    """accounts.google.com/.well-known/openid-configuration names every endpoint."""
    found = requests.get(f"{google.url}/.well-known/openid-configuration", timeout=5).json()
    keys = KeySet.import_key_set(requests.get(found["jwks_uri"], timeout=5).json())
    token = google.identity_token("sam@acme.test", "somebody")
    assert jwt.decode(token, keys).claims["email"] == "sam@acme.test"
    assert found["token_endpoint"] == f"{google.url}/token"


@pytest.mark.parametrize(
    "change",
    [{"aud": "other"}, {"exp": 1}, {"iat": 4102444800, "exp": 4102448400}],
    ids=["audience", "expired", "future"],
)
def test_a_wrong_claim_is_refused_by_the_verifier(
    google: GoogleSimulator, change: dict[str, object]
) -> None:
    """Overrides reach the signed claims, so that tests can make every bad token."""
    token = google.identity_token("camille@acme.test", SCRIPT_CLIENT_ID, **change)  # type: ignore[arg-type]
    with pytest.raises((exceptions.GoogleAuthError, ValueError)):
        verified(google, token)


def test_a_foreign_key_and_an_unknown_key_id_are_refused(google: GoogleSimulator) -> None:
    """Tampering: another key under our key id, and a key id nobody published."""
    forged = google.identity_token("camille@acme.test", SCRIPT_CLIENT_ID, key=new_private_key())
    unknown = google.identity_token("camille@acme.test", SCRIPT_CLIENT_ID, kid="nobody")
    for token in (forged, unknown):
        with pytest.raises((exceptions.GoogleAuthError, ValueError)):
            verified(google, token)


def test_rotation_keeps_the_old_key_published_until_it_is_retired(google: GoogleSimulator) -> None:
    """Keys rotate about daily; certificates must be fetched again on an unknown key id."""
    old = google.identity_token("camille@acme.test", SCRIPT_CLIENT_ID)
    google.rotate_keys()
    assert verified(google, old)["sub"] == "100000000000000000001"
    assert verified(google, google.identity_token("camille@acme.test", SCRIPT_CLIENT_ID))
    google.rotate_keys(retire_old=True)
    with pytest.raises((exceptions.GoogleAuthError, ValueError)):
        verified(google, old)


def test_the_system_token_is_signed_for_the_service_account(google: GoogleSimulator) -> None:
    """Add-on HTTP guide: e-mail of the project's own service agent, audience the endpoint."""
    token = google.system_token("https://program.test/addon/home")
    claims = verified(google, token, "https://program.test/addon/home")
    assert (claims["email"], claims["email_verified"]) == (SYSTEM_ACCOUNT, True)
