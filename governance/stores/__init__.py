"""Lead stores: what holds a person elsewhere, described by data."""
