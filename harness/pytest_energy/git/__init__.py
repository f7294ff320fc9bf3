"""Git, asked so that it only reads: the work tree, index, refs and configuration stay as they are."""
