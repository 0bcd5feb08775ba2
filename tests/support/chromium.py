"""The browser that tests drive: Debian's Chromium, headless."""

import os
import shutil

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
