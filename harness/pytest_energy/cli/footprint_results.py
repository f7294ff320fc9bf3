"""Results that are read back: what ``--energy-json`` wrote, as far as a footprint needs it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_energy.errors import UsageError
from pytest_energy.reports.results_json import SCHEMA_VERSION
from pytest_energy.results.codec import from_plain
from pytest_energy.results.result import Result

_REMEDY = "Name a file that pytest --energy --energy-json PATH wrote."
_LONGEST_DETAIL = 200


def read_results(path: str, wanted: Sequence[str]) -> Sequence[Result]:
    """Return the results in a file.

    Args:
        path: The file.
        wanted: Ids of benchmarks; none for all.

    Raises:
        UsageError: The file cannot be read, holds no results, or not those that are wanted.
    """
    results = {result.benchmark.id: result for result in _results(_document(path), path)}
    if not results:
        raise UsageError(f"{path} holds no benchmark that was measured. {_REMEDY}")
    unknown = next((name for name in wanted if name not in results), None)
    if unknown is not None:
        raise UsageError(f"{path} holds no benchmark {unknown!r}. It holds: {', '.join(results)}.")
    return [results[name] for name in wanted or results]


def _document(path: str) -> dict[str, Any]:
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. {_REMEDY}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON. {_REMEDY}") from error
    if not isinstance(document, dict) or not isinstance(document.get("benchmarks"), list):
        raise UsageError(f"{path} holds no results of pytest-energy. {_REMEDY}")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(
            f"{path} has schema_version {document.get('schema_version')!r}, and this pytest-energy reads "
            f"{SCHEMA_VERSION}. Upgrade the older of the two, or measure again."
        )
    return document


def _results(document: dict[str, Any], path: str) -> Sequence[Result]:
    try:
        return [from_plain(each["result"], Result) for each in document["benchmarks"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} holds damaged results: {str(error)[:_LONGEST_DETAIL]}. {_REMEDY}"
        ) from error
