from __future__ import annotations

from typing import Any

import pytest

from harness import ACCOUNT, REGION


@pytest.fixture
def git(aws: Any) -> Any:
    """CodeCommit with a repository `ml` of one commit on `main` and a branch `feature/x` with another."""
    client = aws("codecommit")
    client.create_repository(repositoryName="ml", tags={"Owner": "me"})
    first = client.put_file(repositoryName="ml", branchName="main", filePath="a.py", fileContent=b"a = 1\n")["commitId"]
    client.create_branch(repositoryName="ml", branchName="feature/x", commitId=first)
    client.create_commit(
        repositoryName="ml",
        branchName="feature/x",
        parentCommitId=first,
        putFiles=[{"filePath": "src/b.py", "fileContent": b"b = 2\n"}],
    )
    return client


def request(client: Any) -> str:
    target = {"repositoryName": "ml", "sourceReference": "feature/x", "destinationReference": "main"}
    return str(client.create_pull_request(title="Add b", targets=[target])["pullRequest"]["pullRequestId"])


def tip(client: Any, branch: str) -> str:
    return str(client.get_branch(repositoryName="ml", branchName=branch)["branch"]["commitId"])


def test_a_repository_is_empty_until_somebody_commits(aws: Any, refused: Any) -> None:
    client = aws("codecommit")
    made = client.create_repository(repositoryName="ml", repositoryDescription="Models")["repositoryMetadata"]
    assert made["Arn"] == f"arn:aws:codecommit:{REGION}:{ACCOUNT}:ml"
    assert "defaultBranch" not in made
    assert client.list_branches(repositoryName="ml")["branches"] == []
    assert refused(client.create_repository, repositoryName="ml") == "RepositoryNameExistsException"
    assert refused(client.get_repository, repositoryName="other") == "RepositoryDoesNotExistException"
    client.put_file(repositoryName="ml", branchName="trunk", filePath="a", fileContent=b"a")
    assert client.get_repository(repositoryName="ml")["repositoryMetadata"]["defaultBranch"] == "trunk"
    client.update_repository_name(oldName="ml", newName="models")
    found = client.batch_get_repositories(repositoryNames=["ml", "models"])
    assert [one["repositoryName"] for one in found["repositories"]] == ["models"]
    assert found["repositoriesNotFound"] == ["ml"]
    client.create_repository(repositoryName="alpha")
    names = [one["repositoryName"] for one in client.list_repositories(order="descending")["repositories"]]
    assert names == ["models", "alpha"]
    client.delete_repository(repositoryName="models")
    assert [one["repositoryName"] for one in client.list_repositories()["repositories"]] == ["alpha"]


def test_commits_and_files(git: Any, refused: Any) -> None:
    assert git.list_branches(repositoryName="ml")["branches"] == ["feature/x", "main"]
    assert (
        git.get_file(repositoryName="ml", commitSpecifier="feature/x", filePath="src/b.py")["fileContent"] == b"b = 2\n"
    )
    folder = git.get_folder(repositoryName="ml", commitSpecifier="feature/x", folderPath="/")
    assert [one["absolutePath"] for one in folder["files"]] == ["a.py"]
    assert [one["absolutePath"] for one in folder["subFolders"]] == ["src"]
    commit = git.get_commit(repositoryName="ml", commitId=tip(git, "feature/x"))["commit"]
    assert commit["parents"] == [tip(git, "main")]
    changed = git.get_differences(repositoryName="ml", beforeCommitSpecifier="main", afterCommitSpecifier="feature/x")[
        "differences"
    ]
    assert [(one["changeType"], one["afterBlob"]["path"]) for one in changed] == [("A", "src/b.py")]
    on_main = {"repositoryName": "ml", "branchName": "main", "filePath": "a.py"}
    assert refused(git.put_file, **on_main, fileContent=b"b") == "ParentCommitIdRequiredException"
    assert refused(git.put_file, **on_main, fileContent=b"a = 1\n", parentCommitId=tip(git, "main")) == (
        "SameFileContentException"
    )
    outdated = tip(git, "main")
    git.delete_file(**on_main, parentCommitId=outdated)
    assert (
        refused(git.put_file, **on_main, fileContent=b"b", parentCommitId=outdated) == "ParentCommitIdOutdatedException"
    )
    assert refused(git.get_file, repositoryName="ml", filePath="a.py") == "FileDoesNotExistException"
    assert refused(git.delete_branch, repositoryName="ml", branchName="main") == "DefaultBranchCannotBeDeletedException"
    git.delete_branch(repositoryName="ml", branchName="feature/x")
    assert refused(git.get_branch, repositoryName="ml", branchName="feature/x") == "BranchDoesNotExistException"


@pytest.mark.parametrize("way", ["fast_forward", "squash", "three_way"])
def test_pull_requests_are_merged(git: Any, refused: Any, way: str) -> None:
    number = request(git)
    assert git.list_pull_requests(repositoryName="ml", pullRequestStatus="OPEN")["pullRequestIds"] == [number]
    merge = getattr(git, f"merge_pull_request_by_{way}")
    found = merge(pullRequestId=number, repositoryName="ml")["pullRequest"]
    assert found["pullRequestStatus"] == "CLOSED"
    assert found["pullRequestTargets"][0]["mergeMetadata"]["isMerged"]
    assert git.get_file(repositoryName="ml", filePath="src/b.py")["fileContent"] == b"b = 2\n"
    assert refused(merge, pullRequestId=number, repositoryName="ml") == "PullRequestAlreadyClosedException"
    assert git.list_pull_requests(repositoryName="ml", pullRequestStatus="OPEN")["pullRequestIds"] == []


def test_what_both_sides_changed_is_not_merged(git: Any, refused: Any) -> None:
    number = request(git)
    git.put_file(
        repositoryName="ml",
        branchName="main",
        filePath="src/b.py",
        fileContent=b"b = 3\n",
        parentCommitId=tip(git, "main"),
    )
    for way in ("fast_forward", "squash"):
        merge = getattr(git, f"merge_pull_request_by_{way}")
        assert refused(merge, pullRequestId=number, repositoryName="ml") == "ManualMergeRequiredException"
    git.update_pull_request_title(pullRequestId=number, title="Other")
    git.update_pull_request_status(pullRequestId=number, pullRequestStatus="CLOSED")
    reopen = {"pullRequestId": number, "pullRequestStatus": "OPEN"}
    assert refused(git.update_pull_request_status, **reopen) == "InvalidPullRequestStatusUpdateException"
    assert git.get_pull_request(pullRequestId=number)["pullRequest"]["title"] == "Other"


def test_tags(git: Any) -> None:
    arn = git.get_repository(repositoryName="ml")["repositoryMetadata"]["Arn"]
    git.tag_resource(resourceArn=arn, tags={"Cost": "one"})
    git.untag_resource(resourceArn=arn, tagKeys=["Owner"])
    assert git.list_tags_for_resource(resourceArn=arn)["tags"] == {"Cost": "one"}
