"""What runs without being asked: one exported `step(service, now)` a module."""
