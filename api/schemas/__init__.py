"""Shapes of bodies and answers, field by field; shape only, no look-ups."""
