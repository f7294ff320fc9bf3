"""How many models run with no configuration: ``python tests/benchmarks/any_model.py [FOLDER]``.

Without a folder, every node model of the onnx package. Prints how many ONNX Runtime loads, how many of those
run here with synthesized inputs, and the reasons for the rest.
"""

import re
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

from model_trial import trials


def main(folder: Path | None) -> None:
    with tempfile.TemporaryDirectory() as written:
        found = list(trials(sorted(folder.rglob("*.onnx")) if folder else _node_models(Path(written))))
    counts = Counter(each["outcome"] for each in found)
    loadable = len(found) - counts["unloadable"]
    ran = counts["finite"] + counts["not finite"]
    print(f"models                        {len(found):6}")
    print(f"  ONNX Runtime loads          {loadable:6}")
    print(f"  run with synthesized inputs {ran:6}  {ran / max(loadable, 1):.1%}")
    print(f"    all outputs finite        {counts['finite']:6}  {counts['finite'] / max(loadable, 1):.1%}")
    for outcome in ("not finite", "refused", "crashed", "unloadable"):
        rows = [each for each in found if each["outcome"] == outcome]
        if rows:
            print(f"\n{outcome}: {len(rows)}")
        for reason, count in Counter(_reason(str(each["said"])) for each in rows).most_common():
            names = [Path(str(each["model"])).stem for each in rows if _reason(str(each["said"])) == reason]
            print(f"  {count:4}  {reason}: {', '.join(names[:3])}{' ...' if count > 3 else ''}")
    timed = [each for each in found if "feed_s" in each]
    print()
    for part in ("load_s", "read_s", "feed_s"):
        slowest = max(timed, key=lambda each: each[part])
        whole = sum(each[part] for each in timed)
        print(f"{part}: {whole:.1f} s in all, at most {slowest[part]:.2f} s ({Path(slowest['model']).stem})")


def _node_models(folder: Path) -> list[Path]:
    warnings.simplefilter("ignore")  # making the cases overflows and divides by zero on purpose
    from onnx.backend.test.loader import load_model_tests  # noqa: PLC0415 - it takes a second

    for case in load_model_tests(kind="node"):
        (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
    return sorted(folder.glob("*.onnx"))


def _reason(said: str) -> str:
    """Return the heart of what was said, without names and numbers, so that like reasons come together."""
    told = re.split(r"said(?: of the first)?: ", said)[-1] if "ONNX Runtime" in said else said
    for known in ("NOT_IMPLEMENTED", "is not a registered function/op", "opset", "type inference failed"):
        if known.lower() in told.lower():
            return known
    return re.sub(r"'[^']*'|\d+|\{[^}]*\}", "*", told)[:100] or "nothing"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
