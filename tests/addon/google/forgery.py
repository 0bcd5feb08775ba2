"""ID tokens that are not what they seem, and a page of certificates that can be changed."""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import Flask, Response

from sandbox.google.keys import base64url
from sandbox.simulation import serve


def segment(part: object) -> str:
    """Return one part of a token."""
    return base64url(json.dumps(part).encode())


def claims_of(token: str) -> dict[str, Any]:
    """Read the claims of a token, as anybody can."""
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def unsigned(token: str, *, kid: str) -> str:
    """The same claims under `"alg": "none"`."""
    header = {"alg": "none", "kid": kid, "typ": "JWT"}
    return f"{segment(header)}.{token.split('.')[1]}."


def signed_with_public_key(token: str, *, kid: str, certificate: str) -> str:
    """The same claims under HS256, with the published certificate as the secret."""
    signed = f"{segment({'alg': 'HS256', 'kid': kid, 'typ': 'JWT'})}.{token.split('.')[1]}"
    mac = hmac.digest(certificate.encode(), signed.encode(), sha256)
    return f"{signed}.{base64url(mac)}"


def with_claims(token: str, **claims: Any) -> str:
    """The token with other claims under its old signature."""
    header, _, signature = token.split(".")
    return f"{header}.{segment(claims_of(token) | claims)}.{signature}"


@dataclass
class CertificatePage:
    """What is published where, and how often it was fetched."""

    url: str = ""
    body: str = "{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fetches: int = 0


@contextmanager
def certificate_page(certificates: Mapping[str, str], **headers: str) -> Iterator[CertificatePage]:
    """Serve a page of certificates; `Cache_Control="…"` and the like become headers."""
    page = CertificatePage(body=json.dumps(certificates))
    page.headers = {name.replace("_", "-"): value for name, value in headers.items()}
    app = Flask("certificates", root_path=".")

    @app.get("/certs")
    def certs() -> Response:
        page.fetches += 1
        return Response(page.body, page.status, page.headers, content_type="application/json")

    with serve(app) as server:
        page.url = f"{server.url}/certs"
        yield page
