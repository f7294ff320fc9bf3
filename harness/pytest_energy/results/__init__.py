"""The waist: the frozen records that pass from what measures to what judges, and their JSON."""
