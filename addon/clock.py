"""The product's only clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, aware and in UTC.

    Everything that needs "now" asks here, so that tests can move time in one place.
    """
    return datetime.now(UTC)
