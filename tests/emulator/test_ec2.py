from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest

from harness import REGION

Client = Callable[..., Any]


@pytest.fixture
def ec2(aws: Client) -> Any:
    return aws("ec2")


def test_endpoints_are_completed_changed_and_deleted(ec2: Any) -> None:
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    table = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[table])
    made = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.sagemaker.api",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        PrivateDnsEnabled=False,
    )
    gateway, interface = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert (gateway["VpcEndpointType"], gateway["PrivateDnsEnabled"]) == ("Gateway", False)
    assert [one["GroupName"] for one in interface["Groups"]] == ["default"]
    named = {"VpcEndpointId": made["VpcEndpoint"]["VpcEndpointId"]}
    ec2.modify_vpc_endpoint(**named, PrivateDnsEnabled=True, PolicyDocument=json.dumps({"Statement": []}))
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=list(named.values()))["VpcEndpoints"][0]
    assert found["PrivateDnsEnabled"] is True
    assert json.loads(found["PolicyDocument"]) == {"Statement": []}
    ec2.modify_vpc_endpoint(**named, ResetPolicy=True)
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=list(named.values()))["VpcEndpoints"][0]
    assert json.loads(found["PolicyDocument"])["Statement"][0]["Action"] == "*"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[gateway["VpcEndpointId"], interface["VpcEndpointId"]])


def test_reserved_instances(ec2: Any, refused: Callable[..., str]) -> None:
    assert ec2.describe_reserved_instances()["ReservedInstances"] == []
    offering = ec2.describe_reserved_instances_offerings()["ReservedInstancesOfferings"][0]
    named = {"ReservedInstancesOfferingId": offering["ReservedInstancesOfferingId"]}
    bought = ec2.purchase_reserved_instances_offering(**named, InstanceCount=2)["ReservedInstancesId"]
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)
    ec2.purchase_reserved_instances_offering(**named, InstanceCount=1, PurchaseTime=later)
    active = [{"Name": "state", "Values": ["active"]}]
    [found] = ec2.describe_reserved_instances(Filters=active)["ReservedInstances"]
    assert (found["ReservedInstancesId"], found["InstanceCount"]) == (bought, 2)
    assert found["InstanceType"] == offering["InstanceType"]
    assert found["End"] - found["Start"] == datetime.timedelta(seconds=offering["Duration"])
    assert len(ec2.describe_reserved_instances()["ReservedInstances"]) == 2
    describe = ec2.describe_reserved_instances
    assert refused(describe, ReservedInstancesIds=["none"]) == "InvalidReservedInstancesId"
    assert refused(describe, Filters=[{"Name": "nonsense", "Values": ["a"]}]) == "InvalidParameterValue"
    purchase = ec2.purchase_reserved_instances_offering
    wrong = {"ReservedInstancesOfferingId": "none", "InstanceCount": 1}
    assert refused(purchase, **wrong) == "InvalidReservedInstancesOfferingId"
