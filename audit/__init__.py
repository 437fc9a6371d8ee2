"""Proves: the append-only log, its Merkle tree, checkpoints, and the auditor's verifier."""
