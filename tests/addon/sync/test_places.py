"""One workspace's links take a part of a worker's places."""

from addon.sync.places import LONGEST_PAUSE_SECONDS, Places, pause


def test_a_workspace_has_so_many_places_and_others_theirs() -> None:
    places = Places(at_once=2)
    with places.place("a") as first, places.place("a") as second:
        assert first
        assert second
        with places.place("a") as third, places.place("b") as other:
            assert not third
            assert other
        with places.place("a") as again:
            assert not again
    with places.place("a") as free:
        assert free


def test_who_steps_back_comes_again_when_the_others_are_done() -> None:
    assert pause(1, 0.0) == 1.0
    assert (pause(300, 0.0), pause(300, 1.0)) == (75.0, 150.0)
    assert pause(1000, 1.0) == LONGEST_PAUSE_SECONDS
