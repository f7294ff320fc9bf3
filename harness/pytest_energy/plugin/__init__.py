"""The door to pytest."""
