import pytest

from pytest_energy.reports.time_left import TimeLeft


def test_before_one_has_ended_the_guess_holds():
    left = TimeLeft(total=10, guess_s=6.0)
    left.begin(100.0)
    assert left.words(100.0) == "1 of 10, about 60 s left"


def test_those_that_ended_tell_of_those_to_come():
    left = TimeLeft(total=4, guess_s=6.0)
    for began_s, took_s in ((0.0, 10.0), (50.0, 20.0)):
        left.begin(began_s)
        left.end(began_s + took_s)
    left.begin(100.0)
    assert left.left_s(105.0) == pytest.approx(10.0 + 15.0)
    assert left.words(105.0) == "3 of 4, about 25 s left"


def test_what_takes_longer_than_expected_is_never_less_than_done():
    left = TimeLeft(total=1, guess_s=1.0)
    left.begin(0.0)
    assert left.words(500.0) == "1 of 1, about 1 s left"


def test_an_end_without_a_beginning_counts_nothing():
    left = TimeLeft(total=2, guess_s=1.0)
    left.end(3.0)
    assert left.done == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (8.4, "8 s"), (62.0, "60 s"), (89.0, "90 s"), (91.0, "2 min"), (1000.0, "17 min")],
)
def test_a_duration_is_written_no_finer_than_it_is_known(seconds, said):
    assert TimeLeft(total=1, guess_s=seconds).words(0.0).endswith(f"about {said} left")
