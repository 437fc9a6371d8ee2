"""Privacy requests: states, steps, erasure, access, certificate."""
