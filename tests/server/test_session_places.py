"""Places are taken once, and free again whatever has become of the session."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession import Limits
from smtpsession.server.session_places import Place, SessionPlaces


def places(**limits: int) -> SessionPlaces:
    return SessionPlaces(Limits(**limits))


def test_a_place_that_is_freed_is_there_for_another() -> None:
    all_places = places(sessions=1)
    first, second = all_places.offer(), all_places.offer()
    assert first.take()
    assert not second.take()
    second.free()
    assert not all_places.offer().take()
    first.free()
    assert all_places.offer().take()


def test_sources_do_not_count_for_each_other() -> None:
    all_places = places(sessions_per_source=1)
    first, second, other = (all_places.offer() for _ in range(3))
    assert all(place.take() for place in (first, second, other))
    assert first.take_from("192.0.2.1")
    assert not second.take_from("192.0.2.1")
    assert other.take_from("192.0.2.2")
    first.free()
    assert all_places.offer().take_from("192.0.2.1")


def test_who_is_refused_for_its_source_takes_no_place_of_others() -> None:
    all_places = places(sessions=2, sessions_per_source=1)
    first, second, other = (all_places.offer() for _ in range(3))
    assert first.take()
    assert first.take_from("192.0.2.1")
    assert second.take()
    assert not second.take_from("192.0.2.1")
    assert other.take()


def test_freeing_twice_frees_once() -> None:
    all_places = places(sessions=2, sessions_per_source=2)
    first, second = all_places.offer(), all_places.offer()
    for place in (first, second):
        assert place.take()
        assert place.take_from("::1")
    first.free()
    first.free()
    for source, fits in (("::1", True), ("::1", False), ("::2", False)):
        place = all_places.offer()
        assert (place.take() and place.take_from(source)) == fits


@pytest.mark.parametrize("count", [1, 1000])
def test_without_limits_everybody_has_a_place(count: int) -> None:
    all_places = places()
    for _ in range(count):
        place = all_places.offer()
        assert place.take()
        assert place.take_from("::1")


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc"), st.booleans())))
def test_whatever_happened_all_places_are_free_at_the_end(
    steps: list[tuple[int, str, bool]],
) -> None:
    all_places = places(sessions=3, sessions_per_source=2)
    open_places: dict[int, Place] = {}
    for number, source, has_come in steps:
        if not has_come:
            open_places.pop(number, all_places.offer()).free()
        elif number not in open_places:
            place = open_places[number] = all_places.offer()
            if place.take():
                place.take_from(source)
    for place in open_places.values():
        place.free()
    again = [all_places.offer() for _ in range(3)]
    assert all(place.take() for place in again)
    assert [place.take_from("a") for place in again] == [True, True, False]
