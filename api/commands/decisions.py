"""The `decisions` commands."""
