"""DQDL, the language of Glue's data quality rules: what a ruleset says, and whether rows keep it."""

from __future__ import annotations

import collections
import dataclasses
import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence

from readiness.emulator.call import Item
from readiness.emulator.files import Row

KINDS = frozenset(
    {
        "AggregateMatch",
        "ColumnCorrelation",
        "ColumnCount",
        "ColumnDataType",
        "ColumnExists",
        "ColumnLength",
        "ColumnNamesMatchPattern",
        "ColumnValues",
        "Completeness",
        "CustomSql",
        "DataFreshness",
        "DatasetMatch",
        "DetectAnomalies",
        "DistinctValuesCount",
        "Entropy",
        "FileFreshness",
        "FileMatch",
        "FileSize",
        "FileUniqueness",
        "IsComplete",
        "IsPrimaryKey",
        "IsUnique",
        "Mean",
        "ReferentialIntegrity",
        "RowCount",
        "RowCountMatch",
        "SchemaMatch",
        "StandardDeviation",
        "Sum",
        "UniqueValueRatio",
        "Uniqueness",
    }
)
WITHOUT_CONDITION = frozenset({"IsComplete", "IsPrimaryKey", "IsUnique", "ColumnExists"})
SECTION = re.compile(r"\bRules\s*=\s*\[(.*?)\]\s*(?:\bAnalyzers\b.*)?$", re.DOTALL)
JOIN = re.compile(r"^\s*(and|or)\s+(.*)$", re.DOTALL)
RULE = re.compile(r'^(\w+)((?:\s+"[^"]*")*)\s*(.*)$', re.DOTALL)
NUMBER = r"-?\d+(?:\.\d+)?"
BETWEEN = re.compile(rf"^between\s+({NUMBER})\s+and\s+({NUMBER})$")
COMPARED = re.compile(rf'^(>=|<=|!=|=|>|<)\s*(?:({NUMBER})|"([^"]*)")$')
WITHIN = re.compile(r"^(not\s+)?in\s*\[(.*)\]$", re.DOTALL)
MATCHES = re.compile(r'^(not\s+)?matches\s+"(.*)"$')
THRESHOLD = re.compile(r"^(.*?)\s+with\s+threshold\s+(.*)$", re.DOTALL)
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    "!=": lambda left, right: left != right,
    "=": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}


class Unknown(Exception):
    """What nobody can tell from the rows, or from none: the rule is taken to be kept."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule, as it was written, and what it is made of.

    Attributes:
        text: the rule.
        kind: its type, or `and` or `or` of two.
        columns: those that it names.
        condition: what must hold.
        parts: the two rules that are joined.
    """

    text: str
    kind: str
    columns: tuple[str, ...] = ()
    condition: str = ""
    parts: tuple[Rule, ...] = ()


def parse(text: str) -> list[Rule]:
    """The rules of a ruleset.

    Raises:
        ValueError: it is none.
    """
    section = SECTION.search(text)
    rules = [_rule(part) for part in _parts(section.group(1)) if part] if section else []
    if not rules:
        raise ValueError("The ruleset is not valid: it must be of the form Rules = [ ... ], with at least one rule.")
    return rules


def _parts(text: str) -> Iterator[str]:
    """What commas divide, but not those within quotes and brackets."""
    depth, quoted, part = 0, False, ""
    for sign in text:
        if sign == '"':
            quoted = not quoted
        elif not quoted:
            depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0 and not quoted:
            yield part.strip()
            part = ""
        else:
            part += sign
    if part.strip():
        yield part.strip()


def _rule(text: str) -> Rule:
    if text.startswith("("):
        return _joined(text)
    found = RULE.match(text)
    if found is None or found.group(1) not in KINDS:
        raise ValueError(f"The rule {text} is not valid: there is no such type of rule.")
    kind, columns, condition = found.groups()
    if not condition and kind not in WITHOUT_CONDITION and not columns:
        raise ValueError(f"The rule {text} is not valid: it lacks its condition.")
    return Rule(text, kind, tuple(re.findall(r'"([^"]*)"', columns)), condition.strip())


def _joined(text: str) -> Rule:
    """A rule in brackets, or several that are joined."""
    first = _enclosed(text)
    rest = text[len(first) + 2 :]
    if not rest.strip():
        return _rule(first.strip())
    found = JOIN.match(rest)
    if found is None:
        raise ValueError(f"The rule {text} is not valid: rules are joined by and, or by or.")
    return Rule(text, found.group(1), parts=(_rule(first.strip()), _rule(found.group(2).strip())))


def _enclosed(text: str) -> str:
    """What the first bracket holds, up to the one that closes it."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return text[1:place]
    raise ValueError(f"The rule {text} is not valid: a bracket is not closed.")


def evaluate(rules: Sequence[Rule], columns: Sequence[str], rows: Sequence[Row] | None) -> list[Item]:
    """What becomes of each rule, as Glue tells it.

    Args:
        rules: the rules.
        columns: those that the data has.
        rows: the data; None where it can't be read, which then keeps every rule that its columns do not break.
    """
    return [_evaluated(rule, f"Rule_{number}", columns, rows) for number, rule in enumerate(rules, 1)]


def _evaluated(rule: Rule, name: str, columns: Sequence[str], rows: Sequence[Row] | None) -> Item:
    result: Item = {"Name": name, "Description": rule.text, "EvaluatedRule": rule.text, "EvaluatedMetrics": {}}
    if rule.parts:
        found = [_evaluated(part, name, columns, rows) for part in rule.parts]
        kept = (all if rule.kind == "and" else any)(one["Result"] == "PASS" for one in found)
        metrics = {metric: value for one in found for metric, value in one["EvaluatedMetrics"].items()}
        messages = [one["EvaluationMessage"] for one in found if "EvaluationMessage" in one]
        told = {} if kept else {"EvaluationMessage": "; ".join(messages)}
        return {**result, "Result": "PASS" if kept else "FAIL", "EvaluatedMetrics": metrics, **told}
    missing = [column for column in rule.columns if column.lower() not in {known.lower() for known in columns}]
    if missing and columns and rule.kind not in ("ReferentialIntegrity", "DatasetMatch", "SchemaMatch", "CustomSql"):
        return {**result, "Result": "FAIL", "EvaluationMessage": f"Input data does not include column {missing[0]}!"}
    try:
        metric, value, kept = _measured(rule, columns, rows)
    except Unknown:
        return {**result, "Result": "PASS"}
    result["EvaluatedMetrics"] = {metric: value}
    if kept:
        return {**result, "Result": "PASS"}
    message = f"Value: {value} does not meet the constraint requirement!"
    return {**result, "Result": "FAIL", "EvaluationMessage": message}


def _measured(rule: Rule, columns: Sequence[str], rows: Sequence[Row] | None) -> tuple[str, float, bool]:
    """The metric that a rule looks at, its value, and whether it keeps the rule."""
    if rule.kind == "ColumnExists":
        return f"Column.{rule.columns[0]}.ColumnExists", 1.0, True
    if rule.kind == "ColumnCount":
        return "Dataset.*.ColumnCount", float(len(columns)), _holds(rule.condition, float(len(columns)))
    if rows is None:
        raise Unknown
    if rule.kind == "RowCount":
        return "Dataset.*.RowCount", float(len(rows)), _holds(rule.condition, float(len(rows)))
    if not rule.columns:
        raise Unknown
    names = [_spelled(column, columns) for column in rule.columns]
    values = [tuple(row.get(name) for name in names) for row in rows]
    if rule.kind in ("ColumnValues", "ColumnLength"):
        return _of_each(rule, [value[0] for value in values])
    return _of_all(rule, values)


def _spelled(column: str, columns: Sequence[str]) -> str:
    """A column as the data spells it."""
    return next((known for known in columns if known.lower() == column.lower()), column)


def _of_each(rule: Rule, values: Sequence[str | None]) -> tuple[str, float, bool]:
    """A rule that every value must keep, or as many as its threshold says; what is missing keeps none."""
    condition, threshold = rule.condition, "= 1.0"
    if given := THRESHOLD.match(condition):
        condition, threshold = given.groups()
    length = rule.kind == "ColumnLength"
    kept = [value is not None and _holds(condition, float(len(value)) if length else value) for value in values]
    share = sum(kept) / len(kept) if kept else 1.0
    return f"Column.{rule.columns[0]}.{rule.kind}.Compliance", share, _holds(threshold, share)


def _of_all(rule: Rule, values: Sequence[tuple[str | None, ...]]) -> tuple[str, float, bool]:
    """A rule on one figure of all values."""
    present = [value for value in values if None not in value]
    counted = collections.Counter(present)
    once = sum(1 for number in counted.values() if number == 1)
    numbers = [number for value in present if (number := _number(value[0])) is not None]
    share = len(present) / len(values) if values else 1.0
    unique = once / len(values) if values else 1.0
    figures: dict[str, tuple[str, Callable[[], float]]] = {
        "IsComplete": ("Completeness", lambda: share),
        "Completeness": ("Completeness", lambda: share),
        "IsUnique": ("Uniqueness", lambda: once / len(present) if present else 1.0),
        "IsPrimaryKey": ("Uniqueness", lambda: unique),
        "Uniqueness": ("Uniqueness", lambda: unique),
        "UniqueValueRatio": ("UniqueValueRatio", lambda: once / len(counted) if counted else 1.0),
        "DistinctValuesCount": ("DistinctValuesCount", lambda: float(len(counted))),
        "Mean": ("Mean", lambda: statistics.fmean(numbers)),
        "Sum": ("Sum", lambda: sum(numbers)),
        "StandardDeviation": ("StandardDeviation", lambda: statistics.pstdev(numbers)),
    }
    if rule.kind not in figures or (rule.kind in ("Mean", "Sum", "StandardDeviation") and not numbers):
        raise Unknown
    name, figure = figures[rule.kind]
    value = figure()
    return f"Column.{','.join(rule.columns)}.{name}", value, _holds(rule.condition or "= 1.0", value)


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _holds(condition: str, value: str | float) -> bool:
    """Whether a value keeps a condition.

    Raises:
        Unknown: the condition is none of the plain ones.
    """
    number = _number(value)
    if between := BETWEEN.match(condition):
        # DQDL leaves the bounds out.
        return number is not None and float(between.group(1)) < number < float(between.group(2))
    if compared := COMPARED.match(condition):
        sign, bound, text = compared.groups()
        if bound is None:
            return (str(value) == text) == (sign == "=")
        return number is not None and OPERATORS[sign](number, float(bound))
    if within := WITHIN.match(condition):
        allowed = [part.strip('"') for part in _parts(within.group(2))]
        found = str(value) in allowed or (number is not None and number in map(_number, allowed))
        return found != bool(within.group(1))
    if matches := MATCHES.match(condition):
        return bool(re.fullmatch(matches.group(2), str(value))) != bool(matches.group(1))
    raise Unknown
