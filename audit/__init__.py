"""Proves: the append-only log, its Merkle tree, checkpoints, and the auditor's verifier.

Writing: `log` appends an entry (`entry`, `canonical`, `commitment`, `actions`) in the caller's transaction;
`sequencer` gives it its place in the tree (`tree`, `tiles`, `merkle`) and signs (`checkpoint`, `note`,
`keys`); `publication` remembers the head outside, `published` what others took. Reading: `query`,
`stored_tree`, `export`. By themselves, without a database: `verify` and `__main__` over a `transcript`,
a `proof` or a `receipt`.
"""
