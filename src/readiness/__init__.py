"""The vocabulary of an author of checks: kinds of records, checks over them, and what they yield."""

from readiness.check import Finding, Findings, evidence, practice
from readiness.record import Record, Scan, Settings
from readiness.resource import Call, resource

__all__ = ["Call", "Finding", "Findings", "Record", "Scan", "Settings", "evidence", "practice", "resource"]
__version__ = "0.1.0"
