"""Cross-Account Protection (RISC): signed notices that an account or a token was lost.

Source: developers.google.com/identity/protocols/risc: a JWT is posted to the registered receiver,
signed with keys of its own that /.well-known/risc-configuration leads to; ``aud`` is the client id,
``token-revoked`` names a refresh token by its first 16 characters or by a hash.
"""

import base64
import hashlib
import uuid
from typing import Any, Literal

import requests
from flask import Blueprint, Response, jsonify, request

from sandbox.google.identity import ISSUER
from sandbox.google.keys import KeyRing, signed_token
from sandbox.google.model import State

Kind = Literal[
    "sessions-revoked",
    "tokens-revoked",
    "token-revoked",
    "account-disabled",
    "account-enabled",
    "account-purged",
    "account-credential-change-required",
    "verification",
]

_OAUTH_KINDS = ("tokens-revoked", "token-revoked")
_PREFIX_CHARACTERS = 16
_TIMEOUT_SECONDS = 10


class SecurityEvents:
    """Builds and sends security event tokens.

    Attributes:
        receiver: Address of the program's receiver; None sends nothing.
        keys: Signing keys, other than those of ID tokens.
    """

    def __init__(self, state: State) -> None:
        self.receiver: str | None = None
        self.keys = KeyRing(fresh=True)
        self._state = state

    def token(
        self,
        kind: Kind,
        *,
        audience: str,
        email: str | None = None,
        refresh_token: str | None = None,
        algorithm: Literal["prefix", "hash_base64_sha512_sha512"] = "prefix",
        **details: Any,
    ) -> str:
        """A signed security event token.

        Args:
            kind: Last part of the event's address.
            audience: Client id of the program.
            email: Account it is about, for all kinds but token-revoked and verification.
            refresh_token: Token that was revoked, for token-revoked.
            algorithm: How the refresh token is named.
            **details: Further members of the event, such as ``reason`` or ``state``.
        """
        family = "oauth" if kind in _OAUTH_KINDS else "risc"
        address = f"https://schemas.openid.net/secevent/{family}/event-type/{kind}"
        event: dict[str, Any] = dict(details)
        if refresh_token is not None:
            event["subject"] = {
                "subject_type": "oauth_token",
                "token_type": "refresh_token",
                "token_identifier_alg": algorithm,
                "token": _named(refresh_token, algorithm),
            }
        elif email is not None:
            event["subject"] = {
                "subject_type": "iss-sub",
                "iss": ISSUER,
                "sub": self._state.accounts[email].sub,
            }
        claims = {
            "iss": ISSUER + "/",
            "aud": [audience],
            "iat": int(self._state.now()),
            "jti": uuid.uuid4().hex,
            "events": {address: event},
        }
        key = self.keys.current
        return signed_token(claims, kid=key.kid, key=key.private, kind="secevent+jwt")

    def send(self, token: str) -> int:
        """Post a security event token to the receiver and return its status; 202 is expected.

        Raises:
            ValueError: No receiver is registered.
            requests.RequestException: The receiver cannot be reached.
        """
        if self.receiver is None:
            raise ValueError("no receiver is registered")
        return requests.post(
            self.receiver,
            data=token.encode("ascii"),
            headers={"Content-Type": "application/secevent+jwt"},
            timeout=_TIMEOUT_SECONDS,
        ).status_code

    def blueprint(self) -> Blueprint:
        """The endpoints /.well-known/risc-configuration and /risc/certs."""
        routes = Blueprint("google_security_events", __name__)

        @routes.get("/.well-known/risc-configuration")
        def configuration() -> Response:
            root = request.host_url.rstrip("/")
            return jsonify(
                issuer=ISSUER + "/",
                jwks_uri=f"{root}/risc/certs",
                delivery_methods_supported=[
                    "https://schemas.openid.net/secevent/risc/delivery-method/push"
                ],
            )

        @routes.get("/risc/certs")
        def certificates() -> Response:
            with self._state.lock:
                return jsonify(self.keys.jwk_set())

        return routes


def _named(token: str, algorithm: str) -> str:
    if algorithm == "prefix":
        return token[:_PREFIX_CHARACTERS]
    twice = hashlib.sha512(hashlib.sha512(token.encode("ascii")).digest()).digest()
    return base64.b64encode(twice).decode("ascii")
