"""Holds requests and answers to botocore's models: types, required members, lengths; enumerations in requests.

In answers AWS itself goes beyond the enumerations of its models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

from readiness.emulator.call import Coded, Invalid

OLD = {"ec2", "query", "rest-xml"}
"""Protocols of services that refuse in words of their own; all others do in one, which no model names."""


class _AnswerValidator(ParamValidator):  # type: ignore[misc]  # botocore has no types
    """Checks an answer by its shape; AWS answers empty lists also where its model wants one item at least."""

    def _validate_list(self, param: Any, *args: Any, **options: Any) -> None:
        if param != []:
            super()._validate_list(param, *args, **options)


def check_request(operation: OperationModel, parameters: Mapping[str, Any]) -> None:
    """Refuse what AWS would refuse.

    Raises:
        Refused: the parameters do not fit the model.
    """
    if operation.input_shape is None:
        return
    report = ParamValidator().validate(parameters, operation.input_shape)
    if report.has_errors():
        raise Invalid(report.generate_report())
    strange = [*_strange(parameters, operation.input_shape, "")]
    if strange:
        count = len(strange)
        message = f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(strange)}"
        if OLD & {operation.service_model.protocol, *operation.service_model.metadata.get("protocols", ())}:
            raise Invalid(message)
        raise Coded("ValidationException", message)


def check_answer(operation: OperationModel, answer: Mapping[str, Any]) -> None:
    """Answer nothing that AWS never would.

    Raises:
        AssertionError: the answer does not fit the model; the fault is the emulator's.
    """
    report = _AnswerValidator().validate(answer, operation.output_shape)
    if report.has_errors():
        raise AssertionError(f"{operation.name} would answer what AWS never does: {report.generate_report()}")


def _strange(value: Any, shape: Shape, name: str) -> Iterator[str]:
    """Values that are none of an enumeration, which botocore leaves to the services to check."""
    if shape.type_name == "structure":
        for member, inner in value.items():
            if member in shape.members:
                yield from _strange(inner, shape.members[member], f"{name}.{member}".lstrip("."))
    elif shape.type_name == "list":
        for number, inner in enumerate(value, 1):
            yield from _strange(inner, shape.member, f"{name}.{number}.member")
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from _strange(inner, shape.value, f"{name}.{key}")
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        known = ", ".join(shape.enum)
        yield (
            f"Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set: [{known}]"
        )
