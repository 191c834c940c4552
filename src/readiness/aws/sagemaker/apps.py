"""Apps of Studio domains: notebooks, code editors and Canvas, which are billed while they run."""

from __future__ import annotations

import datetime

from readiness.kinds import resource
from readiness.record import Record


@resource("sagemaker", "ListApps")
class App(Record):
    """An app of a user or of a shared space; deleted ones stay listed for a day."""

    domain_id: str = ""
    user_profile_name: str | None = None
    space_name: str | None = None
    app_type: str | None = None
    app_name: str = ""
    status: str | None = None
    creation_time: datetime.datetime | None = None
