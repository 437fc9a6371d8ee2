"""The `demo` commands."""
