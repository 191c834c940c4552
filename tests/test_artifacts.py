"""Files of the user are read only where that is asked for, no more than their beginning, and by their own action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import msgspec
import pytest

from harness import IDENTITY, REGION
from readiness import Call, Finding, Findings, Record, evidence, packs, resource
from readiness.audit import judge
from readiness.caller import MOST_OF_A_FILE
from readiness.check import Check
from readiness.emulator import emulated
from readiness.errors import UsageError
from readiness.plan import plan
from readiness.policy import policies
from readiness.scan import scan
from readiness.session import new_session
from readiness.snapshot import Snapshot
from readiness.view import View


@resource("s3", "ListBuckets")
class Bucket(Record):
    """Any bucket."""

    name: str


@resource(
    "s3",
    Call(operation="GetObject", by={"Bucket": "Name"}, give={"Key": "plan.json"}, absent=("NoSuchKey",)),
    per=Bucket,
    artifacts=True,
)
class PlanFile(Record):
    """A file in it; of what stands there no more is kept than whether it speaks of SHAP."""

    bucket: str
    body: str

    def __post_init__(self) -> None:
        """Keep what is asked for only."""
        told = f"{'shap' in self.body} {len(self.body)}"
        msgspec.structs.force_setattr(self, "body", told)


@evidence("1.1-S1")
def planned(buckets: list[Bucket], files: Sequence[PlanFile] = ()) -> Findings:
    """A bucket is named after a plan, or a file tells one.

    Why: plans help.
    Fix: plan.
    See: https://docs.aws.amazon.com/
    """
    for bucket in buckets:
        if bucket.name == "plan":
            yield Finding(bucket.name, good=True)
    for file in files:
        yield Finding(file.bucket, good=file.body.startswith("True"))


CHECK: Check = planned.check  # type: ignore[attr-defined]  # the decorator leaves it there


@pytest.fixture(autouse=True)
def _account() -> Iterator[None]:
    with emulated():
        client = boto3.client("s3", region_name=REGION)
        for name, body in {"kept": b'{"methods": {"shap": {}}}', "long": b"x" * (MOST_OF_A_FILE + 9)}.items():
            client.create_bucket(Bucket=name)
            client.put_object(Bucket=name, Key="plan.json", Body=body)
        client.create_bucket(Bucket="bare")
        yield


def scanned(**options: Any) -> Snapshot:
    return scan(new_session(region=REGION), IDENTITY, [REGION], "MADE", [CHECK], **options)


def verdict(snapshot: Snapshot) -> str:
    view = View(snapshot.readings, snapshot.caller, snapshot.scanned_at, {})
    return judge(CHECK, view, snapshot.regions).verdict


def test_no_file_is_read_unless_asked_for() -> None:
    snapshot = scanned()
    assert snapshot.calls == {"s3:ListBuckets": 1}
    assert verdict(snapshot) == "absent"


def test_a_file_that_is_read_tells_by_its_beginning() -> None:
    snapshot = scanned(artifacts=True)
    [reading] = snapshot.readings["s3.PlanFile"].values()
    assert sorted((file.bucket, file.body) for file in reading.records) == [
        ("kept", "True 25"),
        ("long", f"False {MOST_OF_A_FILE}"),
    ]
    assert verdict(snapshot) == "passed"


def test_the_action_is_in_the_policy_only_where_files_are_read() -> None:
    for artifacts, actions in ((False, []), (True, ["s3:GetObject"])):
        [document] = policies(plan([CHECK], artifacts=artifacts).operations)
        assert document["Statement"][0]["Action"] == [*actions, "s3:ListAllMyBuckets"]


def test_a_check_can_not_rest_on_files_alone(tmp_path: Any) -> None:
    (tmp_path / "alone.py").write_text(
        "from readiness import Call, Finding, Findings, Record, evidence, resource\n"
        "@resource('s3', Call(operation='GetObject', give={'Bucket': 'a', 'Key': 'b'}), artifacts=True)\n"
        "class File(Record):\n"
        "    body: str\n"
        "@evidence('1.1-S1')\n"
        "def alone(files: list[File]) -> Findings:\n"
        "    '''Told by a file.\n\n    Why: a.\n    Fix: b.\n    See: https://docs.aws.amazon.com/\n    '''\n"
        "    for file in files:\n"
        "        yield Finding(file.body, good=True)\n"
    )
    with pytest.raises(UsageError, match=r"needs s3\.File, which may only be a further source"):
        packs.load([tmp_path])
