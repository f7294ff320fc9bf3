"""The grid: where this machine's electricity comes from, and what it emits just now. For reports only."""
