"""Figures for other tools: one file per format, and the table of them."""
