"""``python -m pytest_energy`` is ``pytest-energy``."""

import sys

from pytest_energy.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
