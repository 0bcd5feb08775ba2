"""What the commands for operators work on: the installation that the environment names."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa
import structlog

from server.away import DatabaseAway
from server.restarts import EX_CONFIG
from server.settings import Settings, SettingsError, read

if TYPE_CHECKING:
    from addon.product import Product


def settings_or_exit() -> Settings:
    """Return the settings; end the command when they are missing or unsafe, naming each."""
    try:
        return read()
    except SettingsError as error:
        click.echo("These settings are missing or unsafe (README, “Settings”):", err=True)
        click.echo(str(error), err=True)
        sys.exit(EX_CONFIG)


@contextmanager
def installation() -> Iterator[tuple[Settings, "Product"]]:
    """Give the settings and the product's parts, on a database that is up to date.

    Raises:
        DatabaseAway: the database does not answer.
        click.ClickException: it is not at this program's version.
    """
    settings = settings_or_exit()
    from addon.product import build  # noqa: PLC0415 - a second of imports
    from addon.store import schema  # noqa: PLC0415

    # What is printed is the command's answer; the lines of a server's log are not part of it.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    product = build(settings.options())
    try:
        if not schema.is_current(product.engine):
            raise click.ClickException("The database is not migrated: start `serve` once.")
        yield settings, product
    except sa.exc.OperationalError as error:
        raise DatabaseAway(str(error.orig).partition("\n")[0]) from None
    finally:
        product.engine.dispose()
