"""Where a run takes place and what electricity emits there now: told beside the figures, never judged by."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

ANSWER = {
    "zone": "FR",
    "carbonIntensity": 31,
    "datetime": "2026-05-04T10:00:00.000Z",
    "updatedAt": "2026-05-04T10:05:12.000Z",
    "emissionFactorType": "lifecycle",
    "isEstimated": False,
    "estimationMethod": None,
}


class Handler(BaseHTTPRequestHandler):
    """Answers as Electricity Maps does."""

    def do_GET(self):
        self.server.seen.append(self.path)
        known = self.headers["auth-token"] == "secret"
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        answer = self.server.answer if known else {"error": "Invalid auth-token"}
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def maps(monkeypatch):
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.seen, server.answer = [], ANSWER
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("ELECTRICITY_MAPS_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("ELECTRICITY_MAPS_TOKEN", "secret")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def measured(project):
    project.model()

    def measure(*options):
        ran = project.energy("small.onnx", "--energy-json", "results.json", *options)
        assert ran.ret == 0, ran.stdout.str() + ran.stderr.str()
        return project.said(ran), project.results(project.folder / "results.json")

    return measure


def test_a_live_answer_is_told_beside_the_figures_and_pins_nothing(project, measured, maps):
    said, results = measured("--energy-update", "--energy-live", "electricity-maps", "--energy-region", "FR")
    assert maps.seen == ["/v3/carbon-intensity/latest?zone=FR"]
    assert (
        "carbon here: 31 g/kWh, FR at 2026-05-04T10:00:00.000Z (lifecycle), PUE 1; grams would be 0" in said
    )
    assert "for reports only (Electricity Maps, asked after the measurement)" in said
    (benchmark,) = results["benchmarks"]
    energy_j = benchmark["result"]["energy"]["energy_j"]
    assert results["here"]["operational_g"] == {"small--cpu-b1": pytest.approx(energy_j / 3.6e6 * 31)}
    (path,) = project.baselines().values()
    pins = json.loads(path.read_text())["pins"]
    assert (pins["intensity"]["code"], benchmark["result"]["score"]["intensity"]["code"]) == ("FR", "FR")
    assert pins["intensity"]["g_per_kwh"] != 31


def test_a_second_run_takes_the_answer_from_the_cache(measured, maps):
    live = ("--energy-live", "electricity-maps:FR", "--energy-live-cache", "live.json")
    first, _ = measured(*live)
    second, _ = measured(*live)
    assert len(maps.seen) == 1
    assert "carbon here: 31 g/kWh" in first
    assert "carbon here: 31 g/kWh" in second


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"carbonIntensity": 0.031}, "looks like kilograms: 0.031 kg are 31 g"),
        ({"zone": "DE"}, "it was asked for FR and answered for 'DE'"),
    ],
)
def test_nonsense_is_not_believed_and_the_yearly_figure_stands_in_by_name(measured, maps, wrong, said):
    maps.answer = ANSWER | wrong
    told, results = measured("--energy-live", "electricity-maps", "--energy-region", "FR")
    assert said in told
    assert "The yearly figure stands in: " in told
    assert "France 20" in told
    assert results["here"] is None


@pytest.mark.usefixtures("maps")
def test_a_service_that_is_down_costs_no_verdict(measured, monkeypatch):
    monkeypatch.setenv("ELECTRICITY_MAPS_URL", "http://127.0.0.1:9")
    told, results = measured("--energy-live", "electricity-maps:FR")
    assert "no live intensity: Electricity Maps, asked for FR: http://127.0.0.1:9/v3/" in told
    assert "The yearly figure stands in: 458 g/kWh, world average 2025 (lifecycle)." in told
    assert [one["verdict"] for one in results["benchmarks"]] == ["NEW"]


@pytest.mark.usefixtures("maps")
def test_a_key_that_is_not_accepted_is_told(measured, monkeypatch):
    monkeypatch.setenv("ELECTRICITY_MAPS_TOKEN", "mistaken")
    told, _ = measured("--energy-live", "electricity-maps:FR")
    assert "answered HTTP 401: it does not accept the key" in told
    assert "mistaken" not in told


def test_a_region_in_the_environment_is_told_and_not_used_and_nobody_is_asked(measured, monkeypatch, maps):
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE")
    told, results = measured()
    assert "(lifecycle), PUE 1.11 (aws/eu-west-1 2024); grams would be 0." in told
    assert "for reports only (AWS_REGION=eu-west-1, confirmed by AWS_EXECUTION_ENV)" in told
    assert results["benchmarks"][0]["result"]["score"]["intensity"]["code"] == "WORLD"
    told, results = measured("--energy-region", "DE")
    assert results["here"] is None
    assert maps.seen == []
