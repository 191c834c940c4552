"""Problems that end a command with one line on stderr and a documented exit code."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ReadinessError(Exception):
    """What is wrong and how to mend it, in one line; `exit_code` is the status of the command."""

    exit_code = 2


class UsageError(ReadinessError):
    """An option, a file, a pack or a configuration value that can't be used (exit code 2)."""


class AccessError(ReadinessError):
    """The account can't be reached: credentials, profile, region or endpoint (exit code 3)."""

    exit_code = 3


def closest(word: str, known: Iterable[str]) -> str:
    """` (did you mean X?)`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""
