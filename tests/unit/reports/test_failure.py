from dataclasses import replace

from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Change, Kind
from pytest_energy.quantities import parse_ceiling
from pytest_energy.reports.failure import explain

CHANGE = Change(point=0.123, low=0.109, high=0.138, confidence=0.98)


def one_line(text):
    return " ".join(text.split())


def test_a_regression_says_by_how_much_and_what_is_tolerated(verdict, older):
    regressed = replace(verdict(grew=0.123, before=older), change=CHANGE)
    assert one_line(explain(regressed, "b.json")).startswith(
        "digits-cnn--cpu-b1 REGRESSED: energy per step +12.3 % (98 % interval +10.9 % to +13.8 %), "
        "tolerance +5.0 %"
    )


def test_energy_and_emissions_are_shown_before_and_after_at_the_pins_of_the_baseline(verdict):
    regressed = replace(verdict(grew=0.2, cost=3.6), change=replace(CHANGE, point=0.2))
    text = one_line(explain(regressed, "b.json"))
    assert "energy per step 12.0 mJ -> 14.4 mJ" in text
    assert "gCO2e per 1,000 steps 1.53 mg -> 1.83 mg" in text
    assert "458 g/kWh (world average 2025), PUE 1, as the baseline pins them" in text


def test_the_pins_are_those_of_the_baseline_although_the_grid_changed(verdict):
    regressed = verdict(grew=0.2)
    greener = replace(
        regressed.result.pins, intensity=replace(regressed.result.pins.intensity, g_per_kwh=20.0)
    )
    moved = replace(regressed, result=replace(regressed.result, pins=greener))
    assert explain(moved, "b.json") == explain(regressed, "b.json")


def test_the_certainty_counts_processes_on_both_sides(verdict):
    assert "8 processes now, 12 in the baseline" in explain(verdict(grew=0.2), "b.json")


def test_the_baseline_is_named_with_path_commit_date_and_reason(verdict):
    regressed = verdict(grew=0.2, accepted_because="bigger vocabulary")
    text = one_line(explain(regressed, "baselines/x.json"))
    assert "commit 1a2b3c4, 2026-05-04, accepted because: bigger vocabulary baselines/x.json" in text


def test_every_changed_factor_has_its_line(verdict, older):
    lines = [line.strip() for line in explain(verdict(grew=0.2, before=older), "b.json").splitlines()]
    assert "changed since           model 91b0d42222... -> 3fa2c10000..." in lines
    assert "onnxruntime 1.30.2 -> 1.31.0" in lines


def test_the_reasons_are_told(verdict):
    text = explain(verdict(grew=0.4, reasons=("confirmed in 4 fresh processes",)), "b.json")
    assert "confirmed in 4 fresh processes" in text
    assert "nothing that is recorded changed" in text


def test_what_is_no_baseline_is_named_in_words_and_records_nothing(verdict):
    compared = replace(verdict(grew=0.2), paired=True, compared_with="nets/old.onnx")
    text = one_line(explain(compared, None))
    assert "compared with nets/old.onnx" in text
    assert "commit" not in text
    assert "8 processes, both versions in alternation" in text
    assert "A comparison records nothing." in text
    assert text.endswith('pytest --energy --energy-update --energy-reason "why" ...')


def test_operators_have_a_label_of_their_own(verdict):
    told = replace(verdict(grew=0.2), operators=("Conv (c): +15 % of the old step", "second"))
    lines = [line.strip() for line in explain(told, "b.json").splitlines()]
    assert "operators               Conv (c): +15 % of the old step" in lines
    assert "second" in lines
    assert "operators" not in explain(verdict(grew=0.2), "b.json")


def test_a_regression_ends_with_how_to_accept_it(verdict):
    assert explain(verdict(grew=0.2), "b.json").endswith(
        'pytest --energy --energy-update --energy-reason "why" ...'
    )


def test_a_new_benchmark_is_told_how_to_record_its_baseline(verdict):
    text = explain(verdict(grew=None), "baselines/x.json")
    assert "NEW: energy per step 12.00±0.05 mJ" in text
    assert "none; it would be baselines/x.json" in one_line(text)
    assert text.endswith(
        "To record a baseline for this machine, then commit it:\n  pytest --energy --energy-update ..."
    )


def test_a_doubtful_benchmark_is_told_to_take_more_time(verdict):
    doubtful = replace(verdict(), kind=Kind.INCONCLUSIVE, change=replace(CHANGE, low=-0.02))
    assert "--energy-time" in explain(doubtful, "b.json").splitlines()[-1]


def test_a_doubtful_benchmark_that_surely_grew_can_be_accepted(verdict):
    doubtful = replace(verdict(), kind=Kind.INCONCLUSIVE, change=replace(CHANGE, low=0.02))
    assert "--energy-reason" in explain(doubtful, "b.json").splitlines()[-1]


def test_what_cannot_be_compared_shows_what_was_measured_alone(verdict):
    text = one_line(explain(replace(verdict(), kind=Kind.INCOMPARABLE, change=None), "b.json"))
    assert "INCOMPARABLE: energy per step 12.00±0.05 mJ" in text
    assert "->" not in text


def test_a_budget_is_not_lifted_by_an_update(verdict):
    text = explain(verdict(policy=Policy(budget=parse_ceiling("2 mJ"))), "b.json")
    assert "REGRESSED, over budget" in text
    assert "the ceiling is 2.00 mJ" in one_line(text)
    assert "An update lifts no budget" in text
    assert "--energy-reason" not in text


def test_one_process_is_said_to_give_no_interval(verdict):
    regressed = verdict(grew=0.3, processes=1, random=None)
    assert "one process gives no interval" in one_line(explain(regressed, "b.json"))


def test_lines_stay_within_a_hundred_characters(verdict, older):
    text = explain(verdict(grew=0.2, before=older, reasons=("word " * 60,)), "baselines/x.json")
    assert max(map(len, text.splitlines())) <= 100


def test_no_line_begins_with_a_lonely_percent_sign(verdict):
    for length in range(60, 90):
        text = explain(verdict(grew=0.2, reasons=(f"{'x' * length} 5 %",)), "b.json")
        assert not any(line.strip().startswith("%") for line in text.splitlines())


def test_hostile_text_can_neither_colour_nor_command(verdict):
    text = explain(verdict(grew=0.2, reasons=("\x1b[31m\n::error::x", "::error::y")), "::error::z\x07")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
