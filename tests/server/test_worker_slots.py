"""Slots of workers within one process; `tests/addon/jobs/test_workers.py` has real workers."""

import os
import socket
import uuid
from pathlib import Path

import sqlalchemy as sa

from server.worker_slots import held_slot, machine


def url(path: Path | str) -> sa.URL:
    return sa.make_url(f"sqlite:///{path}")


def test_the_lowest_free_one_is_taken_and_given_back(tmp_path: Path) -> None:
    database = url(tmp_path / "a.sqlite")
    with held_slot(database, "") as first:
        with held_slot(database, "") as second, held_slot(database, "0") as third:
            assert (first, second, third) == ("0", "1", "2")
        with held_slot(database, "") as again, held_slot(database, "7") as wanted:
            assert (again, wanted) == ("1", "7")


def test_any_text_is_a_slot(tmp_path: Path) -> None:
    database = url(tmp_path / "a.sqlite")
    with held_slot(database, "blue" * 50) as first, held_slot(database, "blue" * 50) as second:
        assert (first, second) == ("blue" * 50, "0")


def test_a_database_is_one_however_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with (
        held_slot(url(path), "") as first,
        held_slot(url(os.path.relpath(path)), "") as second,
    ):
        assert (first, second) == ("0", "1")
    # A name that no other run of the tests on this machine has.
    name = uuid.uuid4().hex
    with (
        held_slot(sa.make_url(f"postgresql://u:p@localhost/{name}"), "") as first,
        held_slot(sa.make_url(f"postgresql+psycopg://other@[::1]:5432/{name}"), "") as second,
    ):
        assert (first, second) == ("0", "1")


def test_workers_of_another_database_count_for_themselves(tmp_path: Path) -> None:
    with (
        held_slot(url(tmp_path / "a.sqlite"), "") as first,
        held_slot(url(tmp_path / "b.sqlite"), "") as second,
    ):
        assert (first, second) == ("0", "0")


def test_machines_of_one_host_name_are_told_apart_for_as_long_as_they_run(tmp_path: Path) -> None:
    database, boots = (
        sa.make_url("postgresql://u:p@db.example/it"),
        [tmp_path / "a", tmp_path / "b"],
    )
    for boot in boots:
        boot.write_text(f"{uuid.uuid4()}\n")
    names = [machine(database, boot=boot) for boot in boots]
    assert names[0] != names[1]
    assert names == [machine(database, boot=boot) for boot in boots]
    assert all(name.startswith(f"{socket.gethostname()}-") for name in names)
    assert machine(url(tmp_path / "a.sqlite"), boot=boots[0]) == socket.gethostname()
