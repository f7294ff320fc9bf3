import pytest

from pytest_energy.statistics.proportion import upper_limit


@pytest.mark.parametrize("trials", [1, 20, 300])
def test_never_seen_is_not_never(trials):
    assert upper_limit(0, trials) == pytest.approx(1 - 0.05 ** (1 / trials))


def test_a_published_value():
    # Clopper-Pearson, 1 of 20, two-sided 90 %: upper end 21.6 %.
    assert upper_limit(1, 20) == pytest.approx(0.2161, abs=1e-4)


def test_always_seen_may_be_always():
    assert upper_limit(5, 5) == 1


def test_more_trials_and_less_confidence_narrow_it():
    assert upper_limit(0, 100) < upper_limit(0, 20)
    assert upper_limit(0, 20, confidence=0.5) < upper_limit(0, 20)


@pytest.mark.parametrize(("hits", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_proportion_is_refused(hits, trials):
    with pytest.raises(ValueError, match="no proportion"):
        upper_limit(hits, trials)
