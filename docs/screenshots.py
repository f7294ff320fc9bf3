"""Makes the pictures of the documentation: the HTML page of a sample run, in headless Chromium.

    python docs/screenshots.py

Needs the extra ``test-reports``, and Chromium with its driver.
"""

import base64
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pytest_energy.baselines.series import series_of
from pytest_energy.reports import html_page

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests/benchmarks"))
from rich_report import rich_report  # noqa: E402 - no package

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-sync")

# Name, width, height, colour scheme, and what is opened.
PICTURES = (
    ("report.png", 1100, 1900, "light", ""),
    ("benchmark-dark-phone.png", 390, 1250, "dark", "#/digits-cnn--openvino-b8"),
)


def main() -> None:
    """Write the pictures."""
    from selenium import webdriver  # noqa: PLC0415 - an extra

    report, entries = rich_report(12)
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(html_page.render(report, series_of(entries)), encoding="utf-8")
        for name, width, height, scheme, fragment in PICTURES:
            picture = _picture(driver, page.as_uri() + fragment, width, height, scheme)
            (HERE / "images" / name).write_bytes(picture)
    driver.quit()


def _picture(driver: Any, address: str, width: int, height: int, scheme: str) -> bytes:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}  # noqa: PLR2004
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.get("about:blank")
    driver.get(address)
    drawn = "return document.documentElement.dataset.ready && document.querySelector('[data-drawn]') !== null"
    while not driver.execute_script(drawn):
        time.sleep(0.05)
    time.sleep(1.0)  # what lies further down is drawn after that
    taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    main()
