"""The `serve` commands."""
