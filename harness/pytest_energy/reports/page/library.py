"""The library that draws charts: Vega, Vega-Lite and Vega-Embed as one script, of an installed package."""

from functools import cache
from importlib.util import find_spec

from pytest_energy.errors import SettingsError

_PACKAGES = ("jinja2", "vl_convert")


def require_packages() -> None:
    """See that the page can be made.

    Raises:
        SettingsError: A package is missing.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f'The HTML report needs {" and ".join(missing)}: pip install "pytest-energy[html]", or ask for '
            "--energy-markdown, which needs nothing."
        )


@cache
def library() -> str:
    """Return the script, which sets ``vegaEmbed``. It is made harmless inside of ``<script>``."""
    from vl_convert import javascript_bundle  # noqa: PLC0415 - an extra

    return inline(javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def inline(script: str) -> str:
    """Return a script without what would end or confuse the element that it stands in."""
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")
