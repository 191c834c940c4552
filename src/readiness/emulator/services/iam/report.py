"""The credential report and the summary of the account.

moto's report has no row of the root user and no header's worth of fields (where and with which service a key was used),
is of 2015, and follows every change, where AWS makes one every four hours. Its summary does not tell whether the root
user has a password, which it has in an account that nobody took it from.
"""

from __future__ import annotations

import datetime
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension

SERVICE = "iam"
LIFE = datetime.timedelta(hours=4)
KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
FIELDS = (
    *("user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed"),
    *("password_next_rotation", "mfa_active"),
    *(f"access_key_{number}_{name}" for number in (1, 2) for name in KEY),
    *(f"cert_{number}_{name}" for number in (1, 2) for name in ("active", "last_rotated")),
)
NONE = "N/A"


def _generate(call: Call) -> Item:
    """Make a report, unless there is one that is young enough."""
    kept = call.table("CredentialReport")
    if "report" in kept and utcnow() - kept["report"]["GeneratedTime"] < LIFE:
        return {"State": "COMPLETE"}
    rows = [_root(call), *(_user(user) for user in call.backend(SERVICE).users.values())]
    lines = [FIELDS, *([str(row.get(name, NONE)) for name in FIELDS] for row in rows)]
    kept["report"] = {
        "Content": "\n".join(",".join(line) for line in lines).encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": utcnow(),
    }
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


def _get(call: Call) -> Item:
    report = call.table("CredentialReport").get("report")
    if report is None:
        raise Coded("ReportNotPresent", "Credential report does not exist; use GenerateCredentialReport.")
    if utcnow() - report["GeneratedTime"] >= LIFE:
        raise Coded("ReportExpired", "Credential report expired; use GenerateCredentialReport.")
    return report


def _root(call: Call) -> Item:
    summary = call.backend(SERVICE).get_account_summary().summary_map
    return {
        "user": "<root_account>",
        "arn": f"arn:{call.partition}:iam::{call.account}:root",
        "user_creation_time": _text(utcnow()),
        "password_enabled": "not_supported",
        "password_last_used": "no_information",
        "password_last_changed": "not_supported",
        "password_next_rotation": "not_supported",
        "mfa_active": _flag(summary["AccountMFAEnabled"]),
        "access_key_1_active": _flag(summary["AccountAccessKeysPresent"]),
        "access_key_2_active": "false",
        "cert_1_active": "false",
        "cert_2_active": "false",
    }


def _user(user: Any) -> Item:
    row = {
        "user": user.name,
        "arn": user.arn,
        "user_creation_time": _text(user.create_date),
        "password_enabled": _flag(user.password),
        "mfa_active": _flag(user.mfa_devices),
    }
    if user.password:
        row["password_last_used"] = _text(user.password_last_used) if user.password_last_used else "no_information"
        row["password_last_changed"] = _text(user.create_date)
    certificates = list(user.signing_certificates.values())
    for place, number in enumerate((1, 2)):
        row |= {f"access_key_{number}_{name}": value for name, value in _key(user.access_keys, place).items()}
        active = len(certificates) > place and certificates[place].status == "Active"
        row[f"cert_{number}_active"] = _flag(active)
    return row


def _key(keys: list[Any], place: int) -> Item:
    if len(keys) <= place:
        return {"active": "false"}
    key = keys[place]
    row = {"active": _flag(key.status == "Active"), "last_rotated": _text(key.create_date)}
    used = key.last_used
    if isinstance(used, datetime.datetime):
        row["last_used_date"] = _text(used)
    elif used is not None:
        row |= {
            "last_used_date": _text(used.timestamp),
            "last_used_region": used.region,
            "last_used_service": used.service,
        }
    return row


def _flag(value: Any) -> str:
    return "true" if value else "false"


def _text(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _summary(call: Call) -> Item:
    return {"SummaryMap": {"AccountPasswordPresent": 1, **call.backend(SERVICE).get_account_summary().summary_map}}


EXTENSION = Extension(
    SERVICE,
    {
        "GenerateCredentialReport": _generate,
        "GetCredentialReport": _get,
        "GetAccountSummary": _summary,
    },
)
