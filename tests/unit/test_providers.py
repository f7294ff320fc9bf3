import pytest

from pytest_energy.errors import SettingsError
from pytest_energy.providers import PROVIDERS, provider_named, short_names


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.short)
def test_a_provider_answers_to_both_its_names_in_any_case(provider):
    for name in (
        provider.short,
        provider.short.upper(),
        provider.name,
        provider.name.lower(),
        f" {provider.short} ",
    ):
        assert provider_named(name) is provider


def test_no_two_providers_share_a_name():
    names = [name.lower() for provider in PROVIDERS for name in (provider.short, provider.name)]
    assert len(names) == len(set(names))


def test_short_names_are_safe_in_a_file_name_and_end_before_the_batch_of_an_id():
    assert all(provider.short.isalnum() and provider.short.islower() for provider in PROVIDERS)


def test_an_unknown_provider_is_answered_with_the_nearest_one():
    with pytest.raises(SettingsError, match=r"'openvini'.*Did you mean 'openvino'.*Known: cpu, cuda"):
        provider_named("openvini")


def test_a_provider_that_is_like_no_other_is_answered_with_all():
    with pytest.raises(SettingsError) as caught:
        provider_named("zzz")
    assert "Did you mean" not in str(caught.value)
    assert all(provider.short in str(caught.value) for provider in PROVIDERS)


def test_short_names_keep_the_order_and_name_each_provider_once():
    assert short_names(["openvino", "CPUExecutionProvider", "cpu"]) == ("openvino", "cpu")
