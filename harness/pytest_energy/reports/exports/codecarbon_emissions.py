"""``emissions.csv`` with the columns of CodeCarbon 3: one row per benchmark, for one step."""

import csv
import hashlib
from io import StringIO

from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports.report import Report
from pytest_energy.statistics.trimmed import typical

COLUMNS = (
    *("timestamp", "project_name", "run_id", "experiment_id", "duration", "emissions", "emissions_rate"),
    *("cpu_power", "gpu_power", "ram_power", "cpu_energy", "gpu_energy", "ram_energy", "energy_consumed"),
    *("water_consumed", "country_name", "country_iso_code", "region", "cloud_provider", "cloud_region"),
    *("os", "python_version", "codecarbon_version", "cpu_count", "cpu_model", "gpu_count", "gpu_model"),
    *("longitude", "latitude", "ram_total_size", "tracking_mode", "cpu_utilization_percent"),
    *("gpu_utilization_percent", "ram_utilization_percent", "ram_used_gb", "on_cloud", "pue", "wue"),
)
"""Columns of ``EmissionsData`` in CodeCarbon 3.3, in its order."""

_J_PER_KWH = 3.6e6
_G_PER_KG = 1000.0


def render(report: Report) -> str:
    """Render a report as CSV: emissions in kg CO2e, energies in kWh, powers in W, duration in s, of one step.

    What is not known is an empty cell, where CodeCarbon itself writes 0.
    """
    out = StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(_row(report, verdict) for verdict in report.verdicts)
    return out.getvalue()


def _row(report: Report, verdict: Verdict) -> dict[str, object]:
    result = verdict.result
    duration_s = typical([one.duration_s for one in result.processes])
    joules = {
        "cpu": result.energy.parts_j.get("cpu", result.energy.energy_j),
        "gpu": result.energy.parts_j.get("accelerator"),
        "ram": result.energy.parts_j.get("dram"),
    }
    known = {name: each for name, each in joules.items() if each is not None}
    emissions_kg = result.score.operational_g / _G_PER_KG
    place = result.score.intensity
    return {
        "timestamp": (report.time or "").removesuffix("Z"),
        "project_name": result.benchmark.id,
        "run_id": _run_id(report, verdict),
        "experiment_id": result.environment.id,
        "duration": duration_s,
        "emissions": emissions_kg,
        "emissions_rate": emissions_kg / duration_s,
        **{f"{name}_power": each / duration_s for name, each in known.items()},
        **{f"{name}_energy": each / _J_PER_KWH for name, each in known.items()},
        "energy_consumed": sum(known.values()) / _J_PER_KWH,
        "country_name": place.place,
        "country_iso_code": place.code,
        "os": result.environment.os,
        "python_version": result.factors.python,
        "codecarbon_version": f"pytest-energy {report.version}",
        "cpu_count": result.environment.logical_cpus,
        "cpu_model": result.environment.cpu,
        "tracking_mode": "process",
        "pue": result.score.pue,
    }


def _run_id(report: Report, verdict: Verdict) -> str:
    """Return an id that is the same whenever the same results are exported."""
    what = f"{report.time}\n{report.commit}\n{verdict.result.environment.id}\n{verdict.result.benchmark.id}"
    digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
