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


def person(
    verifier: Verifier, *, token: str, user_id_token: str | None, service_account: str
) -> Identity:
    """Return the verified person a call is for.

    Every add-on project at Google has a service account, and anybody can point a project of
    theirs at this server: only the one that is configured, address for address, speaks for
    others. No service account is ever a person.

    Args:
        verifier: Verifies both tokens.
        token: The bearer.
        user_id_token: The ID token inside the event object.
        service_account: Address that signs system tokens; "" when there is none.

    Raises:
        InvalidToken: nobody is proven.
        CertificatesUnavailable: nobody can be proven now.
    """
    caller = verifier.verify(token)
    if not caller.service_account:
        return caller
    address = (caller.email or "").encode()
    if not service_account or not hmac.compare_digest(address, service_account.encode()):
        raise InvalidToken("the service account is not the one of this add-on")
    if user_id_token is None:
        raise InvalidToken("the event object names no person")
    user = verifier.verify(user_id_token)
    if user.service_account:
        raise InvalidToken("a service account is not a person")
    return user
