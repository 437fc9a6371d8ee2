"""The few pages that the service shows by itself, as files."""
