"""Source credentials: that CodeBuild may fetch from a Git provider; the tokens themselves are forgotten at once."""

from __future__ import annotations

from readiness.emulator.call import Call, InUse, Item, NotFound
from readiness.emulator.door import Extension

SERVICE = "codebuild"


def known(call: Call) -> dict[str, Item]:
    """The credentials by ARN: one per provider and sort of permission."""
    return call.table("SourceCredentials", SERVICE)


def _import(call: Call) -> Item:
    told = call.parameters
    arn = call.arn(f"token/{told['serverType'].lower().replace('_', '-')}")
    same = next((one for one in known(call).values() if one["serverType"] == told["serverType"]), None)
    if same and not told.get("shouldOverwrite", True):
        raise InUse(f"Access token with server type {told['serverType']} already exists.")
    entry = {"arn": arn, "serverType": told["serverType"], "authType": told["authType"]}
    if told["authType"] in ("CODECONNECTIONS", "SECRETS_MANAGER"):
        # Here the token is no secret but the ARN of what holds it.
        entry["resource"] = told["token"]
    known(call)[arn] = entry
    return {"arn": arn}


def _list(call: Call) -> Item:
    return {"sourceCredentialsInfos": list(known(call).values())}


def _delete(call: Call) -> Item:
    arn = call.parameters["arn"]
    if known(call).pop(arn, None) is None:
        raise NotFound(f"Access token with ARN {arn} does not exist.")
    return {"arn": arn}


EXTENSION = Extension(
    SERVICE,
    {
        "ImportSourceCredentials": _import,
        "ListSourceCredentials": _list,
        "DeleteSourceCredentials": _delete,
    },
)
