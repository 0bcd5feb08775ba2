"""Whose ID token this is: every forgery is refused, and an outage is not a refusal."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from addon.google.identity import (
    CLOCK_SKEW_SECONDS,
    OUTAGE_SECONDS,
    UNKNOWN_KEYS_PER_MINUTE,
    CertificatesUnavailable,
    InvalidToken,
    Verifier,
)
from sandbox.google import GoogleSimulator
from sandbox.google import identity as sandbox_identity
from sandbox.google.keys import SigningKey, base64url
from tests.addon.google.forgery import (
    CertificatePage,
    certificate_page,
    segment,
    signed_with_public_key,
    unsigned,
    with_claims,
)

AUDIENCE = "the-add-on"
CAMILLE = "camille@acme.test"
NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def google() -> GoogleSimulator:
    """Signs tokens; not served, as the tests publish its keys themselves."""
    return GoogleSimulator()


@pytest.fixture(scope="module")
def other_key() -> SigningKey:
    """A key that Google does not publish."""
    return SigningKey.generate()


@pytest.fixture
def page(google: GoogleSimulator) -> Iterator[CertificatePage]:
    with certificate_page(google.keys.certificates(), Cache_Control="max-age=3600") as page:
        yield page


@pytest.fixture
def verifier(page: CertificatePage) -> Verifier:
    return Verifier(certs_url=page.url, audiences=["another", AUDIENCE])


@pytest.fixture
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_persons_token_says_who_they_are(google: GoogleSimulator, verifier: Verifier) -> None:
    identity = verifier.verify(google.identity_token(CAMILLE, AUDIENCE))
    assert (identity.sub, identity.email) == (google.accounts[CAMILLE].sub, CAMILLE)
    assert not identity.service_account


def test_a_service_account_is_known_as_one(google: GoogleSimulator, verifier: Verifier) -> None:
    assert verifier.verify(google.system_token(AUDIENCE)).service_account
    unverified = verifier.verify(google.system_token(AUDIENCE, email_verified=False))
    assert (unverified.service_account, unverified.email) == (True, None)


@pytest.mark.parametrize("claim", [False, None, "false", 1, "yes"])
def test_an_address_that_google_has_not_verified_is_nobodys(
    google: GoogleSimulator, verifier: Verifier, claim: object
) -> None:
    token = google.identity_token(CAMILLE, AUDIENCE, email_verified=claim)
    identity = verifier.verify(token)
    assert (identity.sub, identity.email) == (google.accounts[CAMILLE].sub, None)


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("claims", "good"),
    [
        ({"exp": NOW - CLOCK_SKEW_SECONDS}, True),
        ({"exp": NOW - CLOCK_SKEW_SECONDS - 1}, False),
        ({"iat": NOW + CLOCK_SKEW_SECONDS}, True),
        ({"iat": NOW + CLOCK_SKEW_SECONDS + 1}, False),
        ({"nbf": NOW + CLOCK_SKEW_SECONDS}, True),
        ({"nbf": NOW + CLOCK_SKEW_SECONDS + 1}, False),
        ({"nbf": "tomorrow"}, False),
        ({"exp": None}, False),
        ({"iat": None}, False),
        ({"exp": "never"}, False),
        ({"exp": float("inf")}, False),
        ({"exp": float("nan")}, False),
        ({"iss": "accounts.google.com"}, True),
        ({"iss": "https://accounts.google.com.evil.test"}, False),
        ({"iss": None}, False),
        ({"iss": ["https://accounts.google.com"]}, False),
        ({"aud": "somebody-else"}, False),
        ({"aud": AUDIENCE.upper()}, False),
        ({"aud": AUDIENCE + "/"}, False),
        ({"aud": None}, False),
        ({"sub": None}, False),
        ({"sub": ""}, False),
        ({"sub": 5}, False),
        ({"sub": "a\0b"}, False),
        ({"sub": "x" * 256}, False),
        ({"email": None}, False),
        ({"email": 5}, False),
    ],
)
def test_claims(
    google: GoogleSimulator, verifier: Verifier, claims: dict[str, object], good: bool
) -> None:
    usual = sandbox_identity.identity_claims(google.accounts[CAMILLE], AUDIENCE, NOW)
    token = sandbox_identity.identity_token(google.keys, usual | claims)
    if good:
        assert verifier.verify(token).sub == google.accounts[CAMILLE].sub
    else:
        with pytest.raises(InvalidToken):
            verifier.verify(token)


def forgeries(google: GoogleSimulator, token: str, other: SigningKey) -> dict[str, str]:
    """Everything that is not a token of Google's, made from one that is."""
    key = google.keys.current
    rest = token.split(".", 1)[1]
    deep = base64url(b"[" * 4000)
    return {
        "empty": "",
        "junk": "junk",
        "two parts": token.rpartition(".")[0],
        "four parts": f"{token}.x",
        "not base64": "ä.ö.ü",
        "half a surrogate pair": "\ud800.a.b",
        "too long": token + "A" * 10_000,
        "deep": f"{deep}.{deep}.{base64url(b'x')}",
        "header is a list": f"{segment([1])}.{rest}",
        "no key id": f"{segment({'alg': 'RS256'})}.{rest}",
        "key id is a number": f"{segment({'alg': 'RS256', 'kid': 1})}.{rest}",
        "algorithm is a list": f"{segment({'alg': [], 'kid': key.kid})}.{rest}",
        "unsigned": unsigned(token, kid=key.kid),
        "signed with the public key": signed_with_public_key(
            token, kid=key.kid, certificate=key.certificate
        ),
        "another key": google.identity_token(CAMILLE, AUDIENCE, key=other.private),
        "another key id": google.identity_token(
            CAMILLE, AUDIENCE, key=other.private, kid=other.kid
        ),
        "other claims": with_claims(token, sub="1"),
        "no signature": token.rpartition(".")[0] + ".",
        "other signature": token[:-9] + token[-8:] + token[-9],
    }


def test_forgeries(google: GoogleSimulator, verifier: Verifier, other_key: SigningKey) -> None:
    token = google.identity_token(CAMILLE, AUDIENCE)
    verifier.verify(token)
    accepted, told = {}, []
    for name, forged in forgeries(google, token, other_key).items():
        try:
            accepted[name] = verifier.verify(forged)
        except InvalidToken as refused:
            told.append(str(refused))
    assert accepted == {}
    assert all(len(words) < 100 and token[:20] not in words for words in told)


@pytest.mark.parametrize("audiences", [[], [""], ["a", ""]])
def test_no_verifier_without_audience(audiences: list[str]) -> None:
    with pytest.raises(ValueError, match="audience"):
        Verifier(certs_url="http://127.0.0.1:1/certs", audiences=audiences)


def test_a_remembered_token_still_ends(google: GoogleSimulator, verifier: Verifier) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        token = google.identity_token(CAMILLE, AUDIENCE, exp=NOW + 60)
        assert verifier.verify(token) is verifier.verify(token), "it is remembered"
        clock.shift(60 + CLOCK_SKEW_SECONDS)
        verifier.verify(token)
        clock.shift(1)
        with pytest.raises(InvalidToken):
            verifier.verify(token)


# Certificates


def test_certificates_are_fetched_once_for_many_tokens(
    google: GoogleSimulator, page: CertificatePage, verifier: Verifier
) -> None:
    tokens = [google.identity_token(CAMILLE, AUDIENCE, jti=str(n)) for n in range(20)]
    with ThreadPoolExecutor(10) as threads:
        identities = list(threads.map(verifier.verify, tokens))
    assert len(identities) == 20
    assert page.fetches == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache_Control": "public, max-age=1, must-revalidate"}, 1),
        ({"Cache_Control": "max-age=100", "Age": "99"}, 1),
        ({"Cache_Control": "no-store"}, 0),
        ({"Cache_Control": "max-age=3600, no-cache"}, 0),
    ],
)
def test_cache_control_is_honoured(
    google: GoogleSimulator, headers: dict[str, str], seconds: int
) -> None:
    with certificate_page(google.keys.certificates(), **headers) as page:
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="1"))
        before = page.fetches
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="2"))
        assert page.fetches == before + (seconds == 0)
        time.sleep(seconds + 0.05)
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="3"))
        assert page.fetches > before


@pytest.mark.parametrize(
    "headers",
    [{}, {"Cache_Control": "public"}, {"Cache_Control": "max-age=60", "Age": "soon"}],
)
def test_certificates_are_kept_for_a_while_without_a_word_about_it(
    google: GoogleSimulator, headers: dict[str, str]
) -> None:
    with certificate_page(google.keys.certificates(), **headers) as page:
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])
        for n in range(3):
            verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti=str(n)))
        assert page.fetches == 1


def public_key(key: SigningKey) -> str:
    """The key as a PEM of its own, without a certificate around it."""
    return (
        key.private.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def test_public_keys_do_as_well_as_certificates(
    google: GoogleSimulator, other_key: SigningKey
) -> None:
    key = google.keys.current
    published = {key.kid: public_key(key), other_key.kid: other_key.certificate}
    with certificate_page(published) as page:
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])
        token = google.identity_token(CAMILLE, AUDIENCE)
        assert verifier.verify(token).email == CAMILLE
        by_other = google.identity_token(
            CAMILLE, AUDIENCE, key=other_key.private, kid=other_key.kid
        )
        assert verifier.verify(by_other).email == CAMILLE
        for forged in (
            google.identity_token(CAMILLE, AUDIENCE, key=other_key.private, kid=key.kid),
            signed_with_public_key(token, kid=key.kid, certificate=public_key(key)),
            with_claims(token, sub="1"),
        ):
            with pytest.raises(InvalidToken):
                verifier.verify(forged)


def test_a_private_key_is_neither(google: GoogleSimulator) -> None:
    private = google.keys.current.private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with certificate_page({google.keys.current.kid: private.decode()}) as page:
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])
        with pytest.raises(CertificatesUnavailable):
            verifier.verify(google.identity_token(CAMILLE, AUDIENCE))


def test_a_new_key_is_fetched_at_once_and_once(
    page: CertificatePage, verifier: Verifier, other_key: SigningKey
) -> None:
    google = GoogleSimulator()
    verifier.verify(google.identity_token(CAMILLE, AUDIENCE))
    new = google.rotate_keys(retire_old=True)
    page.body = json.dumps(google.keys.certificates())
    for n in range(5):
        token = google.identity_token(CAMILLE, AUDIENCE, jti=str(n))
        assert verifier.verify(token).email == CAMILLE
    assert page.fetches == 2
    assert new in page.body


def test_a_withdrawn_key_stops_working(google: GoogleSimulator, other_key: SigningKey) -> None:
    with certificate_page(google.keys.certificates(), Cache_Control="no-store") as page:
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE))
        page.body = json.dumps({other_key.kid: other_key.certificate})
        with pytest.raises(InvalidToken):
            verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="later"))


def test_made_up_key_ids_do_not_hammer_google(
    google: GoogleSimulator, page: CertificatePage, verifier: Verifier
) -> None:
    for n in range(200):
        with pytest.raises(InvalidToken):
            verifier.verify(google.identity_token(CAMILLE, AUDIENCE, kid=f"made-up-{n}"))
    assert page.fetches <= 1 + UNKNOWN_KEYS_PER_MINUTE
    verifier.verify(google.identity_token(CAMILLE, AUDIENCE))


OUTAGES = {
    "server error": (500, "{}"),
    "refusal": (403, "{}"),
    "redirect": (302, "{}"),
    "page of a proxy": (200, "<html>"),
    "empty": (200, "{}"),
    "list": (200, "[]"),
    "numbers": (200, '{"a": 1}'),
    "no certificates": (200, '{"a": "b"}'),
    "half a key": (200, json.dumps({"a": "-----BEGIN PUBLIC KEY-----\nAAAA\n"})),
    "too large": (200, json.dumps({"a": "b" * 300_000})),
    "deep": (200, "[" * 100_000),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_is_not_a_refusal(google: GoogleSimulator, name: str) -> None:
    with certificate_page({}) as page:
        page.status, page.body = OUTAGES[name]
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])
        with pytest.raises(CertificatesUnavailable):
            verifier.verify(google.identity_token(CAMILLE, AUDIENCE))


def test_an_outage_after_the_cache_ran_out_is_not_a_refusal(google: GoogleSimulator) -> None:
    good = google.keys.certificates()
    with certificate_page(good, Cache_Control="max-age=1") as page:
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="1"))
        page.status = 503
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="2"))
        time.sleep(1.05)
        with pytest.raises(CertificatesUnavailable):
            verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="3"))
        # The next look is not before the end of a pause, so that an outage is not made worse.
        page.status = 200
        fetches = page.fetches
        with pytest.raises(CertificatesUnavailable):
            verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="4"))
        assert page.fetches == fetches
        time.sleep(OUTAGE_SECONDS)
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti="5"))


def test_nobody_queues_behind_an_outage(google: GoogleSimulator) -> None:
    with certificate_page({}) as page:
        page.status = 503
        verifier = Verifier(certs_url=page.url, audiences=[AUDIENCE])

        def refused(n: int) -> bool:
            try:
                verifier.verify(google.identity_token(CAMILLE, AUDIENCE, jti=str(n)))
            except CertificatesUnavailable:
                return True
            return False

        with ThreadPoolExecutor(16) as threads:
            assert all(threads.map(refused, range(16)))
        assert page.fetches == 1


def test_no_connection_is_an_outage(google: GoogleSimulator) -> None:
    verifier = Verifier(certs_url="http://127.0.0.1:9/certs", audiences=[AUDIENCE])
    with pytest.raises(CertificatesUnavailable):
        verifier.verify(google.identity_token(CAMILLE, AUDIENCE))
