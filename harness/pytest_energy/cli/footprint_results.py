"""Results that a footprint is computed of: those of a results file, or some of them."""

from collections.abc import Sequence
from pathlib import Path

from pytest_energy.cli.results_file import read_report
from pytest_energy.errors import UsageError
from pytest_energy.results.result import Result


def read_results(path: str, wanted: Sequence[str]) -> Sequence[Result]:
    """Return the results in a file.

    Args:
        path: The file.
        wanted: Ids of benchmarks; none for all.

    Raises:
        UsageError: The file cannot be read, holds no results, or not those that are wanted.
    """
    results = {each.result.benchmark.id: each.result for each in read_report(Path(path)).verdicts}
    if not results:
        raise UsageError(
            f"{path} holds no benchmark that was measured. Name a file that --energy-json wrote."
        )
    unknown = next((name for name in wanted if name not in results), None)
    if unknown is not None:
        raise UsageError(f"{path} holds no benchmark {unknown!r}. It holds: {', '.join(results)}.")
    return [results[name] for name in wanted or results]
