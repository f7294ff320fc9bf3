import json

import pytest

from pytest_energy.grid.cloud_place import cloud_place


def written(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("variables", "code", "certain"),
    [
        ({"AWS_REGION": "eu-west-1", "ECS_CONTAINER_METADATA_URI_V4": "http://x"}, "aws/eu-west-1", True),
        ({"AWS_REGION": "eu-west-1"}, "aws/eu-west-1", False),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "aws/us-east-1", False),
        ({"GOOGLE_CLOUD_REGION": "europe-west4", "K_SERVICE": "app"}, "gcp/europe-west4", True),
        ({"REGION_NAME": "West Europe", "WEBSITE_SITE_NAME": "app"}, "azure/westeurope", True),
        ({"AZURE_LOCATION": "swedencentral"}, "azure/swedencentral", False),
    ],
)
def test_variables_name_a_region_and_others_confirm_it(tmp_path, variables, code, certain):
    place = cloud_place(variables, tmp_path)
    assert (place.code, place.certain) == (code, certain)
    assert next(iter(variables)) in place.because
    assert ("by hand" in place.because) is not certain


@pytest.mark.parametrize(
    "variables",
    [{}, {"AWS_REGION": ""}, {"AWS_REGION": "nowhere-1"}, {"REGION_NAME": "eu-west-1"}, {"REGION": "FR"}],
)
def test_without_a_region_that_is_known_there_is_none(tmp_path, variables):
    assert cloud_place(variables, tmp_path) is None


def test_the_firmware_confirms_a_region_of_its_own_provider_only(tmp_path):
    written(tmp_path, "sys/class/dmi/id/sys_vendor", "Amazon EC2\n")
    assert cloud_place({"AWS_REGION": "eu-west-1"}, tmp_path).certain
    assert not cloud_place({"AZURE_REGION": "westeurope"}, tmp_path).certain


@pytest.mark.parametrize(
    ("cloud", "region", "code"),
    [
        ("aws", "eu-north-1", "aws/eu-north-1"),
        ("gce", "us-central1", "gcp/us-central1"),
        ("azure", "westeurope", "azure/westeurope"),
    ],
)
def test_cloud_init_knows_best(tmp_path, cloud, region, code):
    data = {"v1": {"cloud_name": cloud, "region": region, "platform": cloud}, "ds": {}}
    written(tmp_path, "run/cloud-init/instance-data.json", json.dumps(data))
    place = cloud_place({"AWS_REGION": "us-east-1"}, tmp_path)
    assert (place.code, place.certain) == (code, True)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"v1": null}', '{"v1": {"cloud_name": "openstack", "region": null}}']
)
def test_what_cloud_init_left_may_be_damaged_or_of_another_cloud(tmp_path, text):
    written(tmp_path, "run/cloud-init/instance-data.json", text)
    assert cloud_place({}, tmp_path) is None
