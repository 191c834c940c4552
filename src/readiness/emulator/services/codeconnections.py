"""CodeConnections, formerly CodeStar Connections: links to Git providers, and to hosts that one runs oneself.

A new connection or host is PENDING until a person signs in to the provider in the console, which no API can do. The
emulator has no console: the tag `AuthorizedBy` stands in for that person. A connection or host that is created or
tagged with it is AVAILABLE from then on; to take the tag off does not take the permission back, nor does AWS.
"""

from __future__ import annotations

from readiness.emulator.call import Call, Coded, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, uuid
from readiness.emulator.resources import Resource, listed
from readiness.emulator.tagging import Tagging

SERVICE = "codeconnections"
ALIAS = "codestar-connections"
AUTHORIZED = "AuthorizedBy"
"""The tag that stands in for somebody who signs in to the provider."""
DEFAULT_PAGE = 100


def _connect(call: Call, item: Item) -> None:
    """A connection is to a provider, or to a host that is there, whose provider it takes over."""
    if "HostArn" in item:
        host = _among(HOSTS, call, item["HostArn"])
        item["ProviderType"] = host["ProviderType"]
    elif "ProviderType" not in item:
        raise Coded("InvalidInputException", "You must specify either a ProviderType or a HostArn.")
    item["ConnectionArn"] = call.arn(f"connection/{uuid()}")
    item["OwnerAccountId"] = call.account
    item["ConnectionStatus"] = "PENDING"
    _authorize(item)


def _host(call: Call, item: Item) -> None:
    item["HostArn"] = call.arn(f"host/{item['Name']}-{identifier(8)}")
    item["Status"] = "PENDING"
    _authorize(item)


def _authorize(item: Item) -> None:
    if any(tag["Key"] == AUTHORIZED for tag in item.setdefault("Tags", [])):
        item["ConnectionStatus" if "ConnectionArn" in item else "Status"] = "AVAILABLE"


CONNECTIONS = Resource(
    SERVICE,
    "Connection",
    "Id",
    arn_member="ConnectionArn",
    identity=uuid,
    created=_connect,
)
HOSTS = Resource(SERVICE, "Host", "Id", arn_member="HostArn", identity=uuid, created=_host)


def _among(resource: Resource, call: Call, arn: str) -> Item:
    for item in resource.items(call).values():
        if item[resource.arn_member] == arn:
            return item
    raise NotFound(f"{resource.noun} not found: {arn}")


def available(call: Call, arn: str) -> bool:
    """Whether there is a connection by this ARN that somebody has authorised."""
    return any(
        one["ConnectionArn"] == arn and one["ConnectionStatus"] == "AVAILABLE"
        for one in CONNECTIONS.items(call).values()
    )


def _connections(call: Call) -> Item:
    equals = {"ProviderTypeFilter": "ProviderType", "HostArnFilter": "HostArn"}
    asked = {"MaxResults": DEFAULT_PAGE, **call.parameters}
    return listed(call, CONNECTIONS.items(call).values(), "ConnectionName", equals, asked=asked)


def _hosts(call: Call) -> Item:
    return listed(call, HOSTS.items(call).values(), "Name", asked={"MaxResults": DEFAULT_PAGE, **call.parameters})


def _delete_host(call: Call) -> None:
    host = HOSTS.find(call)
    if any(one.get("HostArn") == host["HostArn"] for one in CONNECTIONS.items(call).values()):
        raise Coded("ResourceUnavailableException", f"Host {host['HostArn']} has connections.")
    HOSTS.delete(call)


TAGGING = Tagging(SERVICE, {"Connection": "ConnectionArn", "Host": "HostArn"}).handlers()


def _tag(call: Call) -> None:
    TAGGING["TagResource"](call)
    for resource in (CONNECTIONS, HOSTS):
        for item in resource.items(call).values():
            _authorize(item)


ANSWERS = {
    **CONNECTIONS.handlers(),
    **HOSTS.handlers(),
    "ListConnections": _connections,
    "ListHosts": _hosts,
    "DeleteHost": _delete_host,
    **TAGGING,
    "TagResource": _tag,
}

EXTENSIONS = [Extension(SERVICE, ANSWERS), Extension(ALIAS, ANSWERS)]
