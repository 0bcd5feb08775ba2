"""`livestorm-calendar links`: how links stand, and what an operator can do about one.

Titles, addresses and other words of people are printed by `show --values` alone.
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from addon import clock
from addon.dashboard.standing import State, standing
from addon.product import Product
from addon.repair import Repairs, Step
from addon.store import figures, inspecting, links
from addon.store.inspecting import KINDS, OpenIntent, Wanted
from addon.store.links import Link
from server.installation import installation

MOST = 10_000
"""Lines of one list: more than anybody reads, and half a second of the database."""

WAIT_SECONDS = 30
"""How long `resync` and `repair` wait for the worker: a job takes a few seconds, behind others."""

LOOK_SECONDS = 0.2

_COMPARABLE = frozenset({State.SYNCED.value, State.PENDING.value, State.TROUBLE.value})
"""Not those that are held: whether they are kept in sync is for their person to say."""

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_WAIT = click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=WAIT_SECONDS,
    show_default=True,
    help="Seconds to wait for the worker to compare it.",
)


@click.group()
def links_group() -> None:
    """Look at links, and have them compared or repaired."""


@links_group.command("list")
@click.option("--state", "kind", type=click.Choice(KINDS), help="How they stand.")
@click.option("--trouble", help="Only those in this kind of trouble (docs/operate.md).")
@click.option("--person", help="Whose: an e-mail address, or our id.")
@click.option("--workspace", help="Of which Livestorm workspace (organization id).")
@click.option("--limit", type=click.IntRange(1, MOST), default=100, show_default=True)
@click.option("--intents", is_flag=True, help="List rooms whose making came to no end instead.")
@_JSON
def list_links(
    *,
    kind: str | None,
    trouble: str | None,
    person: str | None,
    workspace: str | None,
    limit: int,
    intents: bool,
    as_json: bool,
) -> None:
    """List links, the newest first."""
    with installation() as (_, product):
        if intents:
            rows = [_intent_row(one) for one in inspecting.open_intents(product.engine)]
        else:
            wanted = Wanted(kind, trouble, person, workspace, limit)
            found = inspecting.find(product.engine, wanted)
            rows = [_row(product, one) for one in found]
    if as_json:
        _print_json(rows)
    elif not rows:
        click.echo("No unfinished rooms." if intents else "No link matches.")
    else:
        _print_table(rows)
        if len(rows) == limit and not intents:
            click.echo(f"The newest {limit}; --limit shows more.")


@links_group.command("show")
@click.argument("link_id", metavar="ID")
@click.option("--values", is_flag=True, help="Print what people wrote as well: it is personal.")
@_JSON
def show_link(*, link_id: str, values: bool, as_json: bool) -> None:
    """Show a link with its history. ID: its own, or that of the Livestorm or Calendar event."""
    with installation() as (_, product):
        link = _one(product, link_id)
        shown = _details(product, link, values=values)
    if as_json:
        _print_json(shown)
        return
    for name, value in shown.items():
        if name != "history":
            click.echo(f"{name:22}{_text(value)}")
    click.echo("history" if shown["history"] else "history               none")
    for line in shown["history"]:
        detail = f"  {json.dumps(line['detail'], ensure_ascii=False)}" if values else ""
        click.echo(f"  {_text(line['at'])}  {line['side']:10}{line['what']}{detail}")


@links_group.command("resync")
@click.argument("link_id", metavar="[ID]", required=False)
@click.option("--all-in-trouble", is_flag=True, help="Every link that does not work at present.")
@_WAIT
@_JSON
def resync(*, link_id: str | None, all_in_trouble: bool, wait: int, as_json: bool) -> None:
    """Have a link compared now, its pause ended."""
    if (link_id is None) is not all_in_trouble:
        raise click.UsageError("Give an ID, or --all-in-trouble.")
    with installation() as (_, product):
        if link_id is None:
            found = inspecting.find(product.engine, Wanted(kind="trouble", limit=MOST))
            for one in found:
                product.notices.touch(one.id, at_once=True)
            if as_json:
                _print_json([one.id for one in found])
            else:
                click.echo(f"{len(found)} links are compared anew." if found else "None is.")
            return
        link = _one(product, link_id)
        state = _row(product, link)["state"]
        if state not in _COMPARABLE:
            raise click.ClickException(f"It is not compared: {state}.")
        product.notices.touch(link.id, at_once=True)
        _conclude(product, link, [], wait, as_json=as_json)


@links_group.command("repair")
@click.argument("link_id", metavar="ID")
@click.option("--forget", is_flag=True, help="Drop an unfinished room that cannot be asked about.")
@_WAIT
@_JSON
def repair(*, link_id: str, forget: bool, wait: int, as_json: bool) -> None:
    """Read both sides of a link anew and put back what is missing.

    ID may be that of an unfinished room (`links list --intents`): Livestorm is asked for the
    event, which is linked, or the intent is forgotten.
    """
    with installation() as (_, product):
        repairs = Repairs(
            engine=product.engine,
            connections=product.connections,
            activation=product.activation,
            calendar=product.calendar,
            adopting=product.adopting,
            notices=product.notices,
        )
        intent = inspecting.open_intent(product.engine, link_id)
        if intent is not None:
            steps = repairs.intent(intent, forget=forget)
            _report(steps, as_json=as_json, end=None)
            sys.exit(0 if all(step.good for step in steps) else 1)
        link = _one(product, link_id)
        _conclude(product, link, repairs.link(link), wait, as_json=as_json)


def _conclude(
    product: Product, link: Link, steps: Sequence[Step], wait: int, *, as_json: bool
) -> None:
    """Wait for the worker, say how the link stands then, and end the command."""
    until = time.monotonic() + wait
    while time.monotonic() < until and links.is_outstanding(product.engine, link.id):
        time.sleep(LOOK_SECONDS)
    now = links.get(product.engine, link.id)
    end = _row(product, now) if now is not None else {"id": link.id, "state": "gone"}
    if now is not None and links.is_outstanding(product.engine, link.id):
        beats = figures.read(product.engine, clock.now()).workers
        waits = "the worker is busy" if beats else "no worker runs: start `livestorm-calendar up`"
        steps = [*steps, Step(good=False, what="comparison", words=f"is still to be made; {waits}")]
    _report(steps, as_json=as_json, end=end)
    well = end["state"] in {State.SYNCED.value, State.ENDED.value}
    sys.exit(0 if well and all(step.good for step in steps) else 1)


def _report(steps: Sequence[Step], *, as_json: bool, end: Mapping[str, Any] | None) -> None:
    if as_json:
        _print_json({"steps": [asdict(step) for step in steps], "link": end})
        return
    for step in steps:
        click.echo(f"{'ok  ' if step.good else 'FAIL'} {step.what}: {step.words}")
    if end is not None:
        _print_table([end])


def _one(product: Product, name: str) -> Link:
    found = inspecting.named(product.engine, name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.ClickException(f"No link has the id {name}.")
    ids = ", ".join(one.id for one in found)
    raise click.ClickException(f"Several links have that event; give one of {ids}.")


def _row(product: Product, link: Link) -> dict[str, Any]:
    account = product.connections.find(link.user_id)
    stands = standing(account, link) if account is not None else None
    state = stands.state.value if stands is not None and stands.state is not State.ENDED else None
    return {
        "id": link.id,
        "state": state or link.state,
        "trouble": stands.trouble if stands is not None else None,
        "starts_at": link.starts_at,
        "outstanding_since": link.dirty_at,
        "workspace": link.workspace_id,
        "person": link.user_id,
    }


def _intent_row(intent: OpenIntent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "created_at": intent.created_at,
        "asked_at": intent.sent_at,
        "worked_on_until": intent.lease_until,
        "person": intent.user_id,
    }


def _details(product: Product, link: Link, *, values: bool) -> dict[str, Any]:
    inner = inspecting.inner(product.engine, link.id)
    personal = {"calendar_id": link.calendar_id, "title": link.title, "unsynced": link.unsynced}
    unsynced = (link.unsynced or {}).get("guests", [])
    return {
        **_row(product, link),
        "livestorm_event_id": link.livestorm_event_id,
        "livestorm_session_id": link.livestorm_session_id,
        "calendar_event_id": link.event_id,
        "created_at": link.created_at,
        "synced_at": link.synced_at,
        **({} if inner is None else {**asdict(inner), "base": inner.base is not None}),
        "until": (link.trouble or {}).get("until"),
        "guests_unsynced": len(unsynced),
        **(personal if values else {}),
        "history": [
            {
                "at": line.at,
                "side": line.side,
                "what": line.what,
                **({"detail": line.detail} if values else {}),
            }
            for line in inspecting.lines(product.engine, link.id)
        ],
    }


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def _print_json(value: object) -> None:
    def plain(one: object) -> str:
        return one.isoformat() if isinstance(one, datetime) else str(one)

    click.echo(json.dumps(value, indent=2, default=plain, ensure_ascii=False))


def _print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    heads = list(rows[0])
    texts = [[_text(row[head]) for head in heads] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *texts, strict=True)]
    for cells in [[head.replace("_", " ").upper() for head in heads], *texts]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo(line.rstrip())
