"""What every test of noticing stands on."""

import pytest

from tests.addon.sync.notice.rig import Rig, rig_of
from tests.support.program import Program


@pytest.fixture
def rig(program: Program) -> Rig:
    """The program with both simulators, and noticing that a test steps by hand."""
    return rig_of(program)
