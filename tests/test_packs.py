from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest

from conftest import Run
from readiness.errors import UsageError
from readiness.packs import load

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our wheel and the stranger's, built as for a release."""
    folder = tmp_path_factory.mktemp("wheels")
    for project in (REPOSITORY, HERE / "data" / "stranger"):
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(project)]
        subprocess.run(command, check=True, capture_output=True)
    return folder


def test_the_wheel_installs_three_packages(wheels: Path) -> None:
    [wheel] = wheels.glob("readiness-*.whl")
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "readiness",
        "readiness_mla",
        "readiness_reports",
    }
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("readiness_mla/exam.toml", "readiness_reports/templates/report.html.jinja", "readiness/py.typed"):
        assert needed in names


def test_a_strangers_distribution(wheels: Path, emulator: str, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True, capture_output=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *map(str, wheels.glob("*.whl"))], check=True, capture_output=True)
    boto3.client(
        "sqs", endpoint_url=emulator, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).create_queue(QueueName="theirs")
    command = [str(environment / "bin" / "readiness"), "scan", "--endpoint-url", emulator, "--only", "1.1"]
    command += ["-o", "report.json", "-o", "report.count", "-o", "report.html"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**KEYS, "HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    checks = {check["id"]: check for check in report["checks"]}
    # SQS lists bare URLs, which have no member name of their own; `Name` is where a kind finds them.
    assert checks["stranger/queue-made"]["verdict"] == "passed"
    assert checks["stranger/queue-made"]["findings"][0]["resource"].endswith("/theirs")
    assert checks["mla/s3-ml-data-source"]["verdict"] != "skipped"
    assert report["calls"]["sqs:ListQueues"] == 1
    assert (tmp_path / "report.count").read_text() == str(len(checks))
    assert "stranger/queue-made" in (tmp_path / "report.html").read_text()


def test_a_folder_of_checks(run: Run, emulator: str, tmp_path: Path) -> None:
    boto3.client(
        "sns", endpoint_url=emulator, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).create_topic(Name="bare")
    folder = HERE / "data" / "folder_of_checks"
    done = run("scan", "--checks", folder, "--endpoint-url", emulator, "--only", "4.2-S2", "-o", "report.json", **KEYS)
    assert done.returncode == 0, done.stderr
    checks = {check["id"]: check for check in json.loads((tmp_path / "report.json").read_text())["checks"]}
    assert checks["folder_of_checks/topic-has-a-name"]["verdict"] == "failed"
    assert checks["mla/alarm-actions-delivered"]["verdict"] == "absent"
    left = {path.name for path in folder.iterdir()}
    assert left <= {"topics.py", "__pycache__"}, "the folder is imported from where it lies"


DOCS = '"""{title}\n\n    Why: because.\n    Fix: do.\n    See: https://docs.aws.amazon.com/\n    """'
HEAD = "from readiness import *\nfrom readiness.aws.s3 import Bucket\n"

BROKEN = [
    ("import nothing_like_it\n", "nothing_like_it"),
    ("def broken(:\n", "SyntaxError"),
    (HEAD + "@evidence('1.1-K1')\ndef a(buckets: list[Bucket]) -> Findings:\n    yield\n", "lacks Why, Fix, See"),
    (HEAD + f"@evidence('9.9-K1')\ndef a(buckets: list[Bucket]) -> Findings:\n    {DOCS}\n    yield\n", "9.9-K1"),
    (
        HEAD + f"@evidence('2.4-K1')\ndef a(buckets: list[Bucket]) -> Findings:\n    {DOCS}\n    yield\n",
        "not observable",
    ),
    (HEAD + f"@evidence('1.1-K1')\ndef a(buckets: list[str]) -> Findings:\n    {DOCS}\n    yield\n", "'buckets'"),
    (HEAD + f"@evidence('1.1-K1')\ndef a(buckets: list[Record]) -> Findings:\n    {DOCS}\n    yield\n", "@resource"),
    (HEAD + f"@evidence('1.1-K1')\ndef a() -> Findings:\n    {DOCS}\n    yield\n", "asks for no records"),
    (HEAD + f"@evidence()\ndef a(buckets: list[Bucket]) -> Findings:\n    {DOCS}\n    yield\n", "no statement"),
    (
        HEAD
        + "@resource('s3', 'ListBuckets')\nclass Bucket(Record):\n    name: str\n"
        + f"@evidence('1.1-K1')\ndef a(buckets: list[Bucket]) -> Findings:\n    {DOCS}\n    yield\n",
        "s3.Bucket",
    ),
]


@pytest.mark.parametrize(("code", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_a_broken_pack_is_one_line(tmp_path: Path, code: str, said: str) -> None:
    pack = tmp_path / f"broken_{BROKEN.index((code, said))}"
    pack.mkdir()
    (pack / "module.py").write_text(code.replace("{title}", "A title."))
    with pytest.raises(UsageError) as problem:
        load([pack])
    assert said in str(problem.value)
    assert pack.name in str(problem.value)


def test_the_command_names_a_broken_pack(run: Run, tmp_path: Path) -> None:
    pack = tmp_path / "broken"
    pack.mkdir()
    (pack / "module.py").write_text("import nothing_like_it\n")
    done = run("checks", "--checks", pack)
    assert done.returncode == 2
    assert "'broken'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_readmes_checks_load(tmp_path: Path) -> None:
    text = (REPOSITORY / "README.md").read_text()
    [check, kind] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    folder = tmp_path / "my_checks"
    folder.mkdir()
    (folder / "notebooks.py").write_text(check)
    (folder / "queues.py").write_text(kind)
    library = load([folder])
    [found] = [check for check in library.checks if check.pack == "my_checks"]
    assert found.operations == {"sagemaker:ListNotebookInstances", "sagemaker:DescribeNotebookInstance"}
