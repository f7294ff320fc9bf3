"""Devices: what they draw, and which of them this machine is."""
