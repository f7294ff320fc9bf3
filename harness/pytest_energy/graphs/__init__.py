"""What a model's graph tells: its operators, its cost, and what its inputs can be fed with."""
