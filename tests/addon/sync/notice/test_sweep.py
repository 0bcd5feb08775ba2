"""The sweep of links has everybody's compared in their turn."""

from datetime import timedelta

import sqlalchemy as sa

from addon.clock import now
from addon.store.tables import links, workspaces
from addon.sync.notice.sweep import COMPARE_AGAIN, LINKS_AT_ONCE
from tests.addon.sync.notice.rig import Pair, Rig

OLD_WORKSPACE = "11111111-1111-4111-8111-111111111111"

LONG_AGO = 2 * COMPARE_AGAIN


def compared_long_ago(rig: Rig, pair: Pair, **values: object) -> None:
    with rig.engine.begin() as connection:
        then = now() - LONG_AGO
        connection.execute(
            sa.update(links)
            .where(links.c.id == pair.id)
            .values({"created_at": then, "compared_at": then} | values)
        )


def many(rig: Rig, number: int) -> list[Pair]:
    """Links that were compared, of which nothing is outstanding."""
    pairs = [rig.pair(watched=False) for _ in range(number)]
    rig.compare(*[pair for pair in pairs if pair.id in rig.marked()])
    return pairs


def test_links_of_a_workspace_that_somebody_left_starve_nobody(rig: Rig) -> None:
    left = many(rig, LINKS_AT_ONCE + 5)
    with rig.engine.begin() as connection:
        connection.execute(
            sa.insert(workspaces).values(id=OLD_WORKSPACE, name="Old", created_at=now())
        )
    for pair in left:
        compared_long_ago(rig, pair, workspace_id=OLD_WORKSPACE, compared_at=None)
    [good] = many(rig, 1)
    compared_long_ago(rig, good)
    rig.noticing.sweep.links()
    assert rig.marked() == {good.id}


def test_whoever_waits_longest_comes_first(rig: Rig) -> None:
    pairs = many(rig, LINKS_AT_ONCE + 2)
    for number, pair in enumerate(pairs):
        compared_long_ago(rig, pair, compared_at=now() - LONG_AGO + timedelta(hours=number))
    # The last one was never compared.
    compared_long_ago(rig, pairs[-1], compared_at=None)
    first = {pair.id for pair in (*pairs[: LINKS_AT_ONCE - 1], pairs[-1])}
    rig.noticing.sweep.links()
    assert rig.marked() == first
    rig.compare()
    rig.noticing.sweep.links()
    assert rig.marked() == {pair.id for pair in pairs} - first
