from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest

from conftest import Run

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
HERE = {**KEYS, "AWS_DEFAULT_REGION": "us-east-1"}


def client(service: str, emulator: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=emulator,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture(scope="module", autouse=True)
def account(emulator: str) -> None:
    """A bucket with ML data and no TLS-only policy, and the training job that reads it."""
    client("s3", emulator).create_bucket(Bucket="lake")
    client("sagemaker", emulator).create_training_job(
        TrainingJobName="fit",
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        RoleArn="arn:aws:iam::123456789012:role/ml",
        InputDataConfig=[
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lake/train/"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://lake/out/"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )


def test_scan_writes_both_reports(run: Run, emulator: str, tmp_path: Path) -> None:
    done = run("scan", "--endpoint-url", emulator, "--only", "1.3", "--snapshot", "kept.json", **HERE)
    assert done.returncode == 0, done.stderr
    assert "wrote readiness-report.html" in done.stdout
    report = json.loads((tmp_path / "readiness-report.json").read_text())
    jsonschema.validate(report, json.loads(run("schema").stdout))
    verdicts = {check["name"]: check["verdict"] for check in report["checks"]}
    assert verdicts["ml-buckets-require-tls"] == "failed"
    assert verdicts["endpoint-error-alarms"] == "skipped"
    assert report["account"]["regions"] == ["us-east-1"]
    assert "sagemaker:ListEndpoints" not in report["calls"], "what no selected check needs is not gathered"
    assert (tmp_path / "kept.json").stat().st_mode & 0o077 == 0
    assert "lake" in (tmp_path / "readiness-report.html").read_text()


def test_audit_of_the_snapshot_gives_the_same_bytes(run: Run, emulator: str, tmp_path: Path) -> None:
    run("scan", "--endpoint-url", emulator, "--only", "d1", "--skip", "1.1", "--snapshot", "kept.json", **HERE)
    live = [(tmp_path / f"readiness-report.{suffix}").read_bytes() for suffix in ("json", "html")]
    done = run("audit", "kept.json", "-o", "again.json", "-o", "again.html")
    assert done.returncode == 0, done.stderr
    assert [(tmp_path / f"again.{suffix}").read_bytes() for suffix in ("json", "html")] == live


def test_several_regions_and_a_role(run: Run, emulator: str, tmp_path: Path) -> None:
    client("iam", emulator).create_role(RoleName="auditor", AssumeRolePolicyDocument="{}")
    role = "arn:aws:iam::123456789012:role/auditor"
    options = ("--region", "us-east-1", "--region", "eu-west-1", "--role-arn", role, "--external-id", "secret")
    done = run("scan", "--endpoint-url", emulator, "--only", "no-admin-policies", "--only", "4.2-S2", *options, **KEYS)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "readiness-report.json").read_text())
    assert report["account"]["regions"] == ["us-east-1", "eu-west-1"]
    assert "assumed-role/auditor" in report["account"]["caller"]
    assert report["calls"]["cloudwatch:DescribeAlarms"] == 2
    assert report["calls"]["iam:GetAccountAuthorizationDetails"] == 1, "what is global is asked for once"


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_region_from_the_environment(run: Run, emulator: str, tmp_path: Path, name: str) -> None:
    only = ("--only", "alarm-actions-delivered")
    done = run("scan", *only, "-o", "report.json", **{**KEYS, name: "eu-west-1", "AWS_ENDPOINT_URL": emulator})
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "report.json").read_text())["account"]["regions"] == ["eu-west-1"]


def test_muted_check_gives_no_advice_and_the_same_score(run: Run, emulator: str, tmp_path: Path) -> None:
    run("scan", "--endpoint-url", emulator, "--only", "1.3", "--snapshot", "kept.json", "-o", "loud.json", **HERE)
    run("audit", "kept.json", "--mute", "ml-buckets-*", "-o", "quiet.json")
    loud, quiet = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("loud", "quiet"))
    assert quiet["score"] == loud["score"]
    muted = {check["name"]: check["measured"] for check in quiet["checks"] if check["verdict"] == "muted"}
    assert muted["ml-buckets-require-tls"] == "failed"


def test_listings_agree(run: Run) -> None:
    listed = json.loads(run("checks", "--format", "json").stdout)
    tree = json.loads(run("exam", "--format", "json").stdout)
    statements = [one for domain in tree["domains"] for section in domain["sections"] for one in section["statements"]]
    assert len(statements) == 221
    spoken = {(check["id"], name) for check in listed for name in check["statements"]}
    assert spoken == {(check, one["id"]) for one in statements for check in one["checks"]}
    assert all(check["name"] in run("checks").stdout for check in listed)
    text = run("exam").stdout
    assert all(one["text"] in text for one in statements)


def test_selection_narrows_every_listing(run: Run) -> None:
    only = ("--only", "3.2", "--skip", "endpoint-*")
    names = {check["name"] for check in json.loads(run("checks", *only, "--format", "json").stdout)}
    assert names
    assert not any(name.startswith("endpoint-") for name in names)
    tree = json.loads(run("exam", *only, "--format", "json").stdout)
    shown = {
        name.partition("/")[2]
        for domain in tree["domains"]
        for section in domain["sections"]
        for one in section["statements"]
        for name in one["checks"]
    }
    assert shown == names
    actions = {
        action for check in json.loads(run("checks", *only, "--format", "json").stdout) for action in check["actions"]
    }
    assert set(json.loads(run("policy", *only).stdout)["Statement"][0]["Action"]) == actions


def test_explain_tells_everything(run: Run) -> None:
    text = run("explain", "ml-buckets-require-tls").stdout
    for part in ("Why:", "Fix:", "put-bucket-policy", "https://docs.aws.amazon.com/", "s3:GetBucketPolicy", "1.3-K5"):
        assert part in text


def test_help_is_light() -> None:
    code = (
        "import sys; sys.argv = ['readiness', '--help']\n"
        "import readiness.cli\n"
        "try: readiness.cli.main()\n"
        "except SystemExit: pass\n"
        "sys.exit(' '.join({'boto3', 'botocore', 'jinja2', 'rich', 'cloudsplaining'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "scan" in done.stdout


PROFILES = (
    "[profile dev]\nregion = us-east-1\n[profile sso]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
)
PROFILES += (
    "region = us-east-1\n[sso-session corp]\nsso_start_url = https://corp.invalid/start\nsso_region = us-east-1\n"
)

MISTAKES = [
    # arguments, environment, exit code, what the line must say
    (["scan"], {"AWS_DEFAULT_REGION": "us-east-1"}, 3, "aws configure"),
    (["scan"], KEYS, 3, "--region"),
    (["scan", "--profile", "dve"], {}, 3, "did you mean dev?"),
    (["scan"], {"AWS_PROFILE": "nobody"}, 3, "no AWS profile 'nobody'"),
    (["scan", "--profile", "sso"], {}, 3, "aws sso login --profile sso"),
    (["scan", "--region", "us-east-11"], KEYS, 3, "did you mean us-east-1?"),
    (["scan", "--region", "us-east-1", "--region", "cn-north-1"], KEYS, 3, "partitions"),
    (["scan", "--endpoint-url", "http://127.0.0.1:9"], HERE, 3, "--endpoint-url"),
    (["scan", "--endpoint-url", "nonsense"], HERE, 3, "--endpoint-url"),
    (["scan", "--external-id", "x"], HERE, 2, "--role-arn"),
    (["scan", "--only", "endpoint-atuo-scaling"], HERE, 2, "did you mean"),
    (["scan", "--only", "9.9"], HERE, 2, "9.9"),
    (["scan", "-o", "report.pdf"], HERE, 2, ".html"),
    (["scan", "-o", "nowhere/report.json"], HERE, 2, "nowhere"),
    (["scan", "-o", "a.json", "-o", "./a.json"], HERE, 2, "twice"),
    (["scan", "--checks", "nowhere"], HERE, 2, "nowhere"),
    (["scan", "--exam", "clf"], HERE, 2, "mla"),
    (["scan", "--max-workers", "0"], HERE, 2, "--max-workers"),
    (["scan", "--skip", "*"], HERE, 2, "no check is selected"),
    (["audit", "missing.json"], {}, 2, "No such file"),
    (["audit", "foreign.json"], {}, 2, "no snapshot"),
    (["audit", "garbage.json"], {}, 2, "no snapshot"),
    (["explain", "nothing-like-it"], {}, 2, "readiness checks"),
    (["expalin"], {}, 2, "explain"),
]


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    MISTAKES,
    ids=[" ".join(case[0]) + str(len(case[1])) for case in MISTAKES],
)
def test_a_mistake_is_one_line(
    run: Run, tmp_path: Path, arguments: list[str], environment: dict[str, str], code: int, said: str
) -> None:
    (tmp_path / "config").write_text(PROFILES)
    (tmp_path / "foreign.json").write_text('{"format": "else", "version": 9}')
    (tmp_path / "garbage.json").write_bytes(b"\x00\xff{[")
    before = sorted(tmp_path.iterdir())
    done = run(*arguments, **{"AWS_CONFIG_FILE": str(tmp_path / "config"), **environment})
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(tmp_path.iterdir()) == before, "no file is left half written"


def test_expired_credentials(run: Run) -> None:
    """AWS's own answer to an expired token, from a server that says nothing else."""
    import http.server
    import threading

    class Expired(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that the standard library asks for
            body = b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>"
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.HTTPServer(("127.0.0.1", 0), Expired) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run("scan", "--endpoint-url", f"http://127.0.0.1:{server.server_port}", **HERE)
        server.shutdown()
    assert done.returncode == 3
    assert "expired" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_interrupted_scan_writes_what_was_read(emulator: str, tmp_path: Path) -> None:
    """Ctrl-C while AWS does not answer: a partial report is written at once, and nothing waits for the calls."""
    import http.server
    import signal
    import threading
    import time
    import urllib.request

    hang = threading.Event()

    class Halting(http.server.BaseHTTPRequestHandler):
        """Passes IAM and STS on, and lets everything else hang."""

        def do_POST(self) -> None:  # the name that the standard library asks for
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if b"Version=2010-05-08" not in body and b"Version=2011-06-15" not in body:
                hang.wait(60)
                return
            request = urllib.request.Request(emulator + self.path, body, dict(self.headers))
            with urllib.request.urlopen(request) as answer:
                content = answer.read()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Halting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [str(Path(sys.executable).with_name("readiness")), "scan", "--only", "4.3-S2", "--only", "4.2-S2"]
        command += ["--endpoint-url", f"http://127.0.0.1:{server.server_port}", "-o", "report.json"]
        environment = {**HERE, "HOME": str(tmp_path), "PATH": ""}
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(5)
            process.send_signal(signal.SIGINT)
            before = time.monotonic()
            code = process.wait(timeout=60)
            assert time.monotonic() - before < 20, "it does not wait for calls that hang"
        hang.set()
        server.shutdown()
    assert code == 130
    report = json.loads((tmp_path / "report.json").read_text())
    verdicts = {check["name"]: check["verdict"] for check in report["checks"] if check["verdict"] != "skipped"}
    assert report["partial"]
    assert report["interrupted"]
    assert verdicts["root-user-protected"] == "failed", "what was read counts"
    assert verdicts["alarm-actions-delivered"] == "unknown"
    assert "Interrupted" in {error["code"] for error in report["errors"]}
