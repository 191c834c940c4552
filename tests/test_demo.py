from __future__ import annotations

import json
from pathlib import Path

from conftest import Run


def test_demo_needs_nothing_and_writes_both_reports(run: Run, tmp_path: Path) -> None:
    unusable = {"AWS_PROFILE": "nobody", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "nowhere"}
    done = run("demo", **unusable)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["wrote readiness-report.html", "wrote readiness-report.json"]
    report = json.loads((tmp_path / "readiness-report.json").read_text())
    sections = [section for domain in report["domains"] for section in domain["sections"]]
    statements = [statement for section in sections for statement in section["statements"]]
    assert [section["id"] for section in sections] == [
        *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3")
    ]
    assert len(statements) == 221
    page = (tmp_path / "readiness-report.html").read_text()
    assert all(f'id="statement-{statement["id"]}"' in page for statement in statements)
    assert {check["verdict"] for check in report["checks"]} == {"passed", "partial", "failed", "absent"}
    assert report["errors"] == []
    assert not report["partial"]
