import re

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
    names = [name for provider in PROVIDERS for name in {provider.short, provider.name.lower()}]
    assert len(names) == len(set(names))


def test_short_names_are_safe_in_a_file_name_and_end_before_the_batch_of_an_id():
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", provider.short) for provider in PROVIDERS)
    assert not any(re.search(r"-b\d", provider.short) for provider in PROVIDERS)


def test_a_provider_says_how_it_can_be_had_or_what_it_needs():
    assert all(
        provider.package or provider.plugin or provider.needs or provider.device == "cpu"
        for provider in PROVIDERS
    )


def test_a_plugin_library_may_have_a_name_of_its_own():
    found = provider_named("MY-npu", ["my-npu"])
    assert (found.short, found.name, found.device) == ("my-npu", "my-npu", "any")
    assert short_names(["cpu", "my-npu"], {"my-npu": "/lib/x.so"}) == ("cpu", "my-npu")
    with pytest.raises(SettingsError, match=r"Did you mean 'my-npu'.*--energy-ep-library"):
        provider_named("my-np", ["my-npu"])


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
