"""The `leads` commands."""
