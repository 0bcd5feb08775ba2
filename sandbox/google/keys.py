"""The simulator's signing keys: RS256, published as self-signed certificates and as a JWK set.

Formats: ``https://www.googleapis.com/oauth2/v1/certs`` (JSON object, key id → PEM certificate)
and RFC 7517 for the key set.
"""

import base64
import functools
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_RSA_BITS = 2048  # what Google's own signing keys have
_YEARS = timedelta(days=3650)  # tests move the clock; the certificate's dates shall not matter


def base64url(data: bytes) -> str:
    """Base64 for URLs without padding, as JOSE uses it (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def new_private_key() -> rsa.RSAPrivateKey:
    """A fresh RSA key of the size Google uses."""
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)


@dataclass(frozen=True)
class SigningKey:
    """One RSA key with its id and its published forms."""

    kid: str
    private: rsa.RSAPrivateKey = field(repr=False)
    certificate: str

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key with a self-signed certificate, named as Google names its federation signon."""
        private = new_private_key()
        name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")]
        )
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _YEARS)
            .not_valid_after(now + _YEARS)
            .sign(private, hashes.SHA256())
        )
        pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
        return cls(kid=secrets.token_hex(20), private=private, certificate=pem)

    def jwk(self) -> dict[str, str]:
        """The public half as a JSON Web Key."""
        numbers = self.private.public_key().public_numbers()

        def encoded(number: int) -> str:
            return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))

        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": encoded(numbers.n),
            "e": encoded(numbers.e),
        }


def signed_token(
    claims: dict[str, Any],
    *,
    kid: str,
    key: rsa.RSAPrivateKey,
    kind: str = "JWT",
) -> str:
    """A compact JWS over the claims, signed RS256.

    Args:
        claims: Token body.
        kid: Key id written in the header; tests may name another than the key's own.
        key: Private key that signs.
        kind: ``typ`` of the header.
    """
    header = {"alg": "RS256", "kid": kid, "typ": kind}
    parts = [
        base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)
    ]
    signature = key.sign(".".join(parts).encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    return ".".join([*parts, base64url(signature)])


@functools.cache
def _first_key() -> SigningKey:
    return SigningKey.generate()


class KeyRing:
    """The keys that are published now; the newest one signs.

    Google rotates about daily and publishes the next key before it signs, so two are usually
    visible. Making a key takes a tenth of a second, so it is done when first needed.

    Args:
        fresh: Begin with a key of its own, instead of the one that all rings of this process
            share to save that time.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._keys: list[SigningKey] = []

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        if not self._keys:
            self._keys.append(SigningKey.generate() if self._fresh else _first_key())
        return self._keys[-1]

    def rotate(self, *, retire_old: bool = False) -> SigningKey:
        """Start to sign with a new key.

        Args:
            retire_old: Stop publishing all earlier keys; otherwise the last one stays visible.
        """
        kept = [] if retire_old else [self.current]
        self._keys = [*kept, SigningKey.generate()]
        return self._keys[-1]

    def certificates(self) -> dict[str, str]:
        """Key id → PEM certificate of every published key."""
        return {key.kid: key.certificate for key in (self._keys or [self.current])}

    def jwk_set(self) -> dict[str, list[dict[str, str]]]:
        """The same keys as a JWK set."""
        return {"keys": [key.jwk() for key in (self._keys or [self.current])]}
