"""Models: what moto loses of them.

moto tells `EnableNetworkIsolation` false whatever was asked for, loses `InferenceExecutionConfig`, makes up a role
where none was given, lets a model replace another of its name, and lists all models whatever was asked for.
"""

from __future__ import annotations

from readiness.emulator.call import Call, Elsewhere, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "sagemaker"


def _create(call: Call) -> Item | None:
    name = call.parameters["ModelName"]
    if name in call.backend(SERVICE)._models:
        raise Invalid(f'Cannot create already existing model "{call.arn(f"model/{name}")}".')
    raise Elsewhere


def _keep(call: Call) -> None:
    given = call.parameters
    model = call.backend(SERVICE)._models[given["ModelName"]]
    model.enable_network_isolation = given.get("EnableNetworkIsolation", False)
    model.inference_execution_config = given.get("InferenceExecutionConfig")
    model.execution_role_arn = given.get("ExecutionRoleArn")
    model.vpc_config = given.get("VpcConfig")


def _list(call: Call) -> Item:
    models = [model.response_object for model in call.backend(SERVICE)._models.values()]
    return listed(call, models, "ModelName")


EXTENSION = Extension(SERVICE, {"CreateModel": _create, "ListModels": _list}, {"CreateModel": _keep})
