"""Extended properties. Guide extended-properties."""

from typing import Any

from sandbox.google import GoogleSimulator
from tests.sandbox.google.client import CalendarClient, event, reason


def test_long_keys_are_dropped_and_long_values_cut(camille: CalendarClient) -> None:
    """44 characters for a key, 1024 for a value, silently."""
    private = {"k" * 45: "gone", "k" * 44: "v" * 2000}
    made = camille.inserted(event(extendedProperties={"private": private}))
    assert made["extendedProperties"] == {"private": {"k" * 44: "v" * 1024}}


def test_patch_merges_keys_null_deletes_and_put_drops(camille: CalendarClient) -> None:
    """PATCH merges per key; PUT drops what is missing."""
    both = {"private": {"a": "1", "b": "2"}, "shared": {"c": "3"}}
    made = camille.inserted(event(extendedProperties=both))
    change = {"extendedProperties": {"private": {"a": None, "d": "4"}}}
    merged = camille.patch(made["id"], change).json()["extendedProperties"]
    assert merged == {"private": {"b": "2", "d": "4"}, "shared": {"c": "3"}}
    untouched = camille.patch(made["id"], {"summary": "New"}).json()
    assert untouched["extendedProperties"] == merged
    assert "extendedProperties" not in camille.update(made["id"], event()).json()


def test_there_are_limits_per_event(camille: CalendarClient) -> None:
    """300 properties, 32 kB."""
    many = {f"k{number}": "v" for number in range(301)}
    large = {f"k{number}": "v" * 1024 for number in range(32)}
    for private in (many, large):
        answer = camille.insert(event(extendedProperties={"private": private}))
        assert reason(answer) == (400, "invalid")


def test_filters_find_events(google: GoogleSimulator, camille: CalendarClient) -> None:
    """privateExtendedProperty=name=value; repeats widen or narrow, private and shared narrow."""
    first = camille.inserted(
        event(extendedProperties={"private": {"a": "1"}, "shared": {"s": "1"}})
    )
    second = camille.inserted(event(extendedProperties={"private": {"a": "2", "b": "1"}}))

    def ids(**query: Any) -> set[str]:
        return {item["id"] for item in camille.items(**query)}

    assert ids(privateExtendedProperty="a=1") == {first["id"]}
    assert ids(privateExtendedProperty=["a=1", "b=1"]) == {first["id"], second["id"]}
    assert ids(privateExtendedProperty=["a=1", "a=2"], sharedExtendedProperty="s=1") == {
        first["id"]
    }
    google.switches.repeated_property_filters = "and"
    assert ids(privateExtendedProperty=["a=2", "b=1"]) == {second["id"]}
    assert ids(privateExtendedProperty=["a=1", "b=1"]) == set()


def test_private_ones_stay_on_one_copy_and_shared_ones_are_everybodys(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """Private belongs to calendar and event; guests can see and edit shared ones."""
    made = camille.inserted(
        event(
            attendees=[{"email": "sam@acme.test"}],
            extendedProperties={"private": {"ls": "1"}, "shared": {"s": "1"}},
        )
    )
    assert sam.get(made["id"]).json()["extendedProperties"] == {"shared": {"s": "1"}}
    sam.patch(made["id"], {"extendedProperties": {"shared": {"s": "2"}, "private": {"own": "1"}}})
    assert camille.get(made["id"]).json()["extendedProperties"] == {
        "private": {"ls": "1"},
        "shared": {"s": "2"},
    }
    camille.patch(made["id"], {"summary": "New"})
    assert sam.get(made["id"]).json()["extendedProperties"]["private"] == {"own": "1"}
