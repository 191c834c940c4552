"""The VPCs that machine learning runs in, with the subnets it uses and the endpoints there."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Iterator

from readiness.aws.ec2 import Subnet, Vpc, VpcEndpoint
from readiness.aws.sagemaker.hosting import EndpointConfig, Model
from readiness.aws.sagemaker.studio import Domain, NotebookInstance
from readiness.aws.sagemaker.training import ProcessingJob, TrainingJob, VpcConfig
from readiness.record import Record, Scan

ML_SERVICES = re.compile(r"sagemaker\.|bedrock|s3$")
"""The services whose endpoints somebody makes in order to do machine learning in a VPC."""


class MlVpc(Record):
    """A VPC of this account that ML work runs in, or where none does, one made ready for it.

    Attributes:
        vpc_id: the VPC.
        users: what runs in it, such as `training jobs`; empty where it is only made ready.
        subnets: those of its subnets that ML work names.
        endpoints: its working VPC endpoints, without those that services made for themselves.
    """

    vpc_id: str
    users: list[str] = []
    subnets: list[Subnet] = []
    endpoints: list[VpcEndpoint] = []

    @classmethod
    def derive(
        cls,
        training: list[TrainingJob],
        processing: list[ProcessingJob],
        models: list[Model],
        configs: list[EndpointConfig],
        notebooks: list[NotebookInstance],
        domains: list[Domain],
        vpcs: list[Vpc],
        subnets: list[Subnet],
        endpoints: list[VpcEndpoint],
        scan: Scan,
    ) -> Iterator[MlVpc]:
        """The VPCs of the subnets that are named; the default VPC only where work names it.

        A shared VPC is left out: its endpoints are its owner's, and not listed here. So are domains and notebooks
        that reach the services past their VPC.
        """
        users: dict[str, set[str]] = collections.defaultdict(set)
        for user, names in (
            ("training jobs", _named(job.vpc_config for job in training)),
            ("processing jobs", _named(job.network_config.vpc_config for job in processing)),
            ("models", _named(model.vpc_config for model in models)),
            ("endpoint configurations", _named(config.vpc_config for config in configs)),
            ("notebook instances", _notebooks(notebooks)),
            ("domains", _domains(domains)),
        ):
            for name in names:
                users[name].add(user)
        used = [subnet for subnet in subnets if subnet.subnet_id in users]
        made = [one for one in endpoints if one.available and not one.requester_managed]
        ready = {one.vpc_id for one in made if ML_SERVICES.match(one.service)}
        busy = {subnet.vpc_id for subnet in used}
        for vpc in vpcs:
            own = vpc.owner_id in (None, scan.account)
            if own and (vpc.vpc_id in busy if busy else vpc.vpc_id in ready and not vpc.is_default):
                its = [subnet for subnet in used if subnet.vpc_id == vpc.vpc_id]
                yield cls(
                    vpc_id=vpc.vpc_id,
                    users=sorted({user for subnet in its for user in users[subnet.subnet_id]}),
                    subnets=its,
                    endpoints=[one for one in made if one.vpc_id == vpc.vpc_id],
                )


def _named(configs: Iterable[VpcConfig | None]) -> Iterator[str]:
    return (subnet for config in configs if config for subnet in config.subnets)


def _notebooks(notebooks: Iterable[NotebookInstance]) -> Iterator[str]:
    for notebook in notebooks:
        if notebook.subnet_id and notebook.direct_internet_access != "Enabled":
            yield notebook.subnet_id


def _domains(domains: Iterable[Domain]) -> Iterator[str]:
    for domain in domains:
        if domain.app_network_access_type == "VpcOnly":
            yield from domain.subnet_ids
