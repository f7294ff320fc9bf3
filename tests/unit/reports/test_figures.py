from pytest_energy.gate.verdict import Change
from pytest_energy.reports import figures
from pytest_energy.results.factors import FactorChange


def test_energy_carries_its_random_band(result):
    assert figures.energy(result(cost=3.0, random=0.004)) == "12.00±0.05 mJ"


def test_an_unknown_band_is_called_unknown(result):
    assert figures.energy(result(random=None)) == "12.0 mJ ± unknown"


def test_the_band_of_the_profile_is_a_range_of_joules(result):
    assert figures.systematic(result(cost=3.0)) == "12 (6 to 30) mJ"


def test_latency_is_trimmed_over_the_processes(result):
    assert figures.latency(result(latency_s=0.29)) == "290 ms"


def test_emissions_are_told_for_a_thousand_steps(result):
    # 12 mJ x 1,000 = 12 J = 3.33e-6 kWh, at 458 g/kWh
    assert figures.carbon(result(cost=3.0)) == "1.53 mg"


def test_emissions_of_joules_at_pins_agree_with_the_score(result):
    measured = result(cost=3.0)
    assert figures.carbon_at(measured.pins, measured.energy.energy_j) == figures.carbon(measured)


def test_a_change_names_interval_and_confidence():
    change = Change(point=0.123, low=0.109, high=0.138, confidence=0.98)
    assert figures.change(change) == "+12.3 % (98 % interval +10.9 % to +13.8 %)"
    assert figures.interval(change) == "[+10.9..+13.8]"


def test_a_change_without_interval_says_so():
    assert figures.change(Change(point=0.2)) == "+20.0 % (interval unknown)"
    assert figures.interval(Change(point=0.2)) == "[unknown]"


def test_hashes_of_a_factor_are_shortened():
    changed = FactorChange(name="model", before="3fa2c1" + "0" * 58, after="91b0d4" + "1" * 58)
    assert figures.factor(changed) == "model 3fa2c10000... -> 91b0d41111..."


def test_versions_of_a_factor_are_shown_whole():
    changed = FactorChange(name="onnxruntime", before="1.31.0", after="1.32.0")
    assert figures.factor(changed) == "onnxruntime 1.31.0 -> 1.32.0"


def test_a_factor_that_was_absent_is_called_none():
    assert figures.factor(FactorChange(name="variables.OMP_NUM_THREADS", before="", after="2")) == (
        "variables.OMP_NUM_THREADS (none) -> 2"
    )
