"""Who calls: verify the ID tokens that Google signs.

Rules: developers.google.com/workspace/add-ons/guides/alternate-runtimes ("Verify requests from
Google") and developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken.
"""

import math
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from google.auth import exceptions, jwt

from addon.google.failures import GoogleFailure, GoogleFailureKind
from addon.remote import GOOGLE, Answer, calling

ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})

CLOCK_SKEW_SECONDS = 10
"""How far Google's clock and ours may be apart; google-auth's own default is none at all."""

MAX_TOKEN_LENGTH = 8192
"""Google's ID tokens are about 1,200 characters; longer input is not worth decoding."""

FETCH_TIMEOUT = (3.05, 5.0)
"""Seconds to connect and to read. Somebody waits, and the certificates are a few kilobytes."""

MAX_CERTIFICATES_BYTES = 262_144
"""Google publishes two or three certificates of about 1 kB; more than this is not that page."""

DEFAULT_CERTIFICATE_SECONDS = 300.0
"""How long certificates that come without Cache-Control are kept."""

UNKNOWN_KEYS_PER_MINUTE = 10
"""A new key is fetched at once, but made-up key ids may not turn us into a hammer on Google."""

OUTAGE_SECONDS = 1.0
"""After a failed fetch nobody fetches again for this long: callers that queued up behind it get
the same answer at once, instead of one time-out after the other."""

REMEMBERED_TOKENS = 4096
"""Verified tokens kept per process: a token lives an hour and a panel sends it many times.
About 1 kB each."""

REMEMBERED_SECONDS = 300.0
"""A remembered token is verified anew after this long, so that a withdrawn key stops working."""


class InvalidToken(Exception):
    """The token is not one we accept. The message says why and holds nothing of the token."""


class CertificatesUnavailable(Exception):
    """Google's certificates cannot be had now, so nobody can be verified; try again later."""


@dataclass(frozen=True)
class Identity:
    """A verified token. `email` is None unless Google says that it is verified.

    `service_account`: it belongs to a program, whether or not its address is verified.
    """

    sub: str
    email: str | None
    service_account: bool
    expires_at: float


class Verifier:
    """Verifies ID tokens for a fixed list of audiences. Thread-safe, one per process."""

    def __init__(self, *, certs_url: str, audiences: Sequence[str]) -> None:
        """Accept tokens made for any of `audiences`, signed by a key published at `certs_url`.

        Raises:
            ValueError: no audience; google-auth would then accept a token made for anybody.
        """
        if not audiences or not all(audiences):
            raise ValueError("at least one audience is needed")
        self._audiences = list(audiences)
        self._certificates = _Certificates(certs_url)
        self._remembered: OrderedDict[bytes, tuple[Identity, float]] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, token: str) -> Identity:
        """Return whose token this is.

        Raises:
            InvalidToken: malformed, expired, badly signed, or made for somebody else.
            CertificatesUnavailable: Google's certificates could not be read.
        """
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        now = time.time()
        with self._lock:
            known = self._remembered.get(digest)
        if known is not None and now < min(known[1], known[0].expires_at + CLOCK_SKEW_SECONDS):
            return known[0]
        identity = self._verify(token)
        with self._lock:
            self._remembered[digest] = (identity, now + REMEMBERED_SECONDS)
            while len(self._remembered) > REMEMBERED_TOKENS:
                self._remembered.popitem(last=False)
        return identity

    def _verify(self, token: str) -> Identity:
        if len(token) > MAX_TOKEN_LENGTH:
            raise InvalidToken("the token is too long")
        try:
            header = jwt.decode_header(token)
            key_id = header.get("kid") if isinstance(header, dict) else None
            if not isinstance(key_id, str):
                raise InvalidToken("the token names no key")
            certificates = self._certificates.containing(key_id)
            claims = jwt.decode(
                token,
                certs=certificates,
                audience=self._audiences,
                clock_skew_in_seconds=CLOCK_SKEW_SECONDS,
            )
            return _identity(claims)
        # Nothing of a token is to be believed before its signature is: JSON of any form and depth.
        except (
            exceptions.GoogleAuthError,
            ValueError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise InvalidToken(_reason(error)) from None


def _identity(claims: Mapping[str, object]) -> Identity:
    sub = claims.get("sub")
    email = claims.get("email")
    expires = claims.get("exp")
    if claims.get("iss") not in ISSUERS:
        raise InvalidToken("the token was not issued by Google accounts")
    if not isinstance(sub, str) or not 0 < len(sub) <= 255 or not sub.isprintable():  # noqa: PLR2004 - "sub" is at most 255 characters (OpenID Connect Core §2)
        raise InvalidToken("the token names nobody")
    if not isinstance(expires, int | float) or not math.isfinite(expires):
        raise InvalidToken("the token does not say when it ends")
    not_before = claims.get("nbf", 0)
    if not isinstance(not_before, int | float) or not_before > time.time() + CLOCK_SKEW_SECONDS:
        # google-auth looks at "iat" and "exp" only.
        raise InvalidToken("the token is not valid yet")
    if not isinstance(email, str):
        # Any service account can be given a token for any audience, and without its address it
        # cannot be told from a person.
        raise InvalidToken("the token names no address")
    verified = claims.get("email_verified") is True or claims.get("email_verified") == "true"
    usable = verified and len(email) <= 320 and email.isprintable()  # noqa: PLR2004 - the longest address (RFC 3696 erratum 1690: 64 + 1 + 255)
    return Identity(
        sub=sub,
        email=email if usable else None,
        service_account=email.lower().endswith("gserviceaccount.com"),
        expires_at=float(expires),
    )


def _reason(error: Exception) -> str:
    # google-auth's messages quote parts of the token; only their kind is kept.
    return f"the token does not verify ({type(error).__name__})"


class _Certificates:
    """Google's signing certificates by key id, kept as long as Cache-Control allows."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._lock = threading.Lock()
        self._by_key: dict[str, str] = {}
        self._fresh_until = 0.0
        self._out_until = 0.0
        self._asked_for: dict[str, float] = {}

    def containing(self, key_id: str) -> Mapping[str, str]:
        """Return the certificates; fetched anew when stale or when `key_id` is not among them.

        Raises:
            CertificatesUnavailable: they could not be fetched.
            InvalidToken: they could, and none has this id.
        """
        certificates = self._by_key
        if key_id in certificates and time.monotonic() < self._fresh_until:
            return certificates
        with self._lock:
            if time.monotonic() >= self._fresh_until or (
                key_id not in self._by_key and self._may_ask_for(key_id)
            ):
                self._fetch()
            certificates = self._by_key
        if key_id not in certificates:
            raise InvalidToken("the token is signed by a key Google does not publish")
        return certificates

    def _may_ask_for(self, key_id: str) -> bool:
        minute_ago = time.monotonic() - 60
        self._asked_for = {key: at for key, at in self._asked_for.items() if at > minute_ago}
        if key_id in self._asked_for or len(self._asked_for) >= UNKNOWN_KEYS_PER_MINUTE:
            return False
        self._asked_for[key_id] = time.monotonic()
        return True

    def _fetch(self) -> None:
        if time.monotonic() < self._out_until:
            raise CertificatesUnavailable(_OUTAGE)
        try:
            with calling(GOOGLE, "GET", "/certs") as asked:
                answer = self._asked(asked)
        except GoogleFailure:
            self._out_until = time.monotonic() + OUTAGE_SECONDS
            raise CertificatesUnavailable(_OUTAGE) from None
        self._fresh_until = time.monotonic() + _fresh_seconds(answer.headers)

    def _asked(self, asked: Answer) -> requests.Response:
        try:
            answer = self._session.get(self._url, timeout=FETCH_TIMEOUT, allow_redirects=False)
            asked.status = answer.status_code
            self._by_key = _certificates_in(answer)
        except (
            requests.RequestException,
            ValueError,
            RecursionError,
            UnsupportedAlgorithm,
        ) as error:
            kind, status = GoogleFailureKind.UNREADABLE, asked.status
            if isinstance(error, requests.RequestException):
                kind = GoogleFailureKind.UNAVAILABLE
            raise GoogleFailure(kind, status=status, reason=type(error).__name__) from None
        return answer


_OUTAGE = "Google's certificates cannot be read"


_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


def _certificates_in(answer: requests.Response) -> dict[str, str]:
    """Return key id → PEM, of a certificate or of a public key: google-auth verifies with either.

    Raises:
        ValueError: the answer is something else. Taken for certificates, it would turn an outage
            into the refusal of everybody.
        cryptography.exceptions.UnsupportedAlgorithm: it has a key of an unknown kind.
    """
    if answer.status_code != requests.codes.ok or len(answer.content) > MAX_CERTIFICATES_BYTES:
        raise ValueError("not the page of certificates")
    certificates: object = answer.json()
    if not isinstance(certificates, dict) or not certificates:
        raise ValueError("not key ids and certificates")
    for pem in certificates.values():
        if not isinstance(pem, str):
            raise ValueError("not a certificate")  # noqa: TRY004 - one kind of failure to callers
        if _CERTIFICATE in pem:
            load_pem_x509_certificate(pem.encode())
        else:
            load_pem_public_key(pem.encode())
    return certificates


def _fresh_seconds(headers: Mapping[str, str]) -> float:
    control = headers.get("Cache-Control", "")
    if re.search(r"\bno-(store|cache)\b", control):
        return 0.0
    age = re.search(r"\bmax-age=(\d{1,9})\b", control)
    if age is None:
        return DEFAULT_CERTIFICATE_SECONDS
    spent = headers.get("Age", "0")
    return max(float(age[1]) - (float(spent) if spent.isascii() and spent.isdigit() else 0.0), 0.0)
