"""The account of somebody who is ready: everything that the checks look for, done well, told as the calls."""

from __future__ import annotations

from readiness_mla.accounts.place import Do, Place
from readiness_mla.accounts.ready.analysis import analyze
from readiness_mla.accounts.ready.approach import choose
from readiness_mla.accounts.ready.containers import contain
from readiness_mla.accounts.ready.cost import limit
from readiness_mla.accounts.ready.data import prepare
from readiness_mla.accounts.ready.delivery import deliver
from readiness_mla.accounts.ready.foundation import lay
from readiness_mla.accounts.ready.hosting import host
from readiness_mla.accounts.ready.integrity import examine
from readiness_mla.accounts.ready.monitoring import monitor
from readiness_mla.accounts.ready.refinement import refine
from readiness_mla.accounts.ready.registry import register, turn_down
from readiness_mla.accounts.ready.security import secure
from readiness_mla.accounts.ready.services import ask
from readiness_mla.accounts.ready.sources import collect
from readiness_mla.accounts.ready.training import train
from readiness_mla.accounts.ready.transformation import transform
from readiness_mla.accounts.ready.validation import validate
from readiness_mla.accounts.ready.workflow import automate, retrain

DAYS = 10
"""How long all of it has been there: what is new is not judged yet by everything."""
PARTS = (
    secure,
    limit,
    prepare,
    collect,
    transform,
    examine,
    validate,
    train,
    refine,
    choose,
    register,
    host,
    analyze,
    contain,
    monitor,
    automate,
    deliver,
)
"""What builds on the foundation, each on what those before it made."""


def ready(do: Do, *, region: str, account: str, partition: str) -> None:
    """Build the account, each part on what the parts before it made, and let some days go by.

    Args:
        do: makes one call.
        region: where `do` calls.
        account: the account's id.
        partition: the region's partition.
    """
    with do.ago(days=DAYS):
        base = lay(do, Place(region, account, partition))
        for build in PARTS:
            build(do, base)
    ask(do)
    retrain(do, 2)
    turn_down(do)
