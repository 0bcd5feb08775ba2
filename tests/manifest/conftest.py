"""The bridge in a browser, for every test of this folder that asks for it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.manifest.platform import Bridge, bridge_on


@pytest.fixture(scope="module")
def bridge_of_module(browser: Browser) -> Iterator[Bridge]:
    """One page and one pair of servers for a module: most of a test's time would go there."""
    page = browser.new_page()
    with bridge_on(page) as bridge:
        yield bridge
    page.close()


@pytest.fixture
def bridge(bridge_of_module: Bridge) -> Bridge:
    """The bridge, loaded afresh."""
    bridge_of_module.start()
    return bridge_of_module
