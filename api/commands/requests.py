"""The `requests` commands."""
