"""What every test of noticing stands on."""

import pytest

from addon.jobs.dbos_queue import prepare
from tests.addon.sync.notice.rig import Rig
from tests.support.program import Program


@pytest.fixture
def rig(program: Program) -> Rig:
    """The program with both simulators, and noticing that a test steps by hand."""
    assert program.product is not None
    product = program.product
    prepare(product.engine)
    return Rig(program, product.engine, product.wakes, product.activation)
