"""Decides: the ledger of facts, the rulebook, suppressions, and the contact decision."""
