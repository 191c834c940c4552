"""CodeCommit: repositories with their branches, commits, files and pull requests.

moto keeps the names of repositories only, so all of it is kept here: a repository without a default branch looks empty
for ever, although somebody committed to it.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import listed
from readiness.emulator.tagging import Tagging

SERVICE = "codecommit"
PAGE = 1000
"""How many names a list answers at most, which nobody can change."""
NORMAL = "NORMAL"
MODES = {NORMAL: "100644", "EXECUTABLE": "100755", "SYMLINK": "120000"}
"""How Git writes the mode of a file."""


def _repositories(call: Call) -> dict[str, Item]:
    return call.table("Repository", SERVICE)


def _requests(call: Call) -> dict[str, Item]:
    return call.table("PullRequest", SERVICE)


def repository(call: Call, name: str) -> Item:
    """The repository of this name.

    Raises:
        Coded: there is none.
    """
    if name not in _repositories(call):
        raise Coded("RepositoryDoesNotExistException", f"{name} does not exist")
    return _repositories(call)[name]


def _named(call: Call) -> Item:
    return repository(call, call.parameters["repositoryName"])


def tip(call: Call, name: str, branch: str) -> Item | None:
    """The last commit of a branch, with its files, where there is such a repository and branch."""
    found = _repositories(call).get(name)
    commit = found["Branches"].get(branch or found.get("defaultBranch")) if found else None
    return found["Commits"][commit] if found and commit else None


def _create_repository(call: Call) -> Item:
    name = call.parameters["repositoryName"]
    if name in _repositories(call):
        raise Coded("RepositoryNameExistsException", f"Repository named {name} already exists")
    host = f"git-codecommit.{call.region}.amazonaws.com/v1/repos/{name}"
    key = call.parameters.get("kmsKeyId", "alias/aws/codecommit")
    _repositories(call)[name] = {
        "accountId": call.account,
        "repositoryId": uuid(),
        "repositoryName": name,
        "repositoryDescription": call.parameters.get("repositoryDescription"),
        "creationDate": utcnow(),
        "lastModifiedDate": utcnow(),
        "cloneUrlHttp": f"https://{host}",
        "cloneUrlSsh": f"ssh://{host}",
        "Arn": call.arn(name),
        "kmsKeyId": key if key.startswith("arn:") else call.arn(_key_path(key), service="kms"),
        "tags": call.parameters.get("tags", {}),
        "Branches": {},
        "Commits": {},
    }
    return _repositories(call)[name]


def _key_path(key: str) -> str:
    return key if key.startswith("alias/") else f"key/{key}"


def _batch_get_repositories(call: Call) -> Item:
    names = call.parameters["repositoryNames"]
    found = [_repositories(call)[name] for name in names if name in _repositories(call)]
    lacking = [name for name in names if name not in _repositories(call)]
    page = listed(call, found, asked={"MaxResults": PAGE}, result="repositories")
    return {**page, "repositoriesNotFound": lacking}


def _list_repositories(call: Call) -> Item:
    order = {"ascending": "Ascending", "descending": "Descending"}[call.parameters.get("order", "ascending")]
    asked = {
        "SortBy": call.parameters.get("sortBy", "repositoryName"),
        "SortOrder": order,
        "MaxResults": PAGE,
        **({"NextToken": call.parameters["nextToken"]} if "nextToken" in call.parameters else {}),
    }
    return listed(call, _repositories(call).values(), asked=asked)


def _delete_repository(call: Call) -> Item:
    """A repository that is not there is no error; its pull requests go with it."""
    name = call.parameters["repositoryName"]
    gone = _repositories(call).pop(name, {})
    for number, request in list(_requests(call).items()):
        if request["pullRequestTargets"][0]["repositoryName"] == name:
            del _requests(call)[number]
    return gone


def _rename_repository(call: Call) -> None:
    old, new = call.parameters["oldName"], call.parameters["newName"]
    found = repository(call, old)
    if new in _repositories(call):
        raise Coded("RepositoryNameExistsException", f"Repository named {new} already exists")
    del _repositories(call)[old]
    found |= {"repositoryName": new, "Arn": call.arn(new), "lastModifiedDate": utcnow()}
    found |= {name: found[name].removesuffix(old) + new for name in ("cloneUrlHttp", "cloneUrlSsh")}
    _repositories(call)[new] = found


def _describe_repository(call: Call) -> None:
    _named(call)["repositoryDescription"] = call.parameters.get("repositoryDescription")


def _branch(found: Item, name: str) -> str:
    if name not in found["Branches"]:
        raise Coded("BranchDoesNotExistException", f"Branch {name} does not exist")
    commit: str = found["Branches"][name]
    return commit


def _commit(found: Item, specifier: str | None) -> Item:
    """The commit of an id or a branch; of the default branch where nothing is said."""
    name = specifier or found.get("defaultBranch") or ""
    name = found["Branches"].get(name.removeprefix("refs/heads/"), name)
    if name not in found["Commits"]:
        raise Coded("CommitDoesNotExistException", f"Commit {specifier} does not exist")
    commit: Item = found["Commits"][name]
    return commit


def _create_branch(call: Call) -> None:
    found, name = _named(call), call.parameters["branchName"]
    if name in found["Branches"]:
        raise Coded("BranchNameExistsException", f"Branch {name} already exists")
    found["Branches"][name] = _commit(found, call.parameters["commitId"])["commitId"]
    found["lastModifiedDate"] = utcnow()


def _get_branch(call: Call) -> Item:
    found = repository(call, call.parameters.get("repositoryName", ""))
    name = call.parameters.get("branchName", "")
    return {"branch": {"branchName": name, "commitId": _branch(found, name)}}


def _list_branches(call: Call) -> Item:
    branches = [{"name": name} for name in sorted(_named(call)["Branches"])]
    return listed(call, branches, "name", asked={**call.parameters, "MaxResults": PAGE})


def _delete_branch(call: Call) -> Item:
    found, name = _named(call), call.parameters["branchName"]
    if name == found.get("defaultBranch"):
        raise Coded("DefaultBranchCannotBeDeletedException", f"{name} is the default branch")
    commit = found["Branches"].pop(name, None)
    return {"deletedBranch": {"branchName": name, "commitId": commit}} if commit else {}


def _default(call: Call) -> None:
    found, name = _named(call), call.parameters["defaultBranchName"]
    _branch(found, name)
    found["defaultBranch"] = name


def _hash(*told: Any) -> str:
    return hashlib.sha1("\n".join(map(str, told)).encode(), usedforsecurity=False).hexdigest()


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _keep(call: Call, found: Item, branch: str, parents: Iterable[str], files: dict[str, Any]) -> Item:
    """A new commit at the tip of a branch; the first branch of a repository becomes its default."""
    now = utcnow()
    told = call.parameters
    person = {
        "name": told.get("authorName", told.get("name", "")),
        "email": told.get("email", ""),
        "date": f"{int(now.timestamp())} +0000",
    }
    tree = _hash("tree", *sorted((path, mode, _blob(content)) for path, (mode, content) in files.items()))
    parents = list(parents)
    commit = {
        "commitId": _hash("commit", tree, *parents, person, told.get("commitMessage"), now.isoformat()),
        "treeId": tree,
        "parents": parents,
        "message": told.get("commitMessage", ""),
        "author": person,
        "committer": person,
        "Files": files,
    }
    found["Commits"][commit["commitId"]] = commit
    found["Branches"][branch] = commit["commitId"]
    found.setdefault("defaultBranch", branch)
    found["lastModifiedDate"] = now
    return commit


def _parent(call: Call, found: Item) -> Item | None:
    """What the new commit follows: the tip of the branch, which the request must name unless there is none."""
    name, told = call.parameters["branchName"], call.parameters.get("parentCommitId")
    if name not in found["Branches"]:
        if found["Branches"] and told is None:
            raise Coded("BranchDoesNotExistException", f"Branch {name} does not exist")
        return _commit(found, told) if told else None
    if told is None:
        raise Coded("ParentCommitIdRequiredException", "A parent commit ID is required")
    if told not in found["Commits"]:
        raise Coded("ParentCommitDoesNotExistException", f"Commit {told} does not exist")
    if told != found["Branches"][name]:
        raise Coded("ParentCommitIdOutdatedException", f"{told} is not the tip of {name}")
    commit: Item = found["Commits"][told]
    return commit


def _write(call: Call, changes: dict[str, tuple[str, bytes]], gone: Iterable[str] = ()) -> tuple[Item, Item]:
    """Commit files that were put and deleted: gives the commit, and what it did."""
    found = _named(call)
    parent = _parent(call, found)
    before: dict[str, tuple[str, bytes]] = parent["Files"] if parent else {}
    gone = set(gone)
    for path in gone - set(before):
        raise Coded("FileDoesNotExistException", f"{path} does not exist")
    after = {path: file for path, file in (before | changes).items() if path not in gone}
    if after == before:
        raise Coded("NoChangeException", "The commit changes nothing")
    parents = [parent["commitId"]] if parent else []
    commit = _keep(call, found, call.parameters["branchName"], parents, after)
    done = {
        "filesAdded": [_file(path, after[path]) for path in changes if path not in before],
        "filesUpdated": [_file(path, after[path]) for path in changes if path in before],
        "filesDeleted": [_file(path, before[path]) for path in sorted(gone)],
    }
    return commit, done


def _file(path: str, file: tuple[str, bytes]) -> Item:
    return {"absolutePath": path, "blobId": _blob(file[1]), "fileMode": file[0]}


def _create_commit(call: Call) -> Item:
    told = call.parameters
    found = _named(call)
    before = {} if not found["Branches"] else (tip(call, told["repositoryName"], told["branchName"]) or {})
    files: dict[str, tuple[str, bytes]] = before.get("Files", {})
    changes = {}
    for put in told.get("putFiles", []):
        if "fileContent" not in put and "sourceFile" not in put:
            raise Coded("SourceFileOrContentRequiredException", f"{put['filePath']} has neither source nor content")
        content = put["fileContent"] if "fileContent" in put else _content(files, put["sourceFile"]["filePath"])
        changes[put["filePath"].lstrip("/")] = (put.get("fileMode", NORMAL), _bytes(content))
    for mode in told.get("setFileModes", []):
        changes[mode["filePath"]] = (mode["fileMode"], _content(files, mode["filePath"]))
    gone = [file["filePath"] for file in told.get("deleteFiles", [])]
    sources = [put.get("sourceFile", {}) for put in told.get("putFiles", [])]
    gone += [source["filePath"] for source in sources if source.get("isMove")]
    if not changes and not gone:
        raise Coded("FileEntryRequiredException", "A commit needs at least one file")
    commit, done = _write(call, changes, gone)
    return {**commit, **done}


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _content(files: dict[str, tuple[str, bytes]], path: str) -> bytes:
    if path not in files:
        raise Coded("FileDoesNotExistException", f"{path} does not exist")
    return files[path][1]


def _put_file(call: Call) -> Item:
    content = _bytes(call.parameters["fileContent"])
    path = call.parameters["filePath"].lstrip("/")
    current = tip(call, call.parameters["repositoryName"], call.parameters["branchName"])
    if current and current["Files"].get(path, ("", None))[1] == content:
        raise Coded("SameFileContentException", f"{path} has that content already")
    commit, _ = _write(call, {path: (call.parameters.get("fileMode", NORMAL), content)})
    return {**commit, "blobId": _blob(content)}


def _delete_file(call: Call) -> Item:
    path = call.parameters["filePath"].lstrip("/")
    commit, done = _write(call, {}, [path])
    return {**commit, "blobId": done["filesDeleted"][0]["blobId"], "filePath": path}


def _get_commit(call: Call) -> Item:
    found, name = _named(call), call.parameters["commitId"]
    if name not in found["Commits"]:
        raise Coded("CommitIdDoesNotExistException", f"Commit {name} does not exist")
    return {"commit": {member: value for member, value in found["Commits"][name].items() if member != "Files"}}


def _get_file(call: Call) -> Item:
    commit = _commit(_named(call), call.parameters.get("commitSpecifier"))
    path = call.parameters["filePath"].lstrip("/")
    content = _content(commit["Files"], path)
    mode = commit["Files"][path][0]
    return {
        "commitId": commit["commitId"],
        "blobId": _blob(content),
        "filePath": path,
        "fileMode": mode,
        "fileSize": len(content),
        "fileContent": content,
    }


def _get_folder(call: Call) -> Item:
    commit = _commit(_named(call), call.parameters.get("commitSpecifier"))
    folder = call.parameters["folderPath"].strip("/")
    start = f"{folder}/" if folder else ""
    inside = {path.removeprefix(start): path for path in commit["Files"] if path.startswith(start)}
    if not inside:
        raise Coded("FolderDoesNotExistException", f"{folder} does not exist")
    folders = sorted({path.partition("/")[0] for path in inside if "/" in path})
    return {
        "commitId": commit["commitId"],
        "folderPath": folder,
        "treeId": _hash(commit["treeId"], folder),
        "subFolders": [
            {"treeId": _hash(commit["treeId"], start + name), "absolutePath": start + name, "relativePath": name}
            for name in folders
        ],
        "files": [
            {**_file(path, commit["Files"][path]), "relativePath": name}
            for name, path in sorted(inside.items())
            if "/" not in name
        ],
    }


def _get_differences(call: Call) -> Item:
    found = _named(call)
    after = _commit(found, call.parameters["afterCommitSpecifier"])["Files"]
    told = call.parameters.get("beforeCommitSpecifier")
    before = _commit(found, told)["Files"] if told else {}
    differences = []
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            kind = "A" if path not in before else "D" if path not in after else "M"
            sides = {"beforeBlob": before.get(path), "afterBlob": after.get(path)}
            blobs = {
                side: {"blobId": _blob(file[1]), "path": path, "mode": MODES[file[0]]}
                for side, file in sides.items()
                if file
            }
            differences.append({**blobs, "changeType": kind})
    return listed(call, differences)


def _request(call: Call) -> Item:
    number = call.parameters["pullRequestId"]
    if number not in _requests(call):
        raise Coded("PullRequestDoesNotExistException", f"Pull request {number} does not exist")
    return _requests(call)[number]


def _told(request: Item) -> Item:
    return {"pullRequest": {name: value for name, value in request.items() if value is not None}}


def _ancestors(found: Item, commit: str) -> list[str]:
    """The commit and all that it follows, nearest first."""
    line = [commit]
    for one in line:
        line += [parent for parent in found["Commits"][one]["parents"] if parent not in line]
    return line


def _create_request(call: Call) -> Item:
    """A request to merge one branch into another, the default one where nothing is said."""
    [target] = call.parameters["targets"]
    found = repository(call, target["repositoryName"])
    source = target["sourceReference"].removeprefix("refs/heads/")
    into = target.get("destinationReference", found.get("defaultBranch", "")).removeprefix("refs/heads/")
    for name in (source, into):
        if name not in found["Branches"]:
            raise Coded("ReferenceDoesNotExistException", f"{name} does not exist")
    if source == into:
        raise Coded("SourceAndDestinationAreSameException", "Source and destination are the same")
    now = utcnow()
    number = str(len(_requests(call)) + 1)
    while number in _requests(call):
        number = str(int(number) + 1)
    theirs = _ancestors(found, found["Branches"][into])
    base = next((one for one in _ancestors(found, found["Branches"][source]) if one in theirs), None)
    joined = {
        "repositoryName": target["repositoryName"],
        "sourceReference": f"refs/heads/{source}",
        "destinationReference": f"refs/heads/{into}",
        "sourceCommit": found["Branches"][source],
        "destinationCommit": found["Branches"][into],
        "mergeBase": base,
        "mergeMetadata": {"isMerged": False},
    }
    _requests(call)[number] = {
        "pullRequestId": number,
        "title": call.parameters["title"],
        "description": call.parameters.get("description"),
        "creationDate": now,
        "lastActivityDate": now,
        "pullRequestStatus": "OPEN",
        "authorArn": call.backend("sts").get_caller_identity(call.access_key, call.region)[1],
        "pullRequestTargets": [{name: value for name, value in joined.items() if value is not None}],
        "clientRequestToken": call.parameters.get("clientRequestToken"),
        "revisionId": _hash(number, now.isoformat()),
        "approvalRules": [],
    }
    return _told(_requests(call)[number])


def _list_requests(call: Call) -> Item:
    """The newest first."""
    name = call.parameters["repositoryName"]
    repository(call, name)
    members = ("authorArn", "pullRequestStatus")
    wanted = {member: call.parameters[member] for member in members if member in call.parameters}
    found = [
        request
        for request in reversed(_requests(call).values())
        if request["pullRequestTargets"][0]["repositoryName"] == name
        and all(request[member] == value for member, value in wanted.items())
    ]
    asked = {"MaxResults": 100, **{name: value for name, value in call.parameters.items() if name not in wanted}}
    return listed(call, found, "pullRequestId", asked=asked)


def _open_request(call: Call) -> Item:
    request = _request(call)
    if request["pullRequestStatus"] == "CLOSED":
        raise Coded("PullRequestAlreadyClosedException", f"Pull request {request['pullRequestId']} is closed")
    request["lastActivityDate"] = utcnow()
    return request


def _change_request(call: Call) -> Item:
    request = _open_request(call)
    request |= {name: call.parameters[name] for name in ("title", "description") if name in call.parameters}
    return _told(request)


def _set_request_status(call: Call) -> Item:
    """A closed pull request stays closed."""
    request = _request(call)
    if request["pullRequestStatus"] == "CLOSED" and call.parameters["pullRequestStatus"] == "OPEN":
        raise Coded("InvalidPullRequestStatusUpdateException", "A closed pull request can't be opened again")
    request |= {"pullRequestStatus": call.parameters["pullRequestStatus"], "lastActivityDate": utcnow()}
    return _told(request)


MERGES = {
    "MergePullRequestByFastForward": "FAST_FORWARD_MERGE",
    "MergePullRequestBySquash": "SQUASH_MERGE",
    "MergePullRequestByThreeWay": "THREE_WAY_MERGE",
}


def _merge_request(call: Call) -> Item:
    """Bring the source into the destination, where nobody has to decide between two changes of one file."""
    request = _open_request(call)
    target = request["pullRequestTargets"][0]
    found = _named(call)
    if target["repositoryName"] != found["repositoryName"]:
        raise Coded("RepositoryNotAssociatedWithPullRequestException", "The pull request is of another repository")
    source, into = (target[name].removeprefix("refs/heads/") for name in ("sourceReference", "destinationReference"))
    ours, theirs = _branch(found, source), _branch(found, into)
    if call.parameters.get("sourceCommitId", ours) != ours:
        raise Coded("TipOfSourceReferenceIsDifferentException", f"{source} has moved")
    option = MERGES[call.operation]
    if option == "FAST_FORWARD_MERGE":
        if theirs not in _ancestors(found, ours):
            raise Coded("ManualMergeRequiredException", "The branches have diverged")
        found["Branches"][into] = merged = ours
    else:
        files = _merged(found, target.get("mergeBase"), ours, theirs)
        parents = [theirs] if option == "SQUASH_MERGE" else [theirs, ours]
        merged = _keep(call, found, into, parents, files)["commitId"]
    found["lastModifiedDate"] = utcnow()
    request["pullRequestStatus"] = "CLOSED"
    target["mergeMetadata"] = {
        "isMerged": True,
        "mergedBy": call.backend("sts").get_caller_identity(call.access_key, call.region)[1],
        "mergeCommitId": merged,
        "mergeOption": option,
    }
    return _told(request)


def _merged(found: Item, base: str | None, ours: str, theirs: str) -> dict[str, Any]:
    """The files of both sides, each as the side has it that changed it."""
    commits = found["Commits"]
    files: dict[str, Any] = {}
    common = commits[base]["Files"] if base else {}
    for path in itertools.chain(commits[ours]["Files"], commits[theirs]["Files"]):
        old, mine, other = (side.get(path) for side in (common, commits[ours]["Files"], commits[theirs]["Files"]))
        if mine != other and old not in (mine, other):
            raise Coded("ManualMergeRequiredException", f"{path} was changed on both sides")
        chosen = other if mine == old else mine
        if chosen is not None:
            files[path] = chosen
    return files


EXTENSION = Extension(
    SERVICE,
    {
        "CreateRepository": _create_repository,
        "GetRepository": _named,
        "BatchGetRepositories": _batch_get_repositories,
        "ListRepositories": _list_repositories,
        "DeleteRepository": _delete_repository,
        "UpdateRepositoryName": _rename_repository,
        "UpdateRepositoryDescription": _describe_repository,
        "UpdateDefaultBranch": _default,
        **Tagging(SERVICE, {"Repository": "Arn"}).handlers(),
        "CreateBranch": _create_branch,
        "GetBranch": _get_branch,
        "ListBranches": _list_branches,
        "DeleteBranch": _delete_branch,
        "CreateCommit": _create_commit,
        "PutFile": _put_file,
        "DeleteFile": _delete_file,
        "GetCommit": _get_commit,
        "GetFile": _get_file,
        "GetFolder": _get_folder,
        "GetDifferences": _get_differences,
        "CreatePullRequest": _create_request,
        "GetPullRequest": lambda call: _told(_request(call)),
        "ListPullRequests": _list_requests,
        "UpdatePullRequestTitle": _change_request,
        "UpdatePullRequestDescription": _change_request,
        "UpdatePullRequestStatus": _set_request_status,
        **dict.fromkeys(MERGES, _merge_request),
    },
)
