import csv
from dataclasses import replace
from io import BytesIO, StringIO

import pytest

from pytest_energy.reports.exports import codecarbon_emissions, figures_csv, figures_parquet
from pytest_energy.reports.exports.entry import entries


def read(text):
    return list(csv.DictReader(StringIO(text)))


def test_there_is_a_row_per_benchmark_with_its_figures(report):
    rows = read(figures_csv.render(report))
    assert [row["benchmark"] for row in rows] == [each.result.benchmark.id for each in report.verdicts]
    first, verdict = rows[0], report.verdicts[0]
    assert float(first["energy_j"]) == verdict.result.energy.energy_j
    assert float(first["energy_dram_j"]) == verdict.result.energy.parts_j["dram"]
    assert float(first["change"]) == verdict.change.point
    assert first["verdict"] == "REGRESSED"
    assert first["fails"] == "True"


def test_unknown_is_an_empty_cell_and_never_zero(verdict, empty):
    (row,) = read(figures_csv.render(empty(verdicts=(verdict(grew=None, random=None, dram_j=None),))))
    assert [row[name] for name in ("energy_random_j", "energy_dram_j", "change", "baseline_energy_j")] == [
        ""
    ] * 4


def test_every_row_has_a_column_for_every_part_of_any(verdict, empty):
    one = verdict()
    energy = replace(one.result.energy, parts_j={"accelerator": 2.0})
    other = replace(one, result=replace(one.result, energy=energy))
    rows = entries(empty(verdicts=(one, other)))
    assert [row["energy_accelerator_j"] for row in rows] == [None, 2.0]
    assert set(rows[0]) == set(rows[1])


def test_ranks_of_ways_stand_beside_what_was_compared_and_are_unknown_elsewhere(verdict, empty):
    def on(provider, cost):
        one = verdict(cost=cost)
        return replace(
            one, result=replace(one.result, benchmark=replace(one.result.benchmark, provider=provider))
        )

    rows = entries(
        empty(verdicts=(on("cpu", 3.0), verdict("other"), on("openvino", 3.02), on("webgpu", 9.0)))
    )
    assert [row["compared_as"] for row in rows] == ["digits-cnn", None, "digits-cnn", "digits-cnn"]
    assert [row["energy_rank"] for row in rows] == [1, None, 1, 3]
    assert [row["energy_leads"] for row in rows] == [True, None, True, False]
    assert [row["latency_rank"] for row in rows] == [1, None, 1, 1]


def test_what_a_step_emits_here_is_a_column_of_its_own(report, electricity):
    row, *_ = entries(replace(report, here=electricity))
    assert row["carbon_here_g"] == pytest.approx(0.012 * 44.0 * 1.5 / 3.6e6)
    assert (row["place_here"], row["pue_here"], row["intensity_here_g_per_kwh"]) == ("FR", 1.5, 44.0)
    assert row["carbon_operational_g"] == report.verdicts[0].result.score.operational_g
    assert entries(report)[0]["carbon_here_g"] is None


@pytest.mark.parametrize("name", ["=1+1", "@x", "+x", "-x", "\tx"])
def test_a_model_is_no_formula_to_a_spreadsheet(verdict, empty, name):
    one = verdict()
    benchmark = replace(one.result.benchmark, model=name)
    one = replace(one, result=replace(one.result, benchmark=benchmark))
    assert read(figures_csv.render(empty(verdicts=(one,))))[0]["model"] == f"'{name}"


def test_pandas_reads_numbers_as_numbers(report):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(StringIO(figures_csv.render(report)))
    assert frame["energy_j"].dtype == float
    assert frame["energy_j"].sum() == pytest.approx(
        sum(each.result.energy.energy_j for each in report.verdicts)
    )
    assert frame["change"].isna().sum() == 1


def test_parquet_is_read_back_with_the_same_types_whatever_is_known(report, empty):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(BytesIO(figures_parquet.render(report)))
    assert table.column("benchmark").to_pylist() == [each.result.benchmark.id for each in report.verdicts]
    assert table.column("energy_j").to_pylist() == [each.result.energy.energy_j for each in report.verdicts]
    alone = parquet.read_table(BytesIO(figures_parquet.render(empty(verdicts=report.verdicts[2:3]))))
    assert alone.column("change").to_pylist() == [None]
    assert alone.schema.equals(table.schema)


def test_a_report_without_a_benchmark_is_a_parquet_file(empty):
    parquet = pytest.importorskip("pyarrow.parquet")
    assert parquet.read_table(BytesIO(figures_parquet.render(empty()))).num_rows == 0


def test_emissions_are_in_the_units_of_codecarbon(report):
    rows = read(codecarbon_emissions.render(replace(report, time="2026-05-04T10:11:12Z")))
    result, row = report.verdicts[0].result, rows[0]
    assert float(row["emissions"]) == pytest.approx(result.score.operational_g / 1000)
    assert float(row["cpu_energy"]) == pytest.approx(result.energy.parts_j["cpu"] / 3.6e6)
    assert float(row["energy_consumed"]) == pytest.approx(sum(result.energy.parts_j.values()) / 3.6e6)
    assert float(row["emissions_rate"]) == pytest.approx(float(row["emissions"]) / float(row["duration"]))
    assert row["timestamp"] == "2026-05-04T10:11:12"
    assert row["gpu_energy"] == ""


def test_the_columns_are_those_that_codecarbon_writes(report, tmp_path):
    output = pytest.importorskip("codecarbon.output_methods.file")
    data = pytest.importorskip("codecarbon.output_methods.emissions_data").EmissionsData
    path = tmp_path / "emissions.csv"
    path.write_text(codecarbon_emissions.render(report), encoding="utf-8")
    row = data(*[0] * len(codecarbon_emissions.COLUMNS))
    assert tuple(row.values) == codecarbon_emissions.COLUMNS
    # CodeCarbon appends to a file only if it finds its own head there.
    writer = output.FileOutput("emissions.csv", str(tmp_path))
    assert writer.has_valid_headers(row)
    writer.out(row, row)
    assert len(read(path.read_text(encoding="utf-8"))) == len(report.verdicts) + 1


def test_runs_have_ids_of_their_own_that_stay(report):
    ids = [row["run_id"] for row in read(codecarbon_emissions.render(report))]
    assert len(set(ids)) == len(report.verdicts)
    assert ids == [row["run_id"] for row in read(codecarbon_emissions.render(report))]
