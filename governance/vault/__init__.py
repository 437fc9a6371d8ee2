"""The vault: data keys, epochs, sealing, blind indexes, and what destroys them."""
