"""A pack by somebody else: a check with a kind of its own, and a report format."""
