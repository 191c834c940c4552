"""Where an emulated account is built: the caller, the names that follow from account and region, and documents."""

from __future__ import annotations

import dataclasses
import json
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Do(Protocol):
    """Makes one AWS call and returns its answer: `do("sagemaker", "DescribeModel", ModelName="churn")`."""

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer, as boto3 gives it."""

    def ago(self, **since: float) -> AbstractContextManager[object]:
        """Calls are made as of then: `with do.ago(days=8): ...`."""


XGBOOST = "sagemaker-xgboost:1.7-1"
KMEANS = "kmeans:1"
SKLEARN = "sagemaker-scikit-learn:1.2-1-cpu-py3"
PYTORCH = "pytorch-training:2.3-cpu-py311"
TENSORFLOW = "tensorflow-training:2.16-cpu-py310"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the account is, and the names that follow from that."""

    region: str
    account: str
    partition: str

    def arn(self, service: str, resource: str, *, region: str = "", account: str = "") -> str:
        """The ARN of something in the account's partition."""
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    def role(self, name: str) -> str:
        """The ARN of a role of the account."""
        return self.arn("iam", f"role/{name}", account=self.account)

    def image(self, name: str) -> str:
        """An image that AWS keeps for SageMaker."""
        registry = "763104351884" if name in (PYTORCH, TENSORFLOW) else "683313688378"
        return f"{registry}.dkr.ecr.{self.region}.amazonaws.com/{name}"

    def bucket(self, name: str) -> str:
        """A bucket's name that is the account's own."""
        return f"{name}-{self.account}"

    @property
    def data(self) -> str:
        """The bucket that is set up with care."""
        return self.bucket("churn-data")


def allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    """A statement of a policy."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def policy(*statements: dict[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust(service: str, **more: Any) -> str:
    """A policy that lets a service take a role; `more` are further elements of its statement."""
    principal = {"Service": f"{service}.amazonaws.com"}
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})
