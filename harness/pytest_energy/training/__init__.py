"""Training steps: an inference model becomes forward, loss, backward and update, in standard operators."""
