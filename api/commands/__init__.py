"""The command line, one group a module."""
