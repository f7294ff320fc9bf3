import pytest
from scipy.special import stdtrit

from pytest_energy.power.student import two_sided_quantile


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.98])
@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 8, 30, 101])
def test_it_is_what_scipy_says(freedom, confidence):
    expected = stdtrit(freedom, (1 + confidence) / 2)
    assert two_sided_quantile(confidence, freedom) == pytest.approx(expected, rel=1e-9)
