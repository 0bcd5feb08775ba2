"""Cross-Account Protection. Guide identity/protocols/risc."""

import pytest
import requests
from flask import Flask, request
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.google import DEFAULT_CLIENT_ID, GoogleSimulator
from sandbox.simulation import serve


def test_a_revoked_token_is_named_by_its_first_characters(google: GoogleSimulator) -> None:
    """token-revoked, signed with the keys that risc-configuration leads to."""
    app, got = Flask(__name__), []

    @app.post("/events")
    def events() -> tuple[str, int]:
        got.append((request.content_type, request.get_data(as_text=True)))
        return "", 202

    held = google.refresh_token("camille@acme.test", ["openid"])
    token = google.security_events.token(
        "token-revoked", audience=DEFAULT_CLIENT_ID, refresh_token=held
    )
    with serve(app) as server:
        google.security_events.receiver = f"{server.url}/events"
        assert google.security_events.send(token) == 202
    kind, body = got[0]
    assert kind == "application/secevent+jwt"
    found = requests.get(f"{google.url}/.well-known/risc-configuration", timeout=5).json()
    keys = KeySet.import_key_set(requests.get(found["jwks_uri"], timeout=5).json())
    claims = jwt.decode(body, keys).claims
    assert (claims["iss"], claims["aud"]) == (found["issuer"], [DEFAULT_CLIENT_ID])
    ((address, details),) = claims["events"].items()
    assert address.endswith("/oauth/event-type/token-revoked")
    assert details["subject"]["token"] == held[:16]


def test_an_account_is_named_by_its_sub_and_signed_apart(google: GoogleSimulator) -> None:
    """account-disabled with a reason; the ID-token keys do not verify it."""
    token = google.security_events.token(
        "account-disabled",
        audience=DEFAULT_CLIENT_ID,
        email="camille@acme.test",
        reason="hijacking",
    )
    keys = KeySet.import_key_set(requests.get(f"{google.url}/risc/certs", timeout=5).json())
    (details,) = jwt.decode(token, keys).claims["events"].values()
    assert details["reason"] == "hijacking"
    assert details["subject"]["sub"] == "100000000000000000001"
    others = KeySet.import_key_set(requests.get(f"{google.url}/oauth2/v3/certs", timeout=5).json())
    with pytest.raises(Exception, match="key"):
        jwt.decode(token, others)
