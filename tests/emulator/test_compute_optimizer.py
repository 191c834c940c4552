from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from readiness.emulator import ago

Client = Callable[..., Any]


def counts(client: Any, resource: str, of: str = "summaries") -> dict[str, float]:
    summaries = client.get_recommendation_summaries()["recommendationSummaries"]
    [found] = [one for one in summaries if one["recommendationResourceType"] == resource]
    return {one["name"]: one["value"] for one in found[of] if one["value"]}


def test_enrolment_holds_in_every_region(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("compute-optimizer")
    assert client.get_enrollment_status()["status"] == "Inactive"
    assert refused(client.get_recommendation_summaries) == "OptInRequiredException"
    assert refused(client.update_enrollment_status, status="Pending") == "InvalidParameterValueException"
    client.update_enrollment_status(status="Active")
    found = aws("compute-optimizer", "eu-west-1").get_enrollment_status()
    assert found["status"] == "Active"
    assert found["lastUpdatedTimestamp"]
    assert counts(client, "Ec2Instance") == {}


def test_instances_are_judged_by_their_metrics(aws: Client) -> None:
    client, ec2, cloudwatch = aws("compute-optimizer"), aws("ec2"), aws("cloudwatch")
    client.update_enrollment_status(status="Active")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=4, MaxCount=4, InstanceType="m5.large")["Instances"]
    ids = [one["InstanceId"] for one in made]
    for identity, used in zip(ids, (5.0, 60.0, 99.0), strict=False):
        datum = {"MetricName": "CPUUtilization", "Value": used}
        datum["Dimensions"] = [{"Name": "InstanceId", "Value": identity}]
        cloudwatch.put_metric_data(Namespace="AWS/EC2", MetricData=[datum])
    assert counts(client, "Ec2Instance") == {"Overprovisioned": 1.0, "Optimized": 1.0, "Underprovisioned": 1.0}
    wide = [{"name": "Finding", "values": ["Overprovisioned"]}]
    [found] = client.get_ec2_instance_recommendations(filters=wide)["instanceRecommendations"]
    assert found["instanceArn"].endswith(ids[0])


def test_what_is_idle(aws: Client) -> None:
    client, ec2, sagemaker = aws("compute-optimizer"), aws("ec2"), aws("sagemaker")
    client.update_enrollment_status(status="Active")
    variant = {"VariantName": "main", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    with ago(datetime.timedelta(days=40)):
        volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
        sagemaker.create_model(ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/ml")
        sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
        for name in ("idle", "busy"):
            sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="c")
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)
    sagemaker.create_endpoint(EndpointName="new", EndpointConfigName="c")
    datum = {"MetricName": "Invocations", "Value": 7.0}
    datum["Dimensions"] = [{"Name": "EndpointName", "Value": "busy"}, {"Name": "VariantName", "Value": "main"}]
    aws("cloudwatch").put_metric_data(Namespace="AWS/SageMaker", MetricData=[datum])
    found = {one["resourceId"]: one["finding"] for one in client.get_idle_recommendations()["idleRecommendations"]}
    assert found == {volume: "Unattached", "idle": "Idle"}
    assert counts(client, "EbsVolume", "idleSummaries") == {"Unattached": 1.0}
    assert counts(client, "SageMakerEndpoint", "idleSummaries") == {"Idle": 1.0}
