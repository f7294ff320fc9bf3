import pytest

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.embodied import devices, embodied_choice


def test_a_device_is_named_and_the_rest_has_defaults():
    server = embodied_choice("Server").device
    assert (server.kg, server.lifetime_years, server.band_low, server.band_high) == (1200, 4, 0.5, 2)
    assert "PowerEdge" in server.source


@pytest.mark.parametrize("device", devices().values(), ids=devices())
def test_every_device_has_a_source_and_a_band_around_its_figure(device):
    assert device.source
    assert device.band_low < 1 < device.band_high
    assert 0 < device.kg < 5000


@pytest.mark.parametrize(
    ("text", "kg", "years", "share"),
    [
        ("server,lifetime=5,share=4/128", 1200, 5, 1 / 32),
        (" server , share = 25% , lifetime = 6y ", 1200, 6, 0.25),
        ("1500kg", 1500, 4, 1),
        ("1.5t,share=0.5", 1500, 4, 0.5),
        ("93000 g", 93, 4, 1),
    ],
)
def test_lifetime_and_share_may_be_given(text, kg, years, share):
    device = embodied_choice(text).device
    assert (device.kg, device.lifetime_years, device.share) == pytest.approx((kg, years, share))


def test_the_share_follows_from_threads_and_the_whole_host():
    choice = embodied_choice("server")
    assert choice.reserved_by(4, 128).share == 4 / 128
    assert choice.reserved_by(999, 128).share == 1


def test_an_unknown_part_of_an_unknown_machine_stays_unknown():
    assert embodied_choice("server").reserved_by(1, None) is None
    assert embodied_choice("server,share=1/64").reserved_by(1, None).share == 1 / 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sever", "Did you mean server"),
        ("", "No device is named ''"),
        ("-3kg", "must be a number above 0"),
        ("0kg", "must be a number above 0"),
        ("server,lifetime=0", "The lifetime '0' must be a number above 0 and at most 50"),
        ("server,lifetime=nan", "The lifetime 'nan'"),
        ("server,share=2", "at most 1"),
        ("server,share=4/0", "above 0"),
        ("server,share=128/4", "at most 1"),
        ("server,share=150%", "at most 100"),
        ("server,shares=1", "neither a lifetime nor a share"),
        ("server,4", "neither a lifetime nor a share"),
    ],
)
def test_what_cannot_be_true_is_refused(text, said):
    with pytest.raises(CarbonError, match=said):
        embodied_choice(text)
