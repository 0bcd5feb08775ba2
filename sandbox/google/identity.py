"""Who somebody is: ID tokens, and the endpoints that publish the keys to check them with.

Sources: developers.google.com/identity/openid-connect/openid-connect (claims),
accounts.google.com/.well-known/openid-configuration (discovery),
www.googleapis.com/oauth2/v1/certs (certificates with ``Cache-Control: max-age``).
"""

from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Blueprint, Response, jsonify, request

from sandbox.google.keys import KeyRing, signed_token
from sandbox.google.model import Account, State

ISSUER = "https://accounts.google.com"
TOKEN_SECONDS = 3600  # life of Google's ID tokens
CERTIFICATES_MAX_AGE = 21_000  # seconds; Google announces a little under six hours

SYSTEM_ACCOUNT = "service-123456789012@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"
"""The service agent of the simulated add-on project, signer of system tokens."""


class Publisher(Protocol):
    """What the identity endpoints need of the simulator."""

    keys: KeyRing
    state: State


def identity_claims(account: Account, audience: str, now: float) -> dict[str, Any]:
    """The claims of an account's ID token with scopes ``openid email profile``."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "azp": audience,
        "aud": audience,
        "sub": account.sub,
        "email": account.email,
        "email_verified": True,
        "name": account.name,
        "iat": int(now),
        "exp": int(now) + TOKEN_SECONDS,
    }
    if account.hosted_domain:
        claims["hd"] = account.hosted_domain
    return claims


def identity_token(
    keys: KeyRing,
    claims: dict[str, Any],
    *,
    kid: str | None = None,
    key: rsa.RSAPrivateKey | None = None,
    **overrides: Any,
) -> str:
    """A signed token over the claims.

    Args:
        keys: Ring whose current key signs.
        claims: What the token says.
        kid: Other key id for the header, for tampering tests.
        key: Other private key, for tampering tests.
        **overrides: Claims to replace; None removes one.
    """
    merged = {name: value for name, value in (claims | overrides).items() if value is not None}
    current = keys.current
    return signed_token(merged, kid=kid or current.kid, key=key or current.private)


def blueprint(publisher: Publisher) -> Blueprint:
    """The endpoints /certs, /oauth2/v3/certs and /.well-known/openid-configuration."""
    routes = Blueprint("google_identity", __name__)

    def cached(body: object) -> Response:
        answer = jsonify(body)
        answer.headers["Cache-Control"] = (
            f"public, max-age={CERTIFICATES_MAX_AGE}, must-revalidate, no-transform"
        )
        return answer

    @routes.get("/certs")
    def certificates() -> Response:
        with publisher.state.lock:
            return cached(publisher.keys.certificates())

    @routes.get("/oauth2/v3/certs")
    def jwk_set() -> Response:
        with publisher.state.lock:
            return cached(publisher.keys.jwk_set())

    @routes.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        root = request.host_url.rstrip("/")
        return cached(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{root}/o/oauth2/v2/auth",
                "token_endpoint": f"{root}/token",
                "userinfo_endpoint": f"{root}/v1/userinfo",
                "revocation_endpoint": f"{root}/revoke",
                "jwks_uri": f"{root}/oauth2/v3/certs",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "email", "profile"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                ],
                "claims_supported": [
                    *("aud", "email", "email_verified", "exp", "iat", "iss", "name", "sub")
                ],
                "code_challenge_methods_supported": ["plain", "S256"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
            }
        )

    return routes
