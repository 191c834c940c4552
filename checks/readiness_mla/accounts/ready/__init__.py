"""The account of somebody who is ready: everything that the checks look for, done well, told as the calls."""

from __future__ import annotations

from readiness_mla.accounts.place import Do, Place
from readiness_mla.accounts.ready.foundation import lay


def ready(do: Do, *, region: str, account: str, partition: str) -> None:
    """Build the account, each part on what the parts before it made.

    Args:
        do: makes one call.
        region: where `do` calls.
        account: the account's id.
        partition: the region's partition.
    """
    lay(do, Place(region, account, partition))
