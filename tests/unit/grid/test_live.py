import json
from base64 import b64decode

import pytest

from pytest_energy.errors import CarbonError, LiveError
from pytest_energy.grid.cache import cached, store
from pytest_energy.grid.live import SERVICES, LiveGrid, live_choice
from pytest_energy.grid.web import ReplayWeb

NOW = "2026-05-04T10:11:12Z"
FR = "https://api.electricitymaps.com/v3/carbon-intensity/latest?zone=FR"
FRANCE = {
    "zone": "FR",
    "carbonIntensity": 31,
    "datetime": "2026-05-04T10:00:00.000Z",
    "updatedAt": "2026-05-04T10:05:12.000Z",
    "createdAt": "2026-05-01T10:05:12.000Z",
    "emissionFactorType": "lifecycle",
    "isEstimated": True,
    "estimationMethod": "TIME_SLICER_AVERAGE",
}
GB = "https://api.carbonintensity.org.uk/intensity"
HALF_HOUR = {
    "from": "2026-05-04T10:00Z",
    "to": "2026-05-04T10:30Z",
    "intensity": {"forecast": 126, "actual": None, "index": "moderate"},
}
LOGIN = "https://api.watttime.org/login"
MOER = "https://api.watttime.org/v3/forecast?region=CAISO_NORTH&signal_type=co2_moer&horizon_hours=0"
POINT = {
    "data": [{"point_time": "2026-05-04T10:10:00+00:00", "value": 870.0}],
    "meta": {
        "region": "CAISO_NORTH",
        "signal_type": "co2_moer",
        "units": "lbs_co2_per_mwh",
        "generated_at": "2026-05-04T10:10:00+00:00",
        "warnings": [],
    },
}
KEYS = {"ELECTRICITY_MAPS_TOKEN": " secret ", "WATTTIME_USER": "me", "WATTTIME_PASSWORD": "pass"}


def grid(answers, variables=KEYS, **given):
    return LiveGrid(variables=variables, web=ReplayWeb(answers=answers), clock=lambda: NOW, **given)


def ask(text, answers, region=None, **given):
    return grid(answers, **given).intensity(live_choice(text), region)


def refusal(text, answers, region=None, **given):
    with pytest.raises(LiveError) as caught:
        ask(text, answers, region, **given)
    return str(caught.value)


def test_electricity_maps_is_asked_with_the_key_and_its_answer_is_a_lifecycle_figure():
    asked = grid({FR: FRANCE})
    figure = asked.intensity(live_choice("electricity-maps"), "FRA")
    ((url, headers),) = asked.web.asked
    assert (url, headers["auth-token"]) == (FR, "secret")
    assert (figure.g_per_kwh, figure.kind, figure.year) == (31.0, "lifecycle", None)
    assert figure.basis.endswith("estimated")
    assert figure.place == "FR at 2026-05-04T10:00:00.000Z"


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("FR", "FR"),
        ("CA-QC", "CA-QC"),
        ("SE3", "SE-SE3"),
        ("aws/eu-west-3", "FR"),
        ("aws/ca-central-1", "CA-QC"),
    ],
)
def test_a_region_names_a_zone_of_electricity_maps(region, zone):
    assert SERVICES["electricity-maps"].zone_of(region) == zone


@pytest.mark.parametrize("region", ["US", "US-CA", "WORLD", "EU", "aws/us-east-1", "CN-SC"])
def test_a_region_of_several_zones_names_none(region):
    message = refusal("electricity-maps", {}, region)
    assert f"it has no one zone for the region {region}" in message
    assert "electricity-maps:ZONE" in message


def test_uk_carbon_intensity_takes_the_forecast_until_the_half_hour_is_over():
    figure = ask("uk-carbon-intensity", {GB: {"data": [HALF_HOUR]}}, "aws/eu-west-2", variables={})
    assert (figure.g_per_kwh, figure.kind, figure.basis.rpartition(" ")[2]) == (126, "direct", "forecast")
    over = HALF_HOUR | {"intensity": {"forecast": 126, "actual": 131, "index": "moderate"}}
    assert ask("uk-carbon-intensity:GB", {GB: {"data": [over]}}).g_per_kwh == 131


@pytest.mark.parametrize(("zone", "path"), [("13", "regionid/13"), ("RG10", "postcode/RG10")])
def test_uk_carbon_intensity_knows_regions_and_postcodes(zone, path):
    region = {"regionid": 13, "dnoregion": "UKPN London", "shortname": "London", "data": [HALF_HOUR]}
    answers = {f"https://api.carbonintensity.org.uk/regional/{path}": {"data": [region]}}
    assert ask(f"uk-carbon-intensity:{zone}", answers).g_per_kwh == 126


def test_uk_carbon_intensity_is_not_asked_for_another_country():
    assert "no one zone for the region FR" in refusal("uk-carbon-intensity", {}, "FR")


def test_watttime_logs_in_and_its_pounds_per_megawatt_hour_become_grams():
    asked = grid({LOGIN: {"token": "bearer"}, MOER: POINT})
    figure = asked.intensity(live_choice("watttime:CAISO_NORTH"), None)
    assert figure.g_per_kwh == pytest.approx(870 * 0.45359237)
    assert figure.kind == "marginal"
    (_, login), (_, data) = asked.web.asked
    assert b64decode(login["Authorization"].removeprefix("Basic ")) == b"me:pass"
    assert data["Authorization"] == "Bearer bearer"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"carbonIntensity": 0.031}, "looks like kilograms: 0.031 kg are 31 g"),
        ({"carbonIntensity": 31000}, "31000 g/MWh are 31 g/kWh"),
        ({"carbonIntensity": -5}, "-5 gCO2e per kWh cannot be used"),
        ({"carbonIntensity": "31"}, "'31' is no carbon intensity"),
        ({"carbonIntensity": None}, "None is no carbon intensity"),
        ({"carbonIntensity": float("nan")}, "nan is no carbon intensity"),
        ({"carbonIntensity": True}, "True is no carbon intensity"),
        ({"zone": "DE"}, "it was asked for FR and answered for 'DE'"),
        ({"emissionFactorType": "marginal"}, "'marginal' is no kind of emission factor"),
        ({"datetime": "yesterday"}, "'yesterday' is no time"),
        ({"datetime": 20260504}, "20260504 is no time"),
    ],
)
def test_an_answer_that_cannot_be_true_is_refused(wrong, said):
    message = refusal("electricity-maps:FR", {FR: FRANCE | wrong})
    assert message.startswith("Electricity Maps, asked for FR: ")
    assert said in message


@pytest.mark.parametrize("answer", [{}, [], "FR", 3, None, {"error": "x" * 10_000}])
def test_an_answer_of_another_form_is_refused_in_few_words(answer):
    message = refusal("electricity-maps:FR", {FR: answer})
    assert "the answer has no zone" in message
    assert len(message) < 200


@pytest.mark.parametrize(
    ("meta", "said"),
    [({"units": "kg_co2_per_mwh"}, "not lbs_co2_per_mwh"), ({"region": "PJM_DC"}, "not CAISO_NORTH")],
)
def test_watttime_in_another_unit_or_for_another_region_is_refused(meta, said):
    answers = {LOGIN: {"token": "t"}, MOER: POINT | {"meta": POINT["meta"] | meta}}
    assert said in refusal("watttime:CAISO_NORTH", answers)


def test_a_service_without_its_key_is_not_asked():
    message = refusal("watttime:CAISO_NORTH", {}, variables={"WATTTIME_USER": "me", "WATTTIME_PASSWORD": " "})
    assert message == "WattTime needs a key: set WATTTIME_PASSWORD in the environment."


def test_a_zone_is_asked_for_once_in_a_run():
    asked = grid({FR: FRANCE})
    for _ in range(3):
        asked.intensity(live_choice("electricity-maps"), "FR")
    assert len(asked.web.asked) == 1


def test_another_address_is_taken_from_the_environment():
    url = "https://mirror.example/maps/v3/carbon-intensity/latest?zone=FR"
    variables = KEYS | {"ELECTRICITY_MAPS_URL": "https://mirror.example/maps/"}
    assert ask("electricity-maps:FR", {url: FRANCE}, variables=variables).g_per_kwh == 31


def test_a_later_run_finds_the_answer_in_the_cache_while_it_is_young(tmp_path):
    path = tmp_path / "deep" / "live.json"
    path.parent.mkdir()
    first = ask("electricity-maps:FR", {FR: FRANCE}, cache=path)
    later = LiveGrid(
        variables=KEYS, web=ReplayWeb(answers={}), cache=path, clock=lambda: "2026-05-04T10:26:12Z"
    )
    assert later.intensity(live_choice("electricity-maps:FR"), None) == first
    assert later.web.asked == []
    assert "secret" not in path.read_text()


@pytest.mark.parametrize("now", ["2026-05-04T10:26:13Z", "2026-05-04T10:11:11Z", "2020-01-01T00:00:00Z"])
def test_an_old_answer_or_one_from_the_future_is_asked_anew(tmp_path, now):
    path = tmp_path / "live.json"
    store(path, "electricity-maps:FR", NOW, ask("electricity-maps:FR", {FR: FRANCE}))
    assert cached(path, "electricity-maps:FR", now) is None
    assert cached(path, "electricity-maps:DE", NOW) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"electricity-maps:FR": 3}', '{"electricity-maps:FR": {"asked": 1}}']
)
def test_a_damaged_cache_holds_nothing_and_is_written_anew(tmp_path, text):
    path = tmp_path / "live.json"
    path.write_text(text)
    assert ask("electricity-maps:FR", {FR: FRANCE}, cache=path).g_per_kwh == 31
    assert list(json.loads(path.read_text())) == ["electricity-maps:FR"]


def test_a_cache_edited_into_nonsense_is_not_believed(tmp_path):
    path = tmp_path / "live.json"
    ask("electricity-maps:FR", {FR: FRANCE}, cache=path)
    path.write_text(path.read_text().replace("31.0", "-31.0"))
    assert cached(path, "electricity-maps:FR", NOW) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("electricity-map", "Did you mean electricity-maps"),
        ("", "Known: electricity-maps, uk-carbon-intensity, watttime"),
        ("watttime:", "No zone stands behind the colon"),
    ],
)
def test_a_choice_that_names_nothing_is_refused(text, said):
    with pytest.raises(CarbonError, match=said):
        live_choice(text)
