"""From a benchmark to a result, and from a result to a verdict that has been confirmed."""
