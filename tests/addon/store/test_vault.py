"""Other people's tokens: sealed for their owner, with keys that can be exchanged."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from addon.store.vault import Vault, VaultError

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRET = {"access_token": "ya29.secret", "refresh_token": None}

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, st.dictionaries(TEXT, TEXT | st.none()))
def test_what_is_sealed_opens_for_its_owner(owner: str, secret: dict[str, str | None]) -> None:
    vault = Vault([NEW])
    assert vault.open(owner, vault.seal(owner, secret)) == secret


def test_nothing_of_it_can_be_read_and_no_two_are_alike() -> None:
    vault = Vault([NEW])
    sealed = vault.seal("a", SECRET)
    assert "secret" not in sealed
    assert sealed != vault.seal("a", SECRET)


def test_it_does_not_open_for_another_owner() -> None:
    vault = Vault([NEW])
    with pytest.raises(VaultError, match="somebody else"):
        vault.open("b", vault.seal("a", SECRET))


@pytest.mark.parametrize("change", [slice(0, -1), slice(1, None), slice(0, 0)])
def test_it_does_not_open_when_it_was_changed(change: slice) -> None:
    vault = Vault([NEW])
    with pytest.raises(VaultError, match="no key"):
        vault.open("a", vault.seal("a", SECRET)[change])
    with pytest.raises(VaultError, match="no key"):
        vault.open("a", "ä")


def test_keys_are_exchanged_one_after_the_other() -> None:
    sealed = Vault([OLD]).seal("a", SECRET)
    both = Vault([NEW, OLD])
    assert both.open("a", sealed) == SECRET
    with pytest.raises(VaultError):
        Vault([NEW]).open("a", sealed)
    # What is sealed from now on needs the old key no more, and the rest can be sealed anew.
    assert Vault([NEW]).open("a", both.seal("a", SECRET)) == SECRET
    assert Vault([NEW]).open("a", both.reseal(sealed)) == SECRET
    with pytest.raises(VaultError):
        Vault([NEW]).reseal(sealed)


@pytest.mark.parametrize("keys", [[], [""], ["no key"], [NEW, "no key"]])
def test_no_vault_without_keys(keys: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        Vault(keys)
