"""Fixtures of the tests that drive the running program."""

import pytest

from tests.server.calls import connect
from tests.server.two_way import TwoWay, activate, begin
from tests.support.program import Program


@pytest.fixture
def two_way(program: Program) -> TwoWay:
    """Camille is connected and has activated."""
    rig = begin(program)
    connect(program)
    assert "integration is activated" in activate(program).text
    return rig
