"""The HTML page in headless Chromium: it draws, answers, and asks nothing of the network."""

import json
import runpy
import shutil
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from pytest_energy.baselines.series import series_of
from pytest_energy.reports import html_page

webdriver = pytest.importorskip("selenium.webdriver")
pytest.importorskip("jinja2")
pytest.importorskip("vl_convert")

SAMPLES = Path(__file__).parents[1] / "benchmarks"
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium and chromedriver here"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # selenium leaves its sockets to the collector
]
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--force-device-scale-factor=1"),
)
WAIT_S = 20.0


class Browser:
    """A browser that shows one page, with what a test asks of it."""

    def __init__(self, driver):
        self._driver = driver

    def show(self, path, *, width=1280, height=900, dark=False, fragment=""):
        self.resize(width, height)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self._driver.get("about:blank")
        self._driver.get_log("browser"), self._driver.get_log("performance")
        self._driver.get(path.as_uri() + fragment)
        self.until("return Boolean(document.documentElement.dataset.ready)")

    def resize(self, width, height):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def run(self, script, *arguments):
        return self._driver.execute_script(script, *arguments)

    def until(self, script):
        end = time.monotonic() + WAIT_S
        while not self.run(script):
            assert time.monotonic() < end, script
            time.sleep(0.02)

    def press(self, *keys):
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                event = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
                if key == "Enter" and kind == "keyDown":
                    event["text"] = "\r"
                self._driver.execute_cdp_cmd("Input.dispatchKeyEvent", event)

    def complaints(self):
        return [each["message"] for each in self._driver.get_log("browser")]

    def requests(self):
        """What was asked of any network since the page was opened, but for the page itself."""
        events = [json.loads(each["message"])["message"] for each in self._driver.get_log("performance")]
        sent = [
            each["params"]["request"]["url"]
            for each in events
            if each["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in sent if not url.startswith(("file://", "blob:", "about:"))]


KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield Browser(driver)
    driver.quit()


@pytest.fixture(scope="module")
def sample():
    """A report of 24 benchmarks with their history."""
    made, entries = runpy.run_path(str(SAMPLES / "sample_report.py"))["sample_report"](24)
    return made, series_of(entries)


@pytest.fixture(scope="module")
def rich():
    """A report that has everything a report can show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SAMPLES)
        made, entries = runpy.run_path(str(SAMPLES / "rich_report.py"))["rich_report"](12)
    return made, series_of(entries)


@pytest.fixture
def hostile(sample):
    """The same report, in which every name and reason would like to be run."""
    text = (
        "<img src='http://127.0.0.1:9/' onerror='window.stolen=1'></script><script>window.stolen=2</script>"
    )
    verdict = sample[0].verdicts[3]
    benchmark = replace(verdict.result.benchmark, provider=text, model=text)
    result = replace(verdict.result, benchmark=benchmark, notes=(text,))
    verdict = replace(verdict, result=result, reasons=(text,), compared_with=text)
    return replace(sample[0], verdicts=(verdict,), notes=(text,), commit=text, environment=text)


@pytest.fixture(scope="module")
def page(sample, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html_page.render(*sample), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def rich_page(rich, tmp_path_factory):
    path = tmp_path_factory.mktemp("rich") / "report.html"
    path.write_text(html_page.render(*rich), encoding="utf-8")
    return path


def test_everything_is_drawn_without_a_complaint_or_a_request(browser, page):
    browser.show(page, height=8000)  # all of it is in view, so all of it is drawn
    browser.until("return document.querySelectorAll('.plot[data-drawn]').length === 2")
    assert browser.run("return document.querySelectorAll('#table tbody tr').length") == 24
    assert browser.run("return document.querySelectorAll('[data-chart=changes] path').length") >= 24
    assert browser.complaints() == []
    assert browser.requests() == []


def test_details_open_by_keyboard_and_close_by_escape(browser, page):
    browser.show(page)
    browser.run("document.querySelector('#table tbody a').focus()")
    browser.press("Enter")
    browser.until("return document.querySelector('#details').open")
    browser.resize(1280, 9000)
    browser.until("return document.querySelectorAll('#details .plot[data-drawn]').length >= 4")
    kinds = browser.run("return [...document.querySelectorAll('#details figure')].map(f => f.dataset.chart)")
    assert kinds == ["distribution", "parts", "operators", "history"]
    assert browser.run("return document.activeElement.id") == "details-title"
    assert "Software Carbon Intensity" in browser.run("return document.querySelector('#details').innerText")
    browser.press("Escape")
    browser.until("return !document.querySelector('#details').open && location.hash === ''")
    browser.until("return document.activeElement.closest('#table') !== null")
    assert browser.complaints() == []


def test_a_link_to_a_benchmark_opens_it_and_its_history_shows_where_it_changed(browser, page, sample):
    name = sample[1][0].benchmark
    assert sample[1][0].changes
    browser.show(page, fragment=f"#/{name}", height=9000)
    assert browser.run("return document.querySelector('#details-title').textContent") == name
    browser.until("return document.querySelector('#details [data-chart=history] [data-drawn]') !== null")
    assert "+11" in browser.run("return document.querySelector('[data-chart=history] svg').textContent")
    assert browser.complaints() == []


def test_a_run_of_training_shows_its_curve_and_its_target(browser, rich_page, rich):
    (trained,) = [each.result for each in rich[0].verdicts if each.result.training]
    browser.show(rich_page, fragment=f"#/{quote(trained.benchmark.id)}", height=9000)
    browser.until("return document.querySelector('[data-chart=training] [data-drawn]') !== null")
    curve = "document.querySelector('[data-chart=training]')"
    assert "target 0.2" in browser.run(f"return {curve}.querySelector('svg').textContent")
    drawn = browser.run(f"return {curve}.querySelectorAll('.mark-symbol path').length")
    assert drawn == len(trained.training.losses)
    browser.run(f"{curve}.querySelector('details').open = true")
    browser.until(f"return {curve}.querySelector('table') !== null")
    assert browser.run(f"return {curve}.querySelectorAll('tbody tr').length") == drawn
    assert "mean loss (cross-entropy)" in browser.run(f"return {curve}.querySelector('thead').textContent")
    assert browser.complaints() == []


def test_a_comparison_says_who_is_best_and_another_can_be_chosen(browser, rich_page):
    browser.show(rich_page, height=9000)
    said = "return document.querySelector('#comparison').innerText"
    assert "Which way is best" in browser.run(said)
    assert "How far each way is from the best" in browser.run(said)
    assert "digits-cnn: energy per item" in browser.run(said)
    browser.run(
        "const s = document.querySelector('#comparison-model'); s.value = '1';"
        "s.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    browser.until("return document.querySelector('#comparison [data-drawn]') !== null")
    assert "text-encoder: energy per item" in browser.run(said)
    assert browser.complaints() == []


def test_the_table_is_filtered_and_sorted_and_says_so(browser, page):
    browser.show(page)
    browser.run(
        "const f = document.querySelector('#filter-name'); f.value = 'SPEECH';"
        "f.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert browser.run("return document.querySelector('#filter-count').textContent") == "6 of 24 shown"
    browser.run("document.querySelectorAll('#table thead button')[4].click()")
    assert (
        browser.run("return document.querySelectorAll('#table th')[4].getAttribute('aria-sort')")
        == "descending"
    )
    keys = browser.run(
        "return [...document.querySelectorAll('#table tbody tr:not([hidden])')]"
        ".map(r => r.cells[4].dataset.key).filter(k => k !== '').map(Number)"
    )
    assert len(keys) >= 5
    assert keys == sorted(keys, reverse=True)
    browser.run("document.querySelectorAll('#table thead button')[0].click()")
    names = browser.run(
        "return [...document.querySelectorAll('#table tbody tr')].map(r => r.cells[0].dataset.key)"
    )
    assert names == sorted(names)


def test_every_chart_has_a_name_and_its_figures_as_a_table(browser, page):
    browser.show(page, height=8000)
    browser.until("return document.querySelectorAll('.plot[data-drawn]').length === 2")
    names = browser.run(
        "return [...document.querySelectorAll('.plot')].map(p => p.getAttribute('aria-label'))"
    )
    assert all(len(name) > 40 for name in names)
    browser.run("document.querySelector('[data-chart=changes] details').open = true")
    browser.until("return document.querySelector('[data-chart=changes] table') !== null")
    rows = browser.run("return document.querySelectorAll('[data-chart=changes] tbody tr').length")
    assert rows == browser.run("return document.querySelectorAll('#table tbody tr').length")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_fits_its_window_and_text_can_be_read_on_its_ground(browser, rich_page, width, dark):
    browser.show(rich_page, width=width, dark=dark)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    worst, where = browser.run(CONTRAST)
    assert worst >= 4.5, where


def test_hostile_names_do_not_run_in_the_page(browser, hostile, tmp_path):
    path = tmp_path / "hostile.html"
    path.write_text(html_page.render(hostile), encoding="utf-8")
    name = hostile.verdicts[0].result.benchmark.id
    browser.show(path, height=6000, fragment="#/" + quote(name, safe=""))
    browser.until("return document.querySelectorAll('.plot[data-drawn]').length >= 2")
    assert browser.run("return window.stolen") is None
    assert browser.run("return document.querySelectorAll('img, iframe').length") == 0
    assert browser.complaints() == []
    assert browser.requests() == []


# The least contrast of any text against the ground that lies behind it (WCAG 2.2, relative luminance).
CONTRAST = """
const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const rgba = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
function ground(element) {
  for (let e = element; e; e = e.parentElement) {
    const colour = rgba(getComputedStyle(e).backgroundColor);
    if (colour[3] > 0.9) return colour;
  }
  return [255, 255, 255, 1];
}
let worst = [21, ""];
const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const isSeen = element.getClientRects().length && !element.closest("svg, noscript");
  if (!walker.currentNode.data.trim() || !isSeen) continue;
  const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
  const contrast = (a + 0.05) / (b + 0.05);
  if (contrast < worst[0]) worst = [contrast, walker.currentNode.data.trim().slice(0, 40)];
}
return worst;
"""
