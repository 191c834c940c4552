"""Git repositories that notebooks know by name."""

from __future__ import annotations

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.services.sagemaker.catalogue import INVALID, SERVICE, Sort


def _check(_: Call, item: Item) -> None:
    if not item["GitConfig"]["RepositoryUrl"].startswith("https://"):
        raise Invalid("The repository URL must begin with https://.")


REPOSITORIES = Sort(
    SERVICE,
    "CodeRepository",
    "CodeRepositoryName",
    "code-repository/{}",
    plural="CodeRepositories",
    created=_check,
    by_name=True,
    taken=INVALID,
    missing=INVALID,
)


def _update(call: Call) -> Item:
    """Of a repository only the secret changes."""
    item = REPOSITORIES.find(call)
    item["GitConfig"] = {**item["GitConfig"], **call.parameters.get("GitConfig", {})}
    item["LastModifiedTime"] = utcnow()
    return item


EXTENSION = Extension(SERVICE, {**REPOSITORIES.handlers(), "UpdateCodeRepository": _update})
