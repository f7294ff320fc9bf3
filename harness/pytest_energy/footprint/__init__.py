"""The footprint: joules and grams of a step, from CPU time, a power profile and a carbon intensity. Pure."""
