"""Fixtures for the Google simulator's tests."""

from collections.abc import Iterator

import pytest

from sandbox.google import GoogleSimulator
from tests.sandbox.google.client import CalendarClient
from tests.sandbox.google.receiver import Receiver


@pytest.fixture(scope="module")
def served() -> Iterator[GoogleSimulator]:
    """One served simulator for a module: making its application takes longer than most tests."""
    simulator = GoogleSimulator()
    with simulator.serve():
        yield simulator


@pytest.fixture
def google(served: GoogleSimulator) -> GoogleSimulator:
    """The simulator in its first state."""
    served.reset()
    return served


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
