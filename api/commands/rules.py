"""The `rules` commands."""
