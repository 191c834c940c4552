"""EC2: VPC endpoints as AWS completes them, and Reserved Instances.

moto leaves a gateway endpoint without its type, and fails to delete it then; says that it has private DNS; gives an
interface endpoint no security group, and forgets what is changed about its private DNS and its policy.
"""

from __future__ import annotations

import datetime
import json

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid

SERVICE = "ec2"


def _complete_endpoint(call: Call) -> None:
    backend = call.backend(SERVICE)
    for endpoint in backend.vpc_end_points.values():
        if endpoint.vpc_endpoint_type is None:
            endpoint.vpc_endpoint_type = "Gateway"
        if endpoint.vpc_endpoint_type == "Gateway":
            endpoint.private_dns_enabled = False
        elif not endpoint.security_group_ids:
            default = backend.get_security_group_from_name("default", endpoint.vpc_id)
            endpoint.security_group_ids = [default.id] if default else []


def _modify_endpoint(call: Call) -> None:
    asked = call.parameters
    endpoint = call.backend(SERVICE).vpc_end_points[asked["VpcEndpointId"]]
    if "PrivateDnsEnabled" in asked:
        endpoint.private_dns_enabled = asked["PrivateDnsEnabled"]
    if asked.get("ResetPolicy"):
        endpoint.policy_document = json.dumps(endpoint.DEFAULT_POLICY)


def _purchase(call: Call) -> Item:
    """Reserve instances by an offering; the reservation holds at once, or from when it is asked for."""
    wanted = call.parameters["ReservedInstancesOfferingId"]
    offerings = call.backend(SERVICE).describe_reserved_instances_offerings({})
    offering = next((one for one in offerings if one["ReservedInstancesOfferingId"] == wanted), None)
    if offering is None:
        raise Coded("InvalidReservedInstancesOfferingId", f"The offering {wanted} does not exist.")
    now = utcnow()
    start = call.parameters.get("PurchaseTime", now).replace(tzinfo=None)
    copied = (
        *("CurrencyCode", "InstanceTenancy", "OfferingClass", "OfferingType", "InstanceType", "AvailabilityZone"),
        *("Duration", "UsagePrice", "FixedPrice", "ProductDescription"),
    )
    item = {
        "ReservedInstancesId": uuid(),
        **{name: offering[name] for name in copied if offering.get(name) is not None},
        "InstanceCount": call.parameters["InstanceCount"],
        "Start": start,
        "End": start + datetime.timedelta(seconds=offering["Duration"]),
        "Scope": "Availability Zone" if offering.get("AvailabilityZone") else "Region",
    }
    call.table("ReservedInstances")[item["ReservedInstancesId"]] = item
    return {"ReservedInstancesId": item["ReservedInstancesId"]}


def _reserved(call: Call) -> Item:
    asked = call.parameters
    now = utcnow()
    ids = asked.get("ReservedInstancesIds")
    kept = call.table("ReservedInstances")
    for missing in (one for one in ids or () if one not in kept):
        raise Coded("InvalidReservedInstancesId", f"The ReservedInstancesId '{missing}' does not exist")
    found = [
        {**one, "State": "queued" if one["Start"] > now else "active" if now < one["End"] else "retired"}
        for identity, one in kept.items()
        if (not ids or identity in ids)
        and all(asked.get(name, one[name]) == one[name] for name in ("OfferingClass", "OfferingType"))
    ]
    return {"ReservedInstances": [one for one in found if all(_has(one, each) for each in asked.get("Filters", []))]}


FILTERS = {
    "availability-zone": "AvailabilityZone",
    "duration": "Duration",
    "instance-type": "InstanceType",
    "product-description": "ProductDescription",
    "reserved-instances-id": "ReservedInstancesId",
    "scope": "Scope",
    "state": "State",
}
"""Filters -> the members of a reservation that they are about."""


def _has(item: Item, wanted: Item) -> bool:
    if wanted["Name"] not in FILTERS:
        raise Coded("InvalidParameterValue", f"The filter '{wanted['Name']}' is invalid")
    return str(item.get(FILTERS[wanted["Name"]])) in wanted["Values"]


EXTENSION = Extension(
    SERVICE,
    {
        "DescribeReservedInstances": _reserved,
        "PurchaseReservedInstancesOffering": _purchase,
    },
    after={"CreateVpcEndpoint": _complete_endpoint, "ModifyVpcEndpoint": _modify_endpoint},
)
