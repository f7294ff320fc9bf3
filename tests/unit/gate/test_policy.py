import pytest

from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind

FINE = {Kind.PASSED, Kind.IMPROVED, Kind.UNCHANGED}


@pytest.mark.parametrize("kind", Kind)
def test_only_a_regression_fails_unless_more_is_asked_for(kind):
    assert Policy().fails(kind) is (kind is Kind.REGRESSED)


@pytest.mark.parametrize("kind", Kind)
def test_a_strict_policy_fails_all_that_is_not_fine(kind):
    assert Policy(strict=True).fails(kind) is (kind not in FINE)


def test_the_user_chooses_what_fails():
    policy = Policy(fail_on=frozenset({Kind.NEW, Kind.INCONCLUSIVE}))
    assert [kind for kind in Kind if policy.fails(kind)] == [Kind.INCONCLUSIVE, Kind.NEW]
