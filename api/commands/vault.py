"""The `vault` commands."""
