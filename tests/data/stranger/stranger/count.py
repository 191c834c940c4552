"""A report that counts."""

from readiness.results import Results


def render(results: Results) -> bytes:
    """The number of checks."""
    return str(len(results.checks)).encode()
