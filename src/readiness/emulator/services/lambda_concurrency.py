"""Lambda's provisioned concurrency, which moto lacks: execution environments that are kept ready."""

from __future__ import annotations

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "lambda"
PAGE = 50
LATEST = "$LATEST"


def provisioned(call: Call) -> dict[str, Item]:
    """What is configured, by `FUNCTION:QUALIFIER`."""
    return call.table("ProvisionedConcurrencyConfig", SERVICE)


def _function(call: Call) -> str:
    """The name of the function that the request names in one of AWS's ways."""
    told: str = call.parameters["FunctionName"]
    name = told.rpartition(":function:")[2] if ":function:" in told else told
    name = name.partition(":")[0]
    if name not in {function.function_name for function in call.backend("lambda").list_functions()}:
        raise NotFound(f"Function not found: {call.arn(f'function:{name}')}")
    return name


def _place(call: Call) -> tuple[str, str]:
    """The function and its qualifier: an alias or a version that was published."""
    name, qualifier = _function(call), call.parameters["Qualifier"]
    if qualifier == LATEST:
        raise Invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    backend = call.backend("lambda")
    known = {alias.name for alias in backend.list_aliases(name)}
    known |= {str(version.version) for version in backend.list_versions_by_function(name)}
    if qualifier not in known:
        raise NotFound(f"Function not found: {call.arn(f'function:{name}:{qualifier}')}")
    return name, qualifier


def _put(call: Call) -> Item:
    """The environments are ready at once; an alias and the version behind it can't both have some."""
    name, qualifier = _place(call)
    backend = call.backend("lambda")
    points = {alias.name: str(alias.function_version) for alias in backend.list_aliases(name)}
    for other in [key.partition(":")[2] for key in provisioned(call) if key.startswith(f"{name}:")]:
        if points.get(other) == qualifier or points.get(qualifier) == other:
            raise Invalid("Alias and the version that it points to can't both have provisioned concurrency.")
    count = call.parameters["ProvisionedConcurrentExecutions"]
    provisioned(call)[f"{name}:{qualifier}"] = {
        "FunctionArn": call.arn(f"function:{name}:{qualifier}"),
        "RequestedProvisionedConcurrentExecutions": count,
        "AvailableProvisionedConcurrentExecutions": count,
        "AllocatedProvisionedConcurrentExecutions": count,
        "Status": "READY",
        "LastModified": f"{utcnow():%Y-%m-%dT%H:%M:%S}+0000",
    }
    # What was asked for is answered before it is there.
    waiting = {"AvailableProvisionedConcurrentExecutions": 0, "AllocatedProvisionedConcurrentExecutions": 0}
    return {**provisioned(call)[f"{name}:{qualifier}"], **waiting, "Status": "IN_PROGRESS"}


def _get(call: Call) -> Item:
    name, qualifier = _place(call)
    found = provisioned(call).get(f"{name}:{qualifier}")
    if found is None:
        message = "No Provisioned Concurrency Config found for this function"
        raise Coded("ProvisionedConcurrencyConfigNotFoundException", message)
    return found


def _list(call: Call) -> Item:
    start = f"{_function(call)}:"
    found = [config for key, config in provisioned(call).items() if key.startswith(start)]
    return listed(call, found, asked={"MaxItems": PAGE, **call.parameters})


def _delete(call: Call) -> None:
    name, qualifier = _place(call)
    provisioned(call).pop(f"{name}:{qualifier}", None)


def _forget(call: Call) -> None:
    """What was configured for a function, an alias or a version goes with it."""
    name = call.parameters["FunctionName"].rpartition(":function:")[2].partition(":")[0]
    qualifier = call.parameters.get("Qualifier") or call.parameters.get("Name")
    for key in list(provisioned(call)):
        if key == f"{name}:{qualifier}" or (qualifier is None and key.startswith(f"{name}:")):
            del provisioned(call)[key]


EXTENSION = Extension(
    SERVICE,
    {
        "PutProvisionedConcurrencyConfig": _put,
        "GetProvisionedConcurrencyConfig": _get,
        "ListProvisionedConcurrencyConfigs": _list,
        "DeleteProvisionedConcurrencyConfig": _delete,
    },
    after={"DeleteFunction": _forget, "DeleteAlias": _forget},
)
