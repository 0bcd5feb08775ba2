"""Fixtures for the Google simulator's tests."""

from collections.abc import Iterator

import pytest

from sandbox.google import GoogleSimulator
from tests.sandbox.google.client import CalendarClient
from tests.sandbox.google.receiver import Receiver


@pytest.fixture
def camille(google: GoogleSimulator) -> Iterator[CalendarClient]:
    """The Calendar API as camille@acme.test."""
    with CalendarClient(google, "camille@acme.test") as client:
        yield client


@pytest.fixture
def sam(google: GoogleSimulator) -> Iterator[CalendarClient]:
    """The Calendar API as sam@acme.test."""
    with CalendarClient(google, "sam@acme.test") as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of push messages."""
    with Receiver().serve() as served:
        yield served
