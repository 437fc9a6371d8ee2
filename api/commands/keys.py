"""The `keys` commands."""
