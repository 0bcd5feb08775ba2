"""The threads that look: they go on whatever happens to one piece of work."""

import threading
import time

import pytest
import sqlalchemy as sa

from addon.sync.notice.looking import Looking
from tests.addon.jobs.rig import eventually
from tests.addon.sync.notice.rig import Rig, patch


class Pieces:
    """Numbers to be looked at, each once."""

    def __init__(self, *pieces: int) -> None:
        self.waiting = list(pieces)
        self.done: list[int] = []
        self.fails: BaseException | None = None
        self.lock = threading.Lock()

    def take(self, most: int) -> list[int]:
        with self.lock:
            if self.fails is not None:
                fails, self.fails = self.fails, None
                raise fails
            taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    def look(self, piece: int) -> None:
        if piece < 0:
            raise sa.exc.OperationalError("select", {}, Exception("locked"))
        if piece == 0:
            raise LookupError("a defect")
        self.done.append(piece)


def looking(pieces: Pieces, *, at_once: int = 2) -> Looking[int]:
    return Looking("test", take=pieces.take, look=pieces.look, at_once=at_once, every_seconds=0.01)


def test_all_is_done_and_stop_ends_it() -> None:
    pieces = Pieces(*range(1, 50))
    threads = looking(pieces)
    threads.start()
    eventually(lambda: len(pieces.done) == 49)
    threads.stop(5)
    assert sorted(pieces.done) == list(range(1, 50))
    pieces.waiting = [99]
    time.sleep(0.05)
    assert pieces.waiting == [99]


def test_database_that_is_away_ends_nothing() -> None:
    pieces = Pieces(-1, 1, -1, -1, 2)
    threads = looking(pieces)
    threads.start()
    eventually(lambda: sorted(pieces.done) == [1, 2])
    threads.stop(5)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_defect_in_one_piece_ends_nothing() -> None:
    pieces = Pieces(0, 1, 0, 0, 2, 3)
    threads = looking(pieces)
    threads.start()
    eventually(lambda: sorted(pieces.done) == [1, 2, 3])
    threads.stop(5)


def test_look_that_hangs_keeps_one_place_only() -> None:
    released = threading.Event()
    pieces = Pieces(7, 1, 2, 3)
    done = pieces.look

    def look(piece: int) -> None:
        if piece == 7:
            released.wait(10)
        done(piece)

    threads = Looking("test", take=pieces.take, look=look, at_once=2, every_seconds=0.01)
    threads.start()
    eventually(lambda: sorted(pieces.done) == [1, 2, 3])
    released.set()
    eventually(lambda: 7 in pieces.done)
    threads.stop(5)


def test_a_worker_notices_an_edit_by_itself(rig: Rig) -> None:
    pair = rig.settled()
    rig.noticing.start()
    try:
        began = time.monotonic()
        patch(rig, pair, summary="Seen by a thread")
        eventually(lambda: rig.marked() == {pair.id})
        assert time.monotonic() - began < 5
    finally:
        rig.noticing.stop()
