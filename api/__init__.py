"""Opens the doors: HTTP, command line, settings, transactions, loops, and who is calling."""
