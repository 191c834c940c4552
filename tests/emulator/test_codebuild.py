from __future__ import annotations

import io
import itertools
import zipfile
from typing import Any

import pytest

from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
MACHINE = {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL"}
TESTED = """
version: 0.2
phases:
  build:
    commands:
      - pytest --junitxml=results.xml
reports:
  unit:
    files: [results.xml]
  coverage:
    files: [coverage.xml]
    file-format: COBERTURAXML
"""
FAILING = "version: 0.2\nphases: {build: {commands: [make, exit 1]}}\nreports: {unit: {files: [r.xml]}}"
GITHUB = {"type": "GITHUB", "location": "https://github.com/learner/churn.git"}


def make(client: Any, name: str = "image", spec: str = TESTED, **given: Any) -> dict[str, Any]:
    source = given.pop("source", {"type": "NO_SOURCE", "buildspec": spec})
    found: dict[str, Any] = client.create_project(
        name=name,
        source=source,
        artifacts={"type": "NO_ARTIFACTS"},
        environment=MACHINE,
        serviceRole=given.pop("serviceRole", ROLE),
        **given,
    )["project"]
    return found


def build(client: Any, **given: Any) -> dict[str, Any]:
    started = client.start_build(projectName="image", **given)["build"]
    [found] = client.batch_get_builds(ids=[started["id"]])["builds"]
    return dict(found)


def failure(found: dict[str, Any]) -> tuple[str, str]:
    [phase] = [phase for phase in found["phases"] if phase.get("phaseStatus") == "FAILED"]
    return phase["phaseType"], phase["contexts"][0]["statusCode"]


def test_projects(aws: Any, refused: Any) -> None:
    client = aws("codebuild")
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/own"
    made = make(client, encryptionKey=key, tags=[{"key": "Owner", "value": "me"}])
    assert made["arn"] == f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/image"
    assert (made["encryptionKey"], made["projectVisibility"], made["timeoutInMinutes"]) == (key, "PRIVATE", 60)
    assert refused(make, client=client) == "ResourceAlreadyExistsException"
    wrong = {"client": client, "name": "other"}
    assert refused(make, **wrong, source={"type": "GITHUB"}) == "InvalidInputException"
    assert refused(make, **wrong, serviceRole="arn:aws:iam::999999999999:role/x") == "InvalidInputException"
    make(client, "alpha")
    assert client.list_projects()["projects"] == ["alpha", "image"]
    assert client.list_projects(sortBy="CREATED_TIME")["projects"] == ["image", "alpha"]
    changed = {**MACHINE, "environmentVariables": [{"name": "STAGE", "value": "test"}]}
    client.update_project(name="image", environment=changed)
    client.update_project_visibility(projectArn=made["arn"], projectVisibility="PUBLIC_READ")
    found = client.batch_get_projects(names=["image", "none"])
    assert found["projectsNotFound"] == ["none"]
    [project] = found["projects"]
    [variable] = project["environment"]["environmentVariables"]
    assert (variable["type"], project["projectVisibility"]) == ("PLAINTEXT", "PUBLIC_READ")
    assert refused(client.update_project, name="image", source={"type": "S3"}) == "InvalidInputException"
    assert client.batch_get_projects(names=["image"])["projects"][0]["source"]["type"] == "NO_SOURCE"
    client.delete_project(name="image")
    assert client.list_projects()["projects"] == ["alpha"]
    assert refused(client.start_build, projectName="image") == "ResourceNotFoundException"


def test_a_build_succeeds_and_is_its_project_s(aws: Any) -> None:
    client = aws("codebuild")
    make(client)
    found = build(client)
    assert (found["buildStatus"], found["buildNumber"], found["initiator"]) == ("SUCCEEDED", 1, "moto")
    assert found["source"]["buildspec"] == TESTED
    assert found["startTime"] < found["endTime"]
    times = [(phase["startTime"], phase["endTime"]) for phase in found["phases"][:-1]]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(times))
    again = build(client, environmentVariablesOverride=[{"name": "STAGE", "value": "test"}])
    assert (again["buildNumber"], again["environment"]["environmentVariables"][0]["name"]) == (2, "STAGE")
    assert client.batch_get_builds(ids=[found["id"]])["builds"] == [found]
    assert client.list_builds()["ids"] == [again["id"], found["id"]]
    assert client.list_builds_for_project(projectName="image", sortOrder="ASCENDING")["ids"] == [
        found["id"],
        again["id"],
    ]
    assert client.stop_build(id=found["id"])["build"]["buildStatus"] == "SUCCEEDED"
    assert client.retry_build(id=found["id"])["build"]["buildNumber"] == 3
    client.batch_delete_builds(ids=[found["id"]])
    assert client.batch_get_builds(ids=[found["id"]])["buildsNotFound"] == [found["id"]]


def test_reports_follow_from_the_buildspec(aws: Any, refused: Any) -> None:
    client = aws("codebuild")
    make(client)
    build(client)
    newest = client.list_reports()["reports"]
    reports = {report["name"]: report for report in client.batch_get_reports(reportArns=newest)["reports"]}
    unit, coverage = reports["image-unit:1"], reports["image-coverage:1"]
    assert (unit["type"], unit["status"], coverage["type"]) == ("TEST", "SUCCEEDED", "CODE_COVERAGE")
    assert unit["testSummary"]["total"] == unit["testSummary"]["statusCounts"]["SUCCEEDED"] > 0
    assert 0 < coverage["codeCoverageSummary"]["lineCoveragePercentage"] < 100
    failed = build(client, buildspecOverride=FAILING)
    assert (failed["buildStatus"], failure(failed)) == ("FAILED", ("BUILD", "COMMAND_EXECUTION_ERROR"))
    [arn] = client.list_reports(filter={"status": "FAILED"})["reports"]
    assert failed["reportArns"] == [arn]
    groups = client.list_report_groups(sortBy="NAME")["reportGroups"]
    assert [group.rpartition("/")[2] for group in groups] == ["image-coverage", "image-unit"]
    inside = client.list_reports_for_report_group(reportGroupArn=groups[1])["reports"]
    assert inside == [arn, unit["arn"]]
    assert refused(client.delete_report_group, arn=groups[1]) == "InvalidInputException"
    client.delete_report_group(arn=groups[1], deleteReports=True)
    assert client.list_reports()["reports"] == [coverage["arn"]]


def test_report_groups(aws: Any, refused: Any) -> None:
    client = aws("codebuild")
    given = {"name": "mine", "type": "TEST", "exportConfig": {"exportConfigType": "NO_EXPORT"}}
    arn = client.create_report_group(**given)["reportGroup"]["arn"]
    assert refused(client.create_report_group, **given) == "ResourceAlreadyExistsException"
    client.update_report_group(arn=arn, tags=[{"key": "Owner", "value": "me"}])
    found = client.batch_get_report_groups(reportGroupArns=[arn, f"{arn}-none"])
    assert found["reportGroups"][0]["tags"] == [{"key": "Owner", "value": "me"}]
    assert found["reportGroupsNotFound"] == [f"{arn}-none"]
    spec = f"version: 0.2\nphases: {{}}\nreports: {{'{arn}': {{files: [r.xml]}}}}"
    make(client, spec=spec)
    [report] = build(client)["reportArns"]
    client.delete_report(arn=report)
    client.delete_report_group(arn=arn)
    assert client.list_report_groups()["reportGroups"] == []


def test_tests_are_counted_where_the_source_is_known(aws: Any) -> None:
    git, client = aws("codecommit"), aws("codebuild")
    git.create_repository(repositoryName="ml")
    files = {"buildspec.yml": TESTED, "tests/test_a.py": "def test_one():\n  pass\n\ndef test_two():\n  pass\n"}
    put = [{"filePath": path, "fileContent": text.encode()} for path, text in files.items()]
    git.create_commit(repositoryName="ml", branchName="main", putFiles=put)
    url = git.get_repository(repositoryName="ml")["repositoryMetadata"]["cloneUrlHttp"]
    make(client, source={"type": "CODECOMMIT", "location": url})
    found = build(client)
    assert (
        found["resolvedSourceVersion"] == git.get_branch(repositoryName="ml", branchName="main")["branch"]["commitId"]
    )
    reports = client.batch_get_reports(reportArns=found["reportArns"])["reports"]
    assert [report["testSummary"]["total"] for report in reports if report["type"] == "TEST"] == [2]


def test_the_source_in_a_bucket_is_unpacked(aws: Any) -> None:
    s3, client = aws("s3"), aws("codebuild")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("buildspec.yml", FAILING)
    s3.create_bucket(Bucket="sources")
    s3.put_object(Bucket="sources", Key="ml.zip", Body=packed.getvalue())
    make(client, source={"type": "S3", "location": "sources/ml.zip"})
    assert failure(build(client)) == ("BUILD", "COMMAND_EXECUTION_ERROR")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({"type": "CODECOMMIT", "location": "https://git-codecommit/v1/repos/none"}, "CLIENT_ERROR"),
        ({"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: ["}, "YAML_FILE_ERROR"),
        ({"type": "NO_SOURCE", "buildspec": "phases: {}\n"}, "YAML_FILE_ERROR"),
        ({**GITHUB, "auth": {"type": "CODECONNECTIONS", "resource": "arn:none"}}, "OAuthProviderException"),
    ],
)
def test_a_source_that_can_t_be_had_fails_the_build(aws: Any, source: dict[str, Any], code: str) -> None:
    client = aws("codebuild")
    make(client, source=source)
    assert failure(build(client)) == ("DOWNLOAD_SOURCE", code)


def test_tokens_are_neither_kept_nor_shown(aws: Any, refused: Any) -> None:
    client = aws("codebuild")
    token = {"serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN", "token": "secret"}
    arn = client.import_source_credentials(**token)["arn"]
    assert refused(client.import_source_credentials, **token, shouldOverwrite=False) == "ResourceAlreadyExistsException"
    client.import_source_credentials(serverType="GITLAB", authType="CODECONNECTIONS", token="arn:connection")
    first, second = client.list_source_credentials()["sourceCredentialsInfos"]
    assert first == {"arn": arn, "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    assert second["resource"] == "arn:connection"
    [event] = [
        event
        for event in aws("cloudtrail").lookup_events()["Events"]
        if '"serverType": "GITHUB"' in event["CloudTrailEvent"] and event["EventName"] == "ImportSourceCredentials"
    ][:1]
    assert "secret" not in event["CloudTrailEvent"]
    client.delete_source_credentials(arn=arn)
    assert refused(client.delete_source_credentials, arn=arn) == "ResourceNotFoundException"


def test_webhooks(aws: Any, refused: Any) -> None:
    client = aws("codebuild")
    make(client, source=GITHUB)
    on_push = [[{"type": "EVENT", "pattern": "PUSH"}, {"type": "HEAD_REF", "pattern": "^refs/heads/main$"}]]
    assert refused(client.create_webhook, projectName="image") == "InvalidInputException"
    client.import_source_credentials(serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN", token="secret")
    client.create_webhook(projectName="image", filterGroups=on_push)
    assert refused(client.create_webhook, projectName="image") == "ResourceAlreadyExistsException"
    client.update_webhook(projectName="image", branchFilter="main")
    [project] = client.batch_get_projects(names=["image"])["projects"]
    assert (project["webhook"]["filterGroups"], project["webhook"]["branchFilter"]) == (on_push, "main")
    client.delete_webhook(projectName="image")
    assert refused(client.delete_webhook, projectName="image") == "ResourceNotFoundException"
