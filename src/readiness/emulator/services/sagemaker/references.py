"""What a pipeline's definition refers to: its parameters, what steps before have made, and what those have reported."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.services.sagemaker.catalogue import utc
from readiness.emulator.services.sagemaker.objects import read


class Unknown:
    """A value that nobody knows, for no script ran that would have written it."""


UNKNOWN = Unknown()


class Failure(Exception):
    """A step fails, for this reason."""


KINDS: dict[str, Callable[[str], Any]] = {
    "Integer": int,
    "Float": float,
    "Boolean": lambda text: text.lower() == "true",
}
"""The types of parameters that are not texts."""


def _typed(value: str, kind: str | None) -> Any:
    """A parameter, which a request gives as text, as its definition wants it."""
    parse = KINDS.get(str(kind), str)
    try:
        return parse(value)
    except ValueError:
        raise Invalid(f"{value} is not of the type {kind}.") from None


class References:
    """The values of one execution, which grow with each step.

    Attributes:
        made: what each step has made, by the name of the step.
        files: the property files of each step, by the names of the step and of the file.
    """

    def __init__(self, call: Call, pipeline: Item, run: Item, moment: datetime.datetime) -> None:
        self._call = call
        self.made: dict[str, Item] = {}
        self.files: dict[tuple[str, str], Item] = {}
        defined = {one["Name"]: one for one in json.loads(run["PipelineDefinition"]).get("Parameters", [])}
        known = {name: one.get("DefaultValue") for name, one in defined.items()}
        known |= {
            one["Name"]: _typed(one["Value"], defined[one["Name"]].get("Type")) for one in run["PipelineParameters"]
        }
        self._known: Item = {
            "Parameters": known,
            "Execution": {
                "PipelineName": pipeline["PipelineName"],
                "PipelineArn": run["PipelineArn"],
                "PipelineExecutionArn": run["PipelineExecutionArn"],
                "PipelineExecutionId": run["PipelineExecutionArn"].rpartition("/")[2],
                "StartDateTime": utc(run["CreationTime"]).isoformat(),
                "CurrentDateTime": utc(moment).isoformat(),
            },
        }

    def filled(self, value: Any) -> Any:
        """A part of the definition with its references filled in."""
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Get"}:
            return self._got(value["Get"])
        if set(value) == {"Std:Join"}:
            parts = self.filled(value["Std:Join"]["Values"])
            joined = str(value["Std:Join"]["On"]).join(str(part) for part in parts)
            return UNKNOWN if holds_unknown(parts) else joined
        if set(value) == {"Std:JsonGet"}:
            return self._reported(value["Std:JsonGet"])
        return {name: self.filled(inner) for name, inner in value.items()}

    def _got(self, path: str) -> Any:
        """What `Parameters.Baseline` or `Steps.Train.ModelArtifacts.S3ModelArtifacts` stands for."""
        first, _, rest = path.partition(".")
        return _within(self.made if first == "Steps" else self._known.get(first, {}), rest)

    def _reported(self, wanted: Item) -> Any:
        """A value in a report that a step left in S3.

        Raises:
            Failure: the report is there, but not the value.
        """
        parts = wanted.get("PropertyFile", {}).get("Get", "").split(".")
        file = self.files.get((parts[1], parts[3])) if len(parts) == 4 else None
        if file is None:
            return UNKNOWN
        outputs = self.made.get(parts[1], {}).get("ProcessingOutputConfig", {}).get("Outputs", [])
        stored = [one for one in outputs if one["OutputName"] == file["OutputName"] and "S3Output" in one]
        url = f"{stored[0]['S3Output']['S3Uri'].rstrip('/')}/{file['FilePath']}" if stored else ""
        content = read(self._call, url)
        if content is None:
            return UNKNOWN
        try:
            found = _within(json.loads(content), wanted["Path"])
        except ValueError:
            raise Failure(f"The property file {file['PropertyFileName']} is not valid JSON.") from None
        if isinstance(found, Unknown):
            raise Failure(f"The property file {file['PropertyFileName']} has no {wanted['Path']}.")
        return found


def _within(value: Any, path: str) -> Any:
    """What is at a path such as `Outputs['train'].S3Output.S3Uri` or `metrics[0].value`."""
    names = path.replace("['", ".").replace("']", "").replace("[", ".").replace("]", "").split(".")
    for name in names:
        if isinstance(value, list):
            value = _one_of(value, name)
        else:
            value = value.get(name, UNKNOWN) if isinstance(value, dict) else UNKNOWN
    return value


def _one_of(values: list[Any], name: str) -> Any:
    """An element by its place, or by its name as in `Outputs['train']`."""
    if name.isdigit():
        return values[int(name)] if int(name) < len(values) else UNKNOWN
    return next((one for one in values if isinstance(one, dict) and name in one.values()), UNKNOWN)


def holds_unknown(value: Any) -> bool:
    """Whether a value that nobody knows is in it."""
    if isinstance(value, dict):
        return any(holds_unknown(one) for one in value.values())
    return any(holds_unknown(one) for one in value) if isinstance(value, list) else isinstance(value, Unknown)


def _steps_of(value: Any) -> set[str]:
    """The steps that a part of a definition takes something from."""
    if isinstance(value, dict):
        got = value.get("Get")
        own = {got.split(".")[1].partition("[")[0]} if isinstance(got, str) and got.startswith("Steps.") else set()
        return own.union(*(_steps_of(one) for one in value.values()))
    return set().union(*(_steps_of(one) for one in value)) if isinstance(value, list) else set()


def in_order(steps: list[Item]) -> list[Item]:
    """Steps, each after those of them that it depends on."""
    waiting, told = list(steps), []
    while waiting:
        names = {step.get("Name") for step in waiting}
        needs = [(step, ({*step.get("DependsOn", [])} | _steps_of(step)) & names) for step in waiting]
        free = [step for step, needed in needs if not needed - {step.get("Name")}]
        # What waits for itself in a circle is taken as it comes.
        told += free or waiting
        waiting = [step for step in waiting if step not in told]
    return told
