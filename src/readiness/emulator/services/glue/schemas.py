"""The Schema Registry: moto keeps schemas and their versions, but does not list them, nor tell when they were made."""

from __future__ import annotations

import json
from typing import Any

from readiness.emulator.call import Call, Elsewhere, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "glue"


def _time(moment: Any) -> str:
    """The registry's times are text."""
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def _told(schema: Any) -> Item:
    times = {"CreatedTime": _time(schema.created_time), "UpdatedTime": _time(schema.updated_time)}
    return {**{name: value for name, value in schema.as_dict().items() if value is not None}, **times}


def _list(call: Call) -> Item:
    """The schemas of one registry, or of all."""
    registries = call.backend("glue").registries
    named = call.parameters.get("RegistryId", {})
    name = named.get("RegistryName") or named.get("RegistryArn", "").rpartition("/")[2]
    if name and name not in registries:
        raise NotFound(f"Registry is not found. RegistryName: {name}")
    chosen = [registries[name]] if name else registries.values()
    return listed(call, [_told(schema) for registry in chosen for schema in registry.schemas.values()], "SchemaName")


def _schema(call: Call) -> Any:
    """The schema that is named by its ARN, or by its registry and name; moto refuses what is not there."""
    named = call.parameters["SchemaId"]
    registry, name = named.get("RegistryName"), named.get("SchemaName")
    if "SchemaArn" in named:
        registry, name = named["SchemaArn"].split("/")[-2:]
    kept = call.backend("glue").registries.get(registry)
    return kept and kept.schemas.get(name)


def _get(call: Call) -> Item:
    schema = _schema(call)
    if schema is None:
        raise Elsewhere
    return _told(schema)


def _list_versions(call: Call) -> Item:
    schema = _schema(call)
    if schema is None:
        raise NotFound("Schema is not found.")
    versions = [
        {**version.as_dict(), "SchemaArn": version.schema_arn, "CreatedTime": _time(version.created_time)}
        for version in schema.schema_versions.values()
    ]
    return listed(call, versions, "SchemaVersionId")


def _touch(call: Call) -> None:
    """A schema changes with its versions."""
    if schema := _schema(call):
        schema.updated_time = max(version.created_time for version in schema.schema_versions.values())


def _check(call: Call) -> Item:
    """Avro and JSON schemas are JSON."""
    if call.parameters["DataFormat"] == "PROTOBUF":
        return {"Valid": True}
    try:
        json.loads(call.parameters["SchemaDefinition"])
    except ValueError as wrong:
        return {"Valid": False, "Error": f"Schema definition is not valid JSON: {wrong}"}
    return {"Valid": True}


def _define(call: Call) -> None:
    """A schema that is no JSON is refused, which moto takes; the rest is moto's."""
    data_format = call.parameters.get("DataFormat") or getattr(_schema_of(call), "data_format", "PROTOBUF")
    definition = call.parameters.get("SchemaDefinition", "{}")
    if data_format != "PROTOBUF":
        try:
            json.loads(definition)
        except ValueError as wrong:
            raise Invalid(f"Schema definition of {data_format} data format is invalid: {wrong}") from wrong
    raise Elsewhere


def _schema_of(call: Call) -> Any:
    return _schema(call) if "SchemaId" in call.parameters else None


EXTENSION = Extension(
    SERVICE,
    {
        "ListSchemas": _list,
        "GetSchema": _get,
        "ListSchemaVersions": _list_versions,
        "CheckSchemaVersionValidity": _check,
        "CreateSchema": _define,
        "RegisterSchemaVersion": _define,
    },
    {"RegisterSchemaVersion": _touch},
)
