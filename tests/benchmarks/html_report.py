"""How long the HTML page of a large run takes to make, how large it is, and how soon a browser can use it.

    python tests/benchmarks/html_report.py [COUNT [REPEATS]]

Needs the extra ``test-reports``, and for the last line Chromium with its driver. The results are drawn by
chance from a seed, with 30 earlier runs each. They are read from files in another process, as users do.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sample_report import sample_report

from pytest_energy.baselines.history import History
from pytest_energy.reports import results_json

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


def main() -> None:
    """Print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report, entries = sample_report(count)
        (folder / "results.json").write_text(results_json.render(report), encoding="utf-8")
        History(folder / "h.db").append(entries)
        made = [_make(folder) for _ in range(repeats)]
        page = folder / "report.html"
        print(f"{count} benchmarks with 30 runs of history each, {repeats} repeats: median (least to most)")
        print(f"pytest-energy report --html, start to end  {_spread([wall_s for wall_s, _ in made])} s")
        print(f"CPU time of it                             {_spread([cpu_s for _, cpu_s in made])} s")
        print(f"size of the page                           {page.stat().st_size / 1e6:.2f} MB")
        if shutil.which("chromium") and shutil.which("chromedriver"):
            print(f"usable in headless Chromium after          {_spread(_usable_s(page, repeats))} s")
        else:
            print("usable after                               unknown: no chromium and chromedriver here")


def _make(folder: Path) -> tuple[float, float]:
    """Return wall time and CPU time: on a busy machine only the latter tells something."""
    command = ["report", "results.json", "--html", "report.html", "--history", "h.db"]
    before, began_s = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "pytest_energy", *command], cwd=folder, check=True)
    after, ended_s = os.times(), time.perf_counter()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return ended_s - began_s, cpu_s


def _usable_s(page: Path, repeats: int) -> list[float]:
    """Return the time from the start of loading until table, filter, links and the first chart answer."""
    from selenium import webdriver  # noqa: PLC0415 - an extra

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        return [_load_s(driver, page) for _ in range(repeats)]
    finally:
        driver.quit()


def _load_s(driver: object, page: Path) -> float:
    driver.get("about:blank")
    driver.get(page.as_uri())
    while not (ready := driver.execute_script("return document.documentElement.dataset.ready")):
        time.sleep(0.01)
    return float(ready) / 1000


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


if __name__ == "__main__":
    main()
