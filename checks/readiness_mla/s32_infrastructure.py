"""3.2 Create and script infrastructure: scaling, VPC endpoints, infrastructure as code, containers."""

from __future__ import annotations

from readiness import Finding, Findings, practice
from readiness.aws.autoscaling import ScalableTarget
from readiness.aws.sagemaker.hosting import Endpoint


@practice("3.2-K8", "3.2-S2", severity="high")
def endpoint_auto_scaling(endpoints: list[Endpoint], targets: list[ScalableTarget]) -> Findings:
    """Every variant of a real-time endpoint scales with its load.

    Why: a fixed fleet is either idle, and paid for, or overloaded, and slow.
    Fix: register.
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html
    """
    scalable = {target.resource_id for target in targets}
    for endpoint in endpoints:
        wanted = {f"endpoint/{endpoint.endpoint_name}/variant/{v.variant_name}" for v in endpoint.production_variants}
        yield Finding(endpoint.endpoint_arn, good=wanted <= scalable, note=f"{len(wanted & scalable)} of {len(wanted)}")
