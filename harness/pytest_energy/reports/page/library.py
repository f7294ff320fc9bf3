"""The library that draws charts: Vega, Vega-Lite and Vega-Embed as one script, of an installed package."""

import subprocess
import sys
from functools import cache
from importlib.util import find_spec

from pytest_energy.errors import HarnessError, SettingsError

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


# vl_convert holds Python's lock for the second that it takes: made in a process of its own, the page does not
# wait for it.
_MAKE = """\
import sys
from vl_convert import javascript_bundle
sys.stdout.buffer.write(javascript_bundle("window.vegaEmbed = vegaEmbed;").encode())
"""


@cache
def library() -> str:
    """Return the script, which sets ``vegaEmbed``. It is made harmless inside of ``<script>``.

    Raises:
        HarnessError: It could not be made, and why.
    """
    made = subprocess.run([sys.executable, "-P", "-c", _MAKE], capture_output=True, check=False)
    if made.returncode or not made.stdout:
        said = made.stderr.decode("utf-8", "replace").strip().splitlines() or ["it ended without a word"]
        raise HarnessError(
            f"The library that draws the charts could not be made: {said[-1]}. "
            'Install its package again: pip install --force-reinstall "pytest-energy[html]"'
        )
    return inline(made.stdout.decode("utf-8"))


def inline(script: str) -> str:
    """Return a script without what would end or confuse the element that it stands in."""
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")
