"""Pure functions from readings to estimates and intervals."""
