"""Which person a call of Google's is for.

Two kinds of bearer are accepted (contract, "Add-on endpoints"): the person's own identity token,
as the Apps Script bridge sends it, and Google's system token, as the HTTP runtime sends it, in
which case the person is whoever the ID token inside the event object names.
"""

import hmac
import re

from addon.google.identity import Identity, InvalidToken, Verifier

_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)


def bearer(header: str | None) -> str:
    """Return the token of an Authorization header.

    Raises:
        InvalidToken: there is none.
    """
    found = _BEARER.fullmatch(header or "")
    if found is None:
        raise InvalidToken("the request carries no bearer token")
    return found[1]


def caller(verifier: Verifier, *, token: str, service_account: str) -> Identity:
    """Return the verified bearer: a person, or the service account that speaks for people.

    Every add-on project at Google has a service account, and anybody can point a project of
    theirs at this server: only the one that is configured, address for address, is accepted.

    Args:
        verifier: Verifies the token.
        token: The bearer.
        service_account: Address that signs system tokens; "" when there is none.

    Raises:
        InvalidToken: nobody is proven.
        CertificatesUnavailable: nobody can be proven now.
    """
    proven = verifier.verify(token)
    if proven.service_account and not _speaks_for_others(proven, service_account):
        raise InvalidToken("the service account is not the one of this add-on")
    return proven


def person(
    verifier: Verifier, proven: Identity, *, user_id_token: str | None, service_account: str
) -> Identity:
    """Return the verified person a call is for. No service account is ever a person.

    Args:
        verifier: Verifies the ID token inside the event object.
        proven: Whose the bearer is (see `caller`).
        user_id_token: The ID token inside the event object; only a system token needs it.
        service_account: As in `caller`.

    Raises:
        InvalidToken: nobody is proven.
        CertificatesUnavailable: nobody can be proven now.
    """
    if not _speaks_for_others(proven, service_account):
        return proven
    if user_id_token is None:
        raise InvalidToken("the event object names no person")
    user = verifier.verify(user_id_token)
    if user.service_account or _speaks_for_others(user, service_account):
        raise InvalidToken("a service account is not a person")
    return user


def _speaks_for_others(identity: Identity, service_account: str) -> bool:
    address = (identity.email or "").encode()
    return bool(service_account) and hmac.compare_digest(address, service_account.encode())
