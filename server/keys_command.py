"""`livestorm-calendar rotate-keys`: seal everything with the newest key, at once."""

import sys

import click

from addon.store import rekeying
from addon.store.vault import Vault
from server.installation import installation


@click.command("rotate-keys")
def rotate_keys() -> None:
    """Encrypt all stored tokens with the newest of TOKEN_KEYS.

    Safe while the program serves, and again. Afterwards older keys can be taken out of TOKEN_KEYS,
    unless something is named that no key opens: then this ends with exit code 1.
    """
    with installation() as (settings, product):
        done = rekeying.reseal(product.engine, Vault(settings.token_keys))
    click.echo(f"{done.resealed} re-encrypted, {done.newest} had the newest key already.")
    for table, user_id in done.unreadable:
        click.echo(f"No key opens {table} of {user_id}.")
    if done.unreadable:
        click.echo("Add the key they were made with to TOKEN_KEYS, or let those people reconnect.")
        sys.exit(1)
