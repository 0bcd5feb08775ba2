"""Which guests look like groups. The Calendar API does not say it, so names are gone by."""

from typing import Any

import pytest

from addon.google.attendees import parse_attendees
from addon.sync.groups import group_addresses


def found(*entries: dict[str, Any]) -> set[str]:
    """The addresses taken for groups in a guest list as Calendar sends it."""
    return set(group_addresses(parse_attendees(list(entries))))


@pytest.mark.parametrize(
    "address",
    [
        "product-team@acme.co",
        "team@acme.co",
        "All@Acme.co",
        "all.hands@acme.co",
        "staff_paris2@acme.co",
        "sales+emea@acme.co",
        "equipe-produit@acme.co",
        "équipe.produit@acme.co",
        "tous@acme.co",
        "vertrieb-dach@acme.co",
        "alle.mitarbeiter@acme.co",
        "equipo_ventas@acme.co",
    ],
)
def test_address_that_names_several_people_looks_like_a_group(address: str) -> None:
    assert found({"email": address}) == {address.lower()}


@pytest.mark.parametrize(
    "address",
    [
        "ada@acme.co",
        "ada@team.acme.co",
        "steamer@acme.co",
        "allan.grouplin@acme.co",
        "ada+sales@acme.co",
        "1234@acme.co",
        "not an address",
    ],
)
def test_address_of_a_person_does_not(address: str) -> None:
    assert found({"email": address}) == set()


def test_group_that_calendar_takes_apart_is_one_whatever_its_name() -> None:
    entries = [
        {"email": "atlas@acme.co", "asyncOperation": "inProgress"},
        {"email": "ada@acme.co", "asyncOperation": "unspecified"},
    ]
    assert found(*entries) == {"atlas@acme.co"}


@pytest.mark.parametrize("mark", ["organizer", "self", "resource"])
def test_organizer_and_rooms_are_none(mark: str) -> None:
    assert found({"email": "team@acme.co", mark: True}) == set()
