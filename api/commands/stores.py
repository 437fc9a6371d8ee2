"""The `stores` commands."""
