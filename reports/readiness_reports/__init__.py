"""Report formats: each module renders results as one kind of file."""
