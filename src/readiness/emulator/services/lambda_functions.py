"""Lambda's functions and event source mappings, where moto loses what they were given.

moto forgets file systems, dead-letter queues, logging and SnapStart of a function; an update leaves tracing, ephemeral
storage, key and image settings as they were; the list of functions has one page however long it is. It maps no
brokers: neither MSK nor Kafka, MQ or DocumentDB of one's own.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Elsewhere, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import listed

SERVICE = "lambda"
PAGE = 50
LATEST = "$LATEST"
LOST = ("FileSystemConfigs", "DeadLetterConfig", "LoggingConfig", "SnapStart")
"""What moto forgets of a function."""
LEFT = {"TracingConfig": "tracing_config", "KMSKeyArn": "kms_key_arn"}
"""What an update of moto's leaves as it was, and where moto keeps it."""
BROKERS = ("kafka", "mq", "rds")
"""The services whose event sources moto does not map."""
SELF_MANAGED = "SelfManagedEventSource"
DEFAULT_BATCH = 100


def _remember(call: Call) -> None:
    """Keep what moto forgets with its own function, so that a version that is published has it as well."""
    told = call.parameters
    backend = call.backend("lambda")
    function = backend.get_function(told["FunctionName"])
    kept = dict(getattr(function, "kept", {}))
    kept |= {name: told[name] for name in LOST if name in told}
    default = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
    kept["LoggingConfig"] = {**default, **kept.get("LoggingConfig", {})}
    function.kept = kept | {"RevisionId": uuid()}
    if told.get("Publish"):
        for version in backend.list_versions_by_function(function.function_name):
            version.kept = function.kept
    for name, attribute in LEFT.items():
        if name in told:
            setattr(function, attribute, told[name])
    if "EphemeralStorage" in told:
        function.ephemeral_storage = told["EphemeralStorage"]["Size"]


def _configuration(function: Any) -> Item:
    kept: Item = getattr(function, "kept", {})
    found: Item = {**function.get_configuration(), **kept}
    if "SnapStart" in kept:
        on = kept["SnapStart"].get("ApplyOn") == "PublishedVersions" and str(function.version) != LATEST
        found["SnapStart"] = {**kept["SnapStart"], "OptimizationStatus": "On" if on else "Off"}
    return {name: value for name, value in found.items() if value is not None}


def _list(call: Call) -> Item:
    functions = call.backend("lambda").list_functions(call.parameters.get("FunctionVersion"))
    asked = {"MaxItems": PAGE, **call.parameters}
    return listed(call, [_configuration(function) for function in functions], "FunctionName", asked=asked)


def _get_configuration(call: Call) -> Item:
    qualifier = call.parameters.get("Qualifier")
    found = _configuration(call.backend("lambda").get_function(call.parameters["FunctionName"], qualifier))
    if qualifier == LATEST:
        found["FunctionArn"] += f":{LATEST}"
    return found


def _get(call: Call) -> Item:
    function = call.backend("lambda").get_function(call.parameters["FunctionName"], call.parameters.get("Qualifier"))
    return {**function.get_code(), "Configuration": _get_configuration(call)}


def _mappings(call: Call) -> dict[str, Item]:
    return call.table("EventSourceMapping", SERVICE)


def _map(call: Call) -> Item:
    """A mapping of a broker, which comes up at once."""
    told = call.parameters
    source = told.get("EventSourceArn", "")
    if SELF_MANAGED not in told and source.split(":")[2:3] not in [[name] for name in BROKERS]:
        raise Elsewhere
    if SELF_MANAGED in told and not told.get("Topics"):
        raise Invalid("Topics must be specified for a self-managed Apache Kafka event source.")
    function = call.backend("lambda").get_function(told["FunctionName"])
    name = uuid()
    _mappings(call)[name] = {
        "BatchSize": DEFAULT_BATCH,
        "StartingPosition": "TRIM_HORIZON",
        **told,
        "UUID": name,
        "EventSourceMappingArn": call.arn(f"event-source-mapping:{name}"),
        "FunctionArn": function.function_arn,
        "LastModified": utcnow(),
        "LastProcessingResult": "No records processed",
        "State": "Enabled" if told.get("Enabled", True) else "Disabled",
        "StateTransitionReason": "USER_INITIATED",
    }
    return _mappings(call)[name]


def _mapping(call: Call) -> Item:
    found = _mappings(call).get(call.parameters["UUID"])
    if found is None:
        raise Elsewhere
    return found


def _remap(call: Call) -> Item:
    found = _mapping(call)
    told = {name: value for name, value in call.parameters.items() if name not in ("UUID", "Enabled")}
    if "FunctionName" in told:
        found["FunctionArn"] = call.backend("lambda").get_function(told["FunctionName"]).function_arn
    if "Enabled" in call.parameters:
        found["State"] = "Enabled" if call.parameters["Enabled"] else "Disabled"
    found |= told | {"LastModified": utcnow()}
    return found


def _unmap(call: Call) -> Item:
    found = _mapping(call)
    del _mappings(call)[found["UUID"]]
    return {**found, "State": "Deleting"}


def _list_mappings(call: Call) -> Item:
    """Moto's and those of brokers."""
    backend = call.backend("lambda")
    every = [mapping.get_configuration() for mapping in backend._event_source_mappings.values()]
    every += _mappings(call).values()
    told = call.parameters
    name = told.get("FunctionName", "").rpartition(":function:")[2]
    found = [
        mapping
        for mapping in every
        if told.get("EventSourceArn") in (None, mapping.get("EventSourceArn"))
        and (not name or f"{mapping['FunctionArn'].partition(':function:')[2]}:".startswith(f"{name}:"))
    ]
    return listed(call, found, asked={"MaxItems": 100, **_paging(told)})


def _paging(told: Item) -> Item:
    return {name: told[name] for name in ("MaxItems", "Marker") if name in told}


EXTENSION = Extension(
    SERVICE,
    {
        "ListFunctions": _list,
        "GetFunctionConfiguration": _get_configuration,
        "GetFunction": _get,
        "CreateEventSourceMapping": _map,
        "GetEventSourceMapping": _mapping,
        "UpdateEventSourceMapping": _remap,
        "DeleteEventSourceMapping": _unmap,
        "ListEventSourceMappings": _list_mappings,
    },
    after={"CreateFunction": _remember, "UpdateFunctionConfiguration": _remember},
)
