"""The emulated accounts of this exam, each told as the calls that a person would make."""

from __future__ import annotations

from readiness_mla.accounts.halfway import halfway
from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready import ready


def fresh(_do: Do, *, region: str, account: str, partition: str) -> None:
    """An account in which nobody built anything."""


ACCOUNTS = {"fresh": fresh, "halfway": halfway, "ready": ready}
"""What builds each account, by name: called with what makes a call, the region, the account and the partition."""
