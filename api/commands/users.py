"""The `users` commands."""
