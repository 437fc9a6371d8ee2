"""Keeps the people: leads, their sealed fields and keys, lead stores, privacy requests, staff."""
