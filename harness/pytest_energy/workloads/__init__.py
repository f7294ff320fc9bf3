"""What is run: suites, models, and the feeds that a model gets."""
