"""Is it worse? Pure functions from two records to a verdict."""
