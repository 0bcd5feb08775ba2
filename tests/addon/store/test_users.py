"""People: one row for each Google account, whatever its address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from addon.store import users
from addon.store.tables import users as table
from addon.store.users import Template


def test_a_person_is_known_by_googles_id_whatever_the_address(
    engine: sa.Engine, now: datetime
) -> None:
    first = users.account_of(engine, "1001", "camille@acme.test", now)
    again = users.account_of(engine, "1001", "camille@new.test", now + timedelta(days=1))
    assert again.user_id == first.user_id
    assert (first.email, again.email) == ("camille@acme.test", "camille@new.test")
    # A token without a verified address takes nothing away.
    assert users.account_of(engine, "1001", None, now).email == "camille@new.test"
    # An address that changes hands takes nothing along.
    other = users.account_of(engine, "1002", "camille@acme.test", now)
    assert other.user_id != first.user_id
    assert users.account(engine, first.user_id) == again
    assert users.account(engine, "nobody") is None


def test_many_first_calls_at_once_make_one_person(engine: sa.Engine, now: datetime) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(
            threads.map(lambda _: users.account_of(engine, "1001", "a@b.test", now), range(8))
        )
    assert len({account.user_id for account in made}) == 1
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1


@pytest.mark.parametrize("title", ["Webinar", "", "é😀\u202e<b>", "x" * 5000])
def test_a_template_is_kept_until_it_is_cleared(
    engine: sa.Engine, user_id: str, now: datetime, title: str
) -> None:
    other = users.account_of(engine, "1002", None, now)
    template = Template(event_id="00000000-0000-4000-8000-000000000000", title=title)
    users.save_template(engine, user_id, template, now)
    for account in (
        users.account(engine, user_id),
        users.account_of(engine, "1001", "new@acme.test", now),
    ):
        assert account is not None
        assert account.template == template
    unchanged = users.account(engine, other.user_id)
    assert unchanged is not None
    assert unchanged.template is None
    users.save_template(engine, user_id, None, now)
    cleared = users.account(engine, user_id)
    assert cleared is not None
    assert cleared.template is None
