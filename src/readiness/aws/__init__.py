"""The catalogue: one module of kinds per service."""
