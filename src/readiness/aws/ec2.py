"""EC2's network: VPCs, subnets, route tables, security groups and VPC endpoints."""

from __future__ import annotations

import re

from readiness.kinds import resource
from readiness.record import Enumerated, Record


@resource("ec2", "DescribeVpcs")
class Vpc(Record):
    """A VPC; every region has a default one that nobody built."""

    vpc_id: str
    is_default: bool = False
    cidr_block: str | None = None
    owner_id: str | None = None


@resource("ec2", "DescribeSubnets")
class Subnet(Record):
    """A subnet."""

    subnet_id: str
    vpc_id: str
    availability_zone: str
    subnet_arn: str | None = None
    default_for_az: bool = False
    map_public_ip_on_launch: bool = False


class Association(Record):
    """Which subnet a route table serves; the main one serves those that name none."""

    main: bool = False
    subnet_id: str | None = None


class Route(Record):
    """A route, by its destination and the kind of its target."""

    destination_cidr_block: str | None = None
    destination_ipv6_cidr_block: str | None = None
    destination_prefix_list_id: str | None = None
    gateway_id: str | None = None
    nat_gateway_id: str | None = None
    state: Enumerated | None = None


@resource("ec2", "DescribeRouteTables")
class RouteTable(Record):
    """A route table with what it serves."""

    route_table_id: str
    vpc_id: str
    associations: list[Association] = []
    routes: list[Route] = []


class IpRange(Record):
    """An IPv4 range."""

    cidr_ip: str


class Ipv6Range(Record):
    """An IPv6 range."""

    cidr_ipv6: str


class GroupPair(Record):
    """A security group named as source or destination."""

    group_id: str | None = None


class IpPermission(Record):
    """One rule of a security group; ports are absent where every port is meant."""

    ip_protocol: str
    from_port: int | None = None
    to_port: int | None = None
    ip_ranges: list[IpRange] = []
    ipv6_ranges: list[Ipv6Range] = []
    user_id_group_pairs: list[GroupPair] = []


@resource("ec2", "DescribeSecurityGroups")
class SecurityGroup(Record):
    """A security group; every VPC has one named `default` that nobody built."""

    group_id: str
    group_name: str
    vpc_id: str | None = None
    security_group_arn: str | None = None
    ip_permissions: list[IpPermission] = []
    ip_permissions_egress: list[IpPermission] = []


@resource("ec2", "DescribeVpcEndpoints")
class VpcEndpoint(Record):
    """A VPC endpoint: an interface in subnets, or a gateway in route tables; services make some for themselves."""

    vpc_endpoint_id: str
    vpc_id: str
    vpc_endpoint_type: Enumerated = "Gateway"
    service_name: str = ""
    state: Enumerated = ""
    policy_document: str | None = None
    private_dns_enabled: bool = False
    requester_managed: bool = False
    subnet_ids: list[str] = []
    route_table_ids: list[str] = []

    @property
    def service(self) -> str:
        """The service without partition and region, its FIPS form as itself: `sagemaker.api`, `s3`."""
        return re.sub(r"^(.+\.)?com\.amazonaws\.[^.]+\.", "", self.service_name).removesuffix("-fips")

    @property
    def available(self) -> bool:
        """Whether it works; the API writes the state in lower case, its model in upper."""
        return self.state.lower() == "available"


@resource("ec2", "DescribeFlowLogs")
class FlowLog(Record):
    """A flow log of a VPC, a subnet or a network interface."""

    flow_log_id: str
    resource_id: str
    flow_log_status: str | None = None
    traffic_type: Enumerated | None = None
    deliver_logs_status: str | None = None
