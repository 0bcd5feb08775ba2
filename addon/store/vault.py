"""Keep other people's tokens: encrypted at rest, bound to their owner, with key rotation."""

import json
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class VaultError(Exception):
    """A stored secret cannot be read: no key fits, or it belongs to somebody else."""


class Vault:
    """Seals and opens secrets with Fernet keys, newest first.

    Fernet binds no outside data to a ciphertext, so the owner's id is sealed inside and
    checked on opening: a row moved to another user does not open.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys, newest first; the first seals, every one opens.

        Raises:
            ValueError: no key, or one that is not a Fernet key.
        """
        if not keys:
            raise ValueError("at least one key is needed")
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._newest = Fernet(keys[0])

    def seal(self, owner: str, secret: Mapping[str, str | None]) -> str:
        """Encrypt `secret` for `owner` (our user id)."""
        plain = json.dumps({"owner": owner, "secret": dict(secret)})
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, owner: str, sealed: str) -> dict[str, str | None]:
        """Decrypt what `seal` made for the same owner.

        Raises:
            VaultError: no key fits, or it was sealed for somebody else.
        """
        try:
            plain = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise VaultError("no key opens this secret") from None
        if plain["owner"] != owner:
            raise VaultError("this secret belongs to somebody else")
        secret: dict[str, str | None] = plain["secret"]
        return secret

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key opens it; nothing is said about whose it is."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """Encrypt the same secret with the newest key.

        Raises:
            VaultError: no key fits.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise VaultError("no key opens this secret") from None
