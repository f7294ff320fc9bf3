"""The cloud region of this machine, by environment variables and files: nothing is asked over the network."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_energy.footprint.cloud import cloud_code, cloud_regions

# Variables that hold a region. Most are also set by hand, on any machine, to say where commands go.
_VARIABLES = (
    ("aws", "AWS_REGION"),
    ("aws", "AWS_DEFAULT_REGION"),
    ("gcp", "GOOGLE_CLOUD_REGION"),
    ("gcp", "CLOUD_RUN_REGION"),
    ("gcp", "FUNCTION_REGION"),
    ("gcp", "CLOUDSDK_COMPUTE_REGION"),
    ("azure", "REGION_NAME"),
    ("azure", "AZURE_REGION"),
    ("azure", "AZURE_LOCATION"),
)
# Variables that only a machine of the provider has.
_WITNESSES = {
    "aws": (
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "ECS_CONTAINER_METADATA_URI_V4",
        "CODEBUILD_BUILD_ID",
    ),
    "gcp": ("K_SERVICE", "CLOUD_RUN_JOB", "GAE_ENV", "FUNCTION_TARGET"),
    "azure": ("WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME"),
}
# What the firmware of a provider's machine calls itself.
_VENDORS = {"amazon ec2": "aws", "google": "gcp", "microsoft corporation": "azure"}
_INSTANCE_DATA = "run/cloud-init/instance-data.json"
_VENDOR = "sys/class/dmi/id/sys_vendor"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPlace:
    """Where this machine seems to stand.

    Attributes:
        code: The region, ``aws/eu-west-1``.
        because: What says so.
        certain: Whether something else confirms that the machine is the provider's.
    """

    code: str
    because: str
    certain: bool


def cloud_place(variables: Mapping[str, str], root: Path = Path("/")) -> CloudPlace | None:
    """Return the cloud region of this machine; None where nothing names one that is known.

    Args:
        variables: The environment variables.
        root: Root of the file system.
    """
    return next(_by_cloud_init(root), None) or next(_by_variables(variables, root), None)


def _by_cloud_init(root: Path) -> Iterator[CloudPlace]:
    """Yield the region that cloud-init was told by the provider when the machine started."""
    try:
        data: Any = json.loads((root / _INSTANCE_DATA).read_text(encoding="utf-8"))
        standard = data["v1"]
        code = cloud_code(f"{standard['cloud_name']}/{standard['region']}")
    except (OSError, ValueError, KeyError, TypeError):
        return
    if code in cloud_regions():
        yield CloudPlace(code=code, because=f"/{_INSTANCE_DATA} says {code}", certain=True)


def _by_variables(variables: Mapping[str, str], root: Path) -> Iterator[CloudPlace]:
    vendor = _vendor(root)
    for provider, name in _VARIABLES:
        value = variables.get(name, "")
        # Azure App Service writes the name for people: West Europe.
        code = f"{provider}/{value.lower().replace(' ', '')}"
        if code in cloud_regions():
            witnesses = [each for each in _WITNESSES[provider] if variables.get(each)]
            witnesses += [f"the firmware of {provider}"] if vendor == provider else []
            yield CloudPlace(
                code=code, because=_because(f"{name}={value}", witnesses), certain=bool(witnesses)
            )


def _because(said: str, witnesses: list[str]) -> str:
    return f"{said}, confirmed by {witnesses[0]}" if witnesses else f"{said}, which may have been set by hand"


def _vendor(root: Path) -> str | None:
    try:
        text = (root / _VENDOR).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return _VENDORS.get(text.strip().lower())
