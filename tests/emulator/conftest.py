"""What the tests of the emulator share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from harness import REGION
from readiness.emulator import emulated

Client = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def aws() -> Iterator[Client]:
    """Clients of an empty emulated account: `aws("sagemaker")`, and `aws("sagemaker", "eu-west-1")` elsewhere."""

    def client(service: str, region: str = REGION) -> Any:
        return boto3.client(service, region_name=region)

    with emulated():
        yield client


@pytest.fixture
def refused() -> Refused:
    """The code of the error with which a call is refused."""

    def code(call: Callable[..., Any], **parameters: Any) -> str:
        with pytest.raises(ClientError) as found:
            call(**parameters)
        return str(found.value.response["Error"]["Code"])

    return code
