"""Baselines: summaries of results, kept in the repository and compared with."""
