from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, REGION
from readiness.emulator import ago

Client = Callable[..., Any]
TRUST = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def role(iam: Any, name: str = "ml", **more: Any) -> str:
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(TRUST), **more)
    return str(made["Role"]["Arn"])


def under(aws: Client, arn: str, service: str, region: str = REGION) -> Any:
    """A client with the temporary credentials of a role."""
    found = aws("sts").assume_role(RoleArn=arn, RoleSessionName="practice")["Credentials"]
    return boto3.client(
        service,
        region_name=region,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def test_policies_of_aws_are_there_when_they_are_asked_for(aws: Client, refused: Callable[..., str]) -> None:
    iam = aws("iam")
    role(iam)
    arn = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    iam.attach_role_policy(RoleName="ml", PolicyArn=arn)
    [attached] = iam.list_policies(Scope="AWS", OnlyAttached=True)["Policies"]
    assert (attached["Arn"], attached["AttachmentCount"]) == (arn, 1)
    found = iam.get_policy_version(PolicyArn=arn, VersionId=attached["DefaultVersionId"])["PolicyVersion"]
    assert found["Document"]["Statement"]
    details = iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
    assert details["Policies"] == []
    assert [one["PolicyArn"] for one in details["RoleDetailList"][0]["AttachedManagedPolicies"]] == [arn]
    everything = iam.get_paginator("list_policies").paginate(Scope="AWS")
    assert sum(len(page["Policies"]) for page in everything) > 1000
    missing = "arn:aws:iam::aws:policy/NoSuchPolicy"
    assert refused(iam.attach_role_policy, RoleName="ml", PolicyArn=missing) == "NoSuchEntity"


def test_a_role_is_used_by_whoever_assumes_it_and_by_the_service_that_it_is_given_to(aws: Client) -> None:
    iam = aws("iam")
    used, given = role(iam, "used"), role(iam, "given")
    role(iam, "idle")
    under(aws, used, "sagemaker", "eu-west-1").list_endpoints()
    aws("sagemaker").create_model(ModelName="m", ExecutionRoleArn=given, PrimaryContainer={"Image": "i"})
    roles = {
        one["RoleName"]: one.get("RoleLastUsed", {})
        for one in iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    }
    assert {name: last.get("Region") for name, last in roles.items()} == {
        "used": "eu-west-1",
        "given": REGION,
        "idle": None,
    }
    assert roles["used"]["LastUsedDate"] == iam.get_role(RoleName="used")["Role"]["RoleLastUsed"]["LastUsedDate"]
    assert "LastUsedDate" not in roles["idle"]


def test_services_last_accessed(aws: Client, refused: Callable[..., str]) -> None:
    iam = aws("iam")
    arn = role(iam)
    iam.put_role_policy(RoleName="ml", PolicyName="own", PolicyDocument=document(allow("s3:*", "sagemaker:List*")))
    under(aws, arn, "sagemaker").list_endpoints()
    aws("glue").get_databases()
    job = iam.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")["JobId"]
    found = iam.get_service_last_accessed_details(JobId=job)
    assert found["JobStatus"] == "COMPLETED"
    services = {one["ServiceNamespace"]: one for one in found["ServicesLastAccessed"]}
    assert sorted(services) == ["s3", "sagemaker"]
    assert "LastAuthenticated" not in services["s3"]
    assert services["sagemaker"]["LastAuthenticatedEntity"] == arn
    [action] = services["sagemaker"]["TrackedActionsLastAccessed"]
    assert action["ActionName"] == "ListEndpoints"
    asked = iam.get_service_last_accessed_details_with_entities
    [entity] = asked(JobId=job, ServiceNamespace="sagemaker")["EntityDetailsList"]
    assert entity["EntityInfo"]["Name"] == "ml"
    assert entity["LastAuthenticated"] == services["sagemaker"]["LastAuthenticated"]
    assert refused(iam.get_service_last_accessed_details, JobId="0" * 36) == "NoSuchEntity"
    assert refused(iam.generate_service_last_accessed_details, Arn=f"{arn}-none") == "NoSuchEntity"


@pytest.mark.parametrize(
    ("action", "resource", "decision"),
    [
        ("s3:GetObject", "arn:aws:s3:::own/data.csv", "allowed"),
        ("s3:GetObject", "arn:aws:s3:::other/data.csv", "implicitDeny"),
        ("s3:DeleteObject", "arn:aws:s3:::own/data.csv", "explicitDeny"),
        ("sagemaker:CreateEndpoint", "*", "implicitDeny"),
    ],
)
def test_simulation_of_a_user_with_groups(aws: Client, action: str, resource: str, decision: str) -> None:
    iam = aws("iam")
    arn = iam.create_user(UserName="learner")["User"]["Arn"]
    iam.create_group(GroupName="ml")
    iam.add_user_to_group(GroupName="ml", UserName="learner")
    iam.put_group_policy(
        GroupName="ml",
        PolicyName="read",
        PolicyDocument=document(allow("s3:*", Resource="arn:aws:s3:::own/*")),
    )
    denied = {**allow("s3:Delete*"), "Effect": "Deny"}
    iam.put_user_policy(UserName="learner", PolicyName="keep", PolicyDocument=document(denied))
    simulate = iam.simulate_principal_policy
    [found] = simulate(PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource])["EvaluationResults"]
    assert (found["EvalResourceName"], found["EvalDecision"]) == (resource, decision)
    sources = [(one["SourcePolicyId"], one["SourcePolicyType"]) for one in found["MatchedStatements"]]
    assert sources == {"allowed": [("read", "group")], "explicitDeny": [("keep", "user")]}.get(decision, [])


def test_simulation_with_a_boundary_conditions_and_pages(aws: Client, refused: Callable[..., str]) -> None:
    iam = aws("iam")
    boundary = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    arn = role(iam, PermissionsBoundary=boundary)
    here = {"StringEquals": {"aws:RequestedRegion": REGION}}
    iam.put_role_policy(RoleName="ml", PolicyName="own", PolicyDocument=document(allow("*", Condition=here)))
    names = ["s3:ListBucket", "sagemaker:ListEndpoints"]
    entry = {
        "ContextKeyName": "aws:RequestedRegion",
        "ContextKeyValues": [REGION],
        "ContextKeyType": "string",
    }
    simulate = iam.simulate_principal_policy
    found = simulate(PolicySourceArn=arn, ActionNames=names, ContextEntries=[entry])["EvaluationResults"]
    assert [one["EvalDecision"] for one in found] == ["allowed", "implicitDeny"]
    assert found[1]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    [blind] = simulate(PolicySourceArn=arn, ActionNames=names[:1])["EvaluationResults"]
    assert (blind["EvalDecision"], blind["MissingContextValues"]) == ("implicitDeny", ["aws:RequestedRegion"])
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)["ContextKeyNames"]
    assert keys == ["aws:RequestedRegion"]
    many = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[document(allow("s3:*"))],
        ActionNames=[f"s3:Get{letter}" for letter in "ABCDE"],
        PaginationConfig={"PageSize": 2},
    )
    pages = [len(page["EvaluationResults"]) for page in many]
    assert pages == [2, 2, 1]
    assert refused(simulate, PolicySourceArn=f"{arn}-none", ActionNames=names) == "NoSuchEntity"
    assert refused(simulate, PolicySourceArn=arn, ActionNames=["nonsense"]) == "InvalidInput"


def test_the_credential_report(aws: Client, refused: Callable[..., str]) -> None:
    iam = aws("iam")
    iam.create_user(UserName="learner")
    iam.create_login_profile(UserName="learner", Password="Pass-word-1")
    key = iam.create_access_key(UserName="learner")["AccessKey"]
    assert refused(iam.get_credential_report) == "ReportNotPresent"
    client = boto3.client(
        "sagemaker",
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    client.list_endpoints()
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    assert datetime.datetime.now(datetime.UTC) - report["GeneratedTime"] < datetime.timedelta(minutes=1)
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(report["Content"].decode()))}
    assert rows["<root_account>"]["mfa_active"] == "false"
    learner = rows["learner"]
    assert learner["password_enabled"] == "true"
    assert learner["access_key_1_active"] == "true"
    assert learner["access_key_1_last_used_service"] == "sagemaker"
    assert learner["access_key_1_last_used_region"] == REGION
    assert learner["access_key_2_last_used_date"] == "N/A"
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1


def test_an_old_report_has_expired(aws: Client, refused: Callable[..., str]) -> None:
    iam = aws("iam")
    with ago(datetime.timedelta(hours=5)):
        iam.generate_credential_report()
    assert refused(iam.get_credential_report) == "ReportExpired"


def test_the_root_user_gets_a_second_factor(aws: Any, refused: Any) -> None:
    iam = aws("iam")
    codes = {"UserName": "root", "AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    number = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0
    assert refused(iam.enable_mfa_device, SerialNumber=number, **codes) == "NoSuchEntity"
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="root-account-mfa-device")["VirtualMFADevice"]
    iam.enable_mfa_device(SerialNumber=made["SerialNumber"], **codes)
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
