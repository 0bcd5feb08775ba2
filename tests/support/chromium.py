"""The browser that tests drive: Debian's Chromium, headless."""

import os
import shutil

_DISABLED = (
    # What the address bar would show: two pages in a process of their own for each window, loaded
    # although nobody sees the bar. They were half of what opening a window costs.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # Playwright's own list, as of 1.65 (`chromiumSwitches` in its driver): of several such flags
    # Chromium reads only the last, and that is ours.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""Features of Chromium to do without; names that a version does not know mean nothing to it."""

FLAGS = (
    # Chromium's own sandbox cannot be set up by root, whom containers usually run as.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Nothing the browser does by itself may leave the machine or take time from a test.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No page under test may depend on another host either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    # The same letters in every screenshot, whatever the machine's settings.
    "--font-render-hinting=none",
    f"--disable-features={','.join(_DISABLED)}",
)


class ChromiumMissing(Exception):
    """There is no browser on this machine; the message names what to install."""


def executable() -> str:
    """Return the path of the browser: `$CHROMIUM`, or chromium or google-chrome on PATH.

    Raises:
        ChromiumMissing: There is none.
    """
    for name in filter(None, (os.environ.get("CHROMIUM"), "chromium", "google-chrome")):
        found = shutil.which(name)
        if found:
            return found
    raise ChromiumMissing(
        "The browser tests need Chromium: install it (Debian: apt-get install chromium), let "
        "`make test` do it, or name one in the environment variable CHROMIUM."
    )
