"""The meters: one file per kind, and the table of them all."""
