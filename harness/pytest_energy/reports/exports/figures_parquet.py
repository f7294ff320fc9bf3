"""All figures as Apache Parquet: one row per benchmark, each column with its type."""

from pytest_energy.reports.exports.entry import entries
from pytest_energy.reports.report import Report


def render(report: Report) -> bytes:
    """Render a report as a Parquet file, compressed with zstd. Unknown is null."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = entries(report)
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    table = pa.table({name: pa.array(cells, type=_type(name, pa)) for name, cells in columns.items()})
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({"pytest-energy": report.version}), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _type(name: str, pa: object) -> object:
    """Return the type of a column, which must not depend on whether this run knows any of its figures."""
    kind = "string"
    if name in {"batch", "threads", "processes", "energy_rank", "latency_rank"}:
        kind = "int64"
    elif name in {"fails", "energy_leads", "latency_leads"}:
        kind = "bool_"
    elif name in _NUMBERS or name.endswith(_UNITS):
        kind = "float64"
    return getattr(pa, kind)()


_UNITS = ("_j", "_s", "_g", "_g_per_kwh")
_NUMBERS = frozenset(
    {
        *("pue", "pue_here", "cost", "confidence", "tolerance"),
        *(f"{name}{end}" for name in ("change", "latency_change") for end in ("", "_low", "_high")),
    }
)
