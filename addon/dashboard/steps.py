"""Setting up, step by step: what a person still has to do, in order."""

from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa

from addon.store import engine as store
from addon.store import event_lists
from addon.store.tables import users
from addon.store.users import Account


class Step(Enum):
    """The steps of the help article, in their order."""

    CONNECT = "connect"
    ACTIVATE = "activate"
    ADD_ON = "add_on"
    DEFAULT = "default"


TICKED = frozenset({Step.ADD_ON, Step.DEFAULT})
"""What Google lets no program ask: the person says that it is done."""


@dataclass(frozen=True)
class Steps:
    """All steps, and those that are done."""

    done: frozenset[Step]

    @property
    def missing(self) -> list[Step]:
        """What is still to be done, in order."""
        return [step for step in Step if step not in self.done]


def steps(engine: sa.Engine, account: Account) -> Steps:
    """Find out which steps a person has done. Whoever made an event has the add-on."""
    with store.reading(engine) as connection:
        row = connection.execute(
            sa.select(users.c.steps_done).where(users.c.id == account.user_id)
        ).one_or_none()
    ticked = row.steps_done if row is not None and isinstance(row.steps_done, list) else []
    done = {step for step in TICKED if step.value in ticked}
    if event_lists.has_any(engine, account.user_id):
        done.add(Step.ADD_ON)
    if account.connection is not None and account.connection.usable:
        done.add(Step.CONNECT)
    if account.activated:
        done.add(Step.ACTIVATE)
    return Steps(frozenset(done))


def tick(engine: sa.Engine, user_id: str, step: Step) -> None:
    """Remember that a person did a step that only they can know of."""
    if step not in TICKED:
        return
    with store.writing(engine) as connection:
        row = connection.execute(
            sa.select(users.c.steps_done).where(users.c.id == user_id)
        ).one_or_none()
        if row is None:
            return
        known = set(row.steps_done or ())
        connection.execute(
            sa.update(users)
            .where(users.c.id == user_id)
            .values(steps_done=sorted(known | {step.value}))
        )
