"""What the jobs of the lab have in common: the role, the private network, the key that encrypts, and the tags."""

from __future__ import annotations

import textwrap
from typing import Any

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import OWNED, Foundation

OWNED_MAP = {tag["Key"]: tag["Value"] for tag in OWNED}
"""The tags as Glue, DataBrew, Lambda and Kinesis take them."""

TEN_MINUTES = {"MaxRuntimeInSeconds": 600}
CLARIFY = "sagemaker-clarify-processing:1.0"

COLUMNS = {"id": "string", "age": "int", "months": "int", "calls": "int", "bill": "double", "churned": "int"}
"""What is known of a customer, with the types of the catalog."""

HEADERS = ["churned", "age", "months", "calls", "bill"]
"""The columns that are trained on: built-in algorithms want no header in a CSV file, and the label first."""

EXAMINED = {
    "dataset_type": "text/csv",
    "headers": HEADERS,
    "label": "churned",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "age", "value_or_threshold": [65]}],
}
"""What Clarify looks at: whether who is 65 or older is treated as the others are."""


def s3(base: Foundation, key: str) -> str:
    """A place in the bucket of the lab."""
    return f"s3://{base.here.data}/{key}"


def cluster(base: Foundation, kind: str = "ml.m5.large", count: int = 1) -> dict[str, Any]:
    """Machines whose volumes are encrypted with the key of the lab."""
    return {"InstanceType": kind, "InstanceCount": count, "VolumeSizeInGB": 10, "VolumeKmsKeyId": base.key}


def output(base: Foundation, key: str = "output/") -> dict[str, str]:
    """Where a job writes, encrypted with the key of the lab."""
    return {"S3OutputPath": s3(base, key), "KmsKeyId": base.key}


def channel(base: Foundation, name: str, key: str, content_type: str = "text/csv", **source: str) -> dict[str, Any]:
    """An input of a training job; `source` adds to its place in S3, or replaces it."""
    place = {"S3DataType": "S3Prefix", "S3Uri": s3(base, key), "S3DataDistributionType": "FullyReplicated", **source}
    return {"ChannelName": name, "ContentType": content_type, "DataSource": {"S3DataSource": place}}


def split(base: Foundation, key: str = "split/", content_type: str = "text/csv") -> list[dict[str, Any]]:
    """The data to train on, and the data to validate on, which training never sees."""
    return [channel(base, name, f"{key}{name}/", content_type) for name in ("train", "validation")]


def put(do: Do, base: Foundation, key: str, text: str) -> None:
    """A small file in the bucket, which encrypts it by its own default."""
    do("s3", "PutObject", Bucket=base.here.data, Key=key, Body=textwrap.dedent(text).lstrip().encode())


def given(base: Foundation, name: str, key: str, folder: str) -> dict[str, Any]:
    """An input of a processing job, with the folder in which its container finds it."""
    place = {"S3Uri": s3(base, key), "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": {**place, "LocalPath": f"/opt/ml/processing/input/{folder}"}}


def result(base: Foundation, name: str, key: str, folder: str = "") -> dict[str, Any]:
    """An output of a processing job, with the folder in which its container leaves it."""
    place = {"S3Uri": s3(base, key), "S3UploadMode": "EndOfJob"}
    local = f"/opt/ml/processing/output/{folder}".rstrip("/")
    return {"OutputName": name, "S3Output": {**place, "LocalPath": local}}


def process(
    do: Do,
    base: Foundation,
    name: str,
    image: str,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
    *,
    isolated: bool = True,
    **app: Any,
) -> None:
    """Run a container over data; an `isolated` one reaches neither AWS nor the internet by itself."""
    do(
        "sagemaker",
        "CreateProcessingJob",
        ProcessingJobName=name,
        AppSpecification={"ImageUri": image, **app},
        RoleArn=base.here.role("ml-training"),
        ProcessingInputs=inputs,
        ProcessingOutputConfig={"Outputs": outputs, "KmsKeyId": base.key},
        ProcessingResources={"ClusterConfig": cluster(base)},
        NetworkConfig={
            "EnableNetworkIsolation": isolated,
            "EnableInterContainerTrafficEncryption": True,
            "VpcConfig": base.vpc_config,
        },
        StoppingCondition=TEN_MINUTES,
        Tags=OWNED,
    )
