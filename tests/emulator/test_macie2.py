from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION


@pytest.fixture
def macie(aws: Client) -> Any:
    """Macie, switched on, and a bucket `data` with one object."""
    aws("s3").create_bucket(Bucket="data")
    aws("s3").put_object(Bucket="data", Key="one.csv", Body=b"name\nA. Person\n")
    client = aws("macie2")
    client.enable_macie(findingPublishingFrequency="ONE_HOUR")
    return client


def job(client: Any, name: str = "pii", bucket: str = "data", **given: Any) -> str:
    definition = {"bucketDefinitions": [{"accountId": ACCOUNT, "buckets": [bucket]}]}
    made = client.create_classification_job(
        **{"clientToken": name, "name": name, "jobType": "ONE_TIME", "s3JobDefinition": definition, **given}
    )
    found: str = made["jobId"]
    return found


def test_macie_is_off_until_somebody_switches_it_on(aws: Client, refused: Refused) -> None:
    macie = aws("macie2")
    for operation in ("get_macie_session", "list_classification_jobs", "get_automated_discovery_configuration"):
        assert refused(getattr(macie, operation)) == "AccessDeniedException"
    macie.enable_macie()
    session = macie.get_macie_session()
    assert (session["status"], session["findingPublishingFrequency"]) == ("ENABLED", "FIFTEEN_MINUTES")
    assert session["serviceRole"].startswith(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/")
    assert refused(macie.enable_macie) == "ConflictException"
    assert refused(aws("macie2", "eu-west-1").get_macie_session) == "AccessDeniedException"
    macie.update_macie_session(status="PAUSED")
    assert macie.get_macie_session()["status"] == "PAUSED"
    macie.disable_macie()
    assert refused(macie.get_macie_session) == "AccessDeniedException"


def test_a_job_completes(macie: Any) -> None:
    made = job(macie, tags={"Owner": "me"})
    [listed] = macie.list_classification_jobs()["items"]
    assert (listed["jobId"], listed["jobStatus"]) == (made, "COMPLETE")
    assert listed["bucketDefinitions"] == [{"accountId": ACCOUNT, "buckets": ["data"]}]
    found = macie.describe_classification_job(jobId=made)
    assert found["jobArn"] == f"arn:aws:macie2:{REGION}:{ACCOUNT}:classification-job/{made}"
    assert found["statistics"] == {"approximateNumberOfObjectsToProcess": 1.0, "numberOfRuns": 1.0}
    assert found["lastRunErrorStatus"] == {"code": "NONE"}
    assert found["createdAt"] <= found["lastRunTime"]
    lost = macie.describe_classification_job(jobId=job(macie, "lost", "no-such-bucket"))
    assert lost["lastRunErrorStatus"] == {"code": "ERROR"}
    macie.tag_resource(resourceArn=found["jobArn"], tags={"CostCenter": "one"})
    macie.untag_resource(resourceArn=found["jobArn"], tagKeys=["Owner"])
    assert macie.list_tags_for_resource(resourceArn=found["jobArn"])["tags"] == {"CostCenter": "one"}


def test_a_scheduled_job_waits(macie: Any, refused: Refused) -> None:
    daily: dict[str, Any] = {"jobType": "SCHEDULED", "scheduleFrequency": {"dailySchedule": {}}}
    made = job(macie, **daily)
    assert "lastRunTime" not in macie.describe_classification_job(jobId=made)
    begun = macie.describe_classification_job(jobId=job(macie, "now", **daily, initialRun=True))
    assert (begun["jobStatus"], begun["statistics"]["numberOfRuns"]) == ("IDLE", 1.0)
    for status, then in (("USER_PAUSED", "USER_PAUSED"), ("RUNNING", "IDLE"), ("CANCELLED", "CANCELLED")):
        macie.update_classification_job(jobId=made, jobStatus=status)
        found = macie.describe_classification_job(jobId=made)
        assert (found["jobStatus"], "userPausedDetails" in found) == (then, status == "USER_PAUSED")
    assert refused(macie.update_classification_job, jobId=made, jobStatus="RUNNING") == "ValidationException"
    assert refused(macie.describe_classification_job, jobId="other") == "ResourceNotFoundException"
    assert refused(macie.list_tags_for_resource, resourceArn="other") == "ResourceNotFoundException"


@pytest.mark.parametrize("given", [{"jobType": "SCHEDULED"}, {"s3JobDefinition": {}}])
def test_a_job_must_fit(macie: Any, refused: Refused, given: dict[str, Any]) -> None:
    assert refused(lambda: job(macie, **given)) == "ValidationException"


def test_jobs_are_filtered_sorted_and_paged(macie: Any) -> None:
    for name in ("b-one", "a-two", "c-one"):
        job(macie, name)

    def names(**asked: Any) -> list[str]:
        return [one["name"] for one in macie.list_classification_jobs(**asked)["items"]]

    assert names(sortCriteria={"attributeName": "name", "orderBy": "DESC"}) == ["c-one", "b-one", "a-two"]
    assert names(sortCriteria={"attributeName": "name"}) == ["a-two", "b-one", "c-one"]
    first = macie.list_classification_jobs(maxResults=2)
    assert names(nextToken=first["nextToken"]) == ["c-one"]
    for comparator, value, number in (
        ("EQ", "a-two", 1),
        ("NE", "a-two", 2),
        ("CONTAINS", "one", 2),
        ("STARTS_WITH", "c", 1),
        ("GT", "b-one", 1),
        ("GTE", "b-one", 2),
        ("LT", "b-one", 1),
        ("LTE", "b-one", 2),
    ):
        wanted = [{"key": "name", "comparator": comparator, "values": [value]}]
        assert len(names(filterCriteria={"includes": wanted})) == number
        assert len(names(filterCriteria={"excludes": wanted})) == 3 - number
    late = [{"key": "createdAt", "comparator": "GT", "values": ["2099-01-01T00:00:00.000Z"]}]
    assert names(filterCriteria={"includes": late}) == []


def test_automated_discovery_is_switched(macie: Any) -> None:
    assert macie.get_automated_discovery_configuration()["status"] == "DISABLED"
    macie.update_automated_discovery_configuration(status="ENABLED")
    found = macie.get_automated_discovery_configuration()
    assert (found["status"], "firstEnabledAt" in found) == ("ENABLED", True)
    macie.update_automated_discovery_configuration(status="DISABLED")
    assert "disabledAt" in macie.get_automated_discovery_configuration()
