"""Experiments: trials, their components, those that SageMaker makes of jobs, and what was measured in them.

Moto's list of components ignores the experiment and the source, a job leaves no component, an update replaces the
parameters instead of adding to them, and an experiment is deleted under its trials.

What a job measured is told by whoever runs it: `BatchPutMetrics` of sagemaker-metrics with the job's component, which
AWS names after the job (`JOB-aws-training-job`).
"""

from __future__ import annotations

import statistics
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.services.sagemaker.catalogue import INVALID, SERVICE, SORTS, Sort, caller, chance, utc, within

MEASURED = "Measured"
"""The table of what was measured, by the name of the component."""


def _signed(call: Call, item: Item, key: str) -> None:
    """Who made it; what has no name for the screen is shown by its own."""
    item["CreatedBy"] = item["LastModifiedBy"] = caller(call)
    item.setdefault("DisplayName", item[key])


def _changed(call: Call, item: Item) -> None:
    item["LastModifiedBy"] = caller(call)


def _sourced(noun: str) -> Any:
    """Lists call the source after what it is the source of."""

    def look(_: Call, item: Item) -> Item:
        return {**item, f"{noun}Source": item.get("Source")}

    return look


EXPERIMENTS = Sort(
    SERVICE,
    "Experiment",
    "ExperimentName",
    "experiment/{}",
    created=lambda call, item: _signed(call, item, "ExperimentName"),
    changed=_changed,
    look=_sourced("Experiment"),
    newest_first=True,
    taken=INVALID,
)


def _try(call: Call, item: Item) -> None:
    EXPERIMENTS.get(call, item["ExperimentName"])
    _signed(call, item, "TrialName")


TRIALS = Sort(
    SERVICE,
    "Trial",
    "TrialName",
    "experiment-trial/{}",
    equals={"ExperimentName": "ExperimentName"},
    created=_try,
    changed=_changed,
    look=_sourced("Trial"),
    newest_first=True,
    taken=INVALID,
)


def _measure(call: Call, item: Item) -> None:
    _signed(call, item, "TrialComponentName")
    item["Parents"] = []


def _look(call: Call, item: Item) -> Item:
    """The component with a summary of each metric."""
    source = item.get("Source")
    summaries = [_summary(name, points, item) for name, points in measured(call, item["TrialComponentName"]).items()]
    return {
        **item,
        "TrialComponentSource": source,
        "Sources": [source] if source else None,
        "Metrics": summaries or None,
    }


def _summary(name: str, points: list[Item], component: Item) -> Item:
    values = [float(point["Value"]) for point in points]
    return {
        "MetricName": name,
        "SourceArn": component.get("Source", {}).get("SourceArn", component["TrialComponentArn"]),
        "TimeStamp": points[-1]["Timestamp"],
        "Max": max(values),
        "Min": min(values),
        "Last": values[-1],
        "Count": len(values),
        "Avg": statistics.fmean(values),
        "StdDev": statistics.pstdev(values),
    }


COMPONENTS = Sort(
    SERVICE,
    "TrialComponent",
    "TrialComponentName",
    "experiment-trial-component/{}",
    created=_measure,
    changed=_changed,
    look=_look,
    newest_first=True,
    taken=INVALID,
)


def measured(call: Call, component: str) -> dict[str, list[Item]]:
    """What was measured in a component: metric -> its points, the last one last."""
    found = call.table(MEASURED, SERVICE).get(component, {})
    return {name: sorted(points, key=_place) for name, points in found.items()}


def _place(point: Item) -> tuple[int, float]:
    return point.get("Step", 0), utc(point["Timestamp"]).timestamp()


def measure(call: Call, component: str, name: str, **point: Any) -> None:
    """Note a point of a metric: `Value`, `Timestamp` and, where there are several, `Step`."""
    table = call.table(MEASURED, SERVICE)
    table.setdefault(component, {}).setdefault(name, []).append(point)


def _put_metrics(call: Call) -> Item:
    """Keep what was measured; what names no component is answered as an error for each metric."""
    component, metrics = call.parameters["TrialComponentName"], call.parameters["MetricData"]
    if component not in COMPONENTS.items(call):
        return {"Errors": [{"Code": "VALIDATION_ERROR", "MetricIndex": index} for index in range(len(metrics))]}
    for metric in metrics:
        measure(call, component, **{"name" if key == "MetricName" else key: value for key, value in metric.items()})
    return {}


def name_of(job: str, kind: str) -> str:
    """The name of the component that SageMaker makes of a job; a kind is `training`, `processing` or `transform`."""
    return f"{job}-aws-{kind}-job"


def track(call: Call, kind: str, job: str, arn: str, config: Item | None = None, **component: Any) -> None:
    """Make the component of a new job, in the trial that the job's `ExperimentConfig` names.

    Raises:
        Refused: there is no such trial.
    """
    name = name_of(job, kind)
    call.table(MEASURED, SERVICE).pop(name, None)
    known = COMPONENTS.items(call).get(name)
    if known is None:
        source = {"SourceArn": arn, "SourceType": f"SageMaker{kind.title()}Job"}
        shown = (config or {}).get("TrialComponentDisplayName")
        given = {"TrialComponentName": name, "Source": source, **({"DisplayName": shown} if shown else {})}
        known = COMPONENTS.create(within(call, "CreateTrialComponent", given))
        if trial := _trial(call, config or {}, name):
            _join(known, trial)
    known |= component


def follow(call: Call, kind: str, job: str, **component: Any) -> None:
    """Tell the component of a job, where it is still there, what became of the job."""
    if known := COMPONENTS.items(call).get(name_of(job, kind)):
        known |= component


def checked(call: Call, config: Item | None) -> None:
    """Refuse an `ExperimentConfig` of what is not there, before anything is made."""
    for sort in (EXPERIMENTS, TRIALS):
        if config and config.get(sort.key) and config[sort.key] not in sort.items(call):
            raise Invalid(f"{sort.noun} {config[sort.key]} does not exist.")


def _trial(call: Call, config: Item, component: str) -> Item | None:
    """The trial that a job belongs to; where only an experiment is named, a new one is made."""
    if "TrialName" in config:
        return TRIALS.get(call, config["TrialName"])
    if "ExperimentName" not in config:
        return None
    number = int(chance(component, config["ExperimentName"]) * 16**8)
    given = {"TrialName": f"Default-Trial-{number:08x}", "ExperimentName": config["ExperimentName"]}
    if given["TrialName"] in TRIALS.items(call):
        return TRIALS.get(call, given["TrialName"])
    return TRIALS.create(within(call, "CreateTrial", given))


def _join(component: Item, trial: Item) -> None:
    parent = {"TrialName": trial["TrialName"], "ExperimentName": trial["ExperimentName"]}
    if parent not in component["Parents"]:
        component["Parents"].append(parent)


def _associate(call: Call) -> Item:
    component = COMPONENTS.get(call, call.parameters["TrialComponentName"])
    trial = TRIALS.get(call, call.parameters["TrialName"])
    _join(component, trial)
    return {**component, **trial}


def _disassociate(call: Call) -> Item:
    component = COMPONENTS.get(call, call.parameters["TrialComponentName"])
    trial = TRIALS.get(call, call.parameters["TrialName"])
    left = [parent for parent in component["Parents"] if parent["TrialName"] != trial["TrialName"]]
    if len(left) == len(component["Parents"]):
        raise NotFound(f"{component['TrialComponentName']} is not in {trial['TrialName']}.")
    component["Parents"] = left
    return {**component, **trial}


def _list_trials(call: Call) -> Item:
    items = list(TRIALS.items(call).values())
    if name := call.parameters.get("ExperimentName"):
        EXPERIMENTS.get(call, name)
    if name := call.parameters.get("TrialComponentName"):
        within = {parent["TrialName"] for parent in COMPONENTS.get(call, name)["Parents"]}
        items = [item for item in items if item["TrialName"] in within]
    return TRIALS.page(call, items)


def _list_components(call: Call) -> Item:
    """Those of an experiment, a trial or a source; AWS takes one of the three."""
    wanted = {
        name: call.parameters[name] for name in ("ExperimentName", "TrialName", "SourceArn") if name in call.parameters
    }
    if len(wanted) > 1:
        raise Invalid(f"Only one of {', '.join(wanted)} can be asked for.")
    items = list(COMPONENTS.items(call).values())
    if "SourceArn" in wanted:
        items = [one for one in items if one.get("Source", {}).get("SourceArn") == wanted["SourceArn"]]
    for sort in (EXPERIMENTS, TRIALS):
        if sort.key in wanted:
            sort.get(call, wanted[sort.key])
            items = [one for one in items if any(wanted[sort.key] == parent[sort.key] for parent in one["Parents"])]
    return COMPONENTS.page(call, items)


ADDED = ("Parameters", "InputArtifacts", "OutputArtifacts")
"""What an update of a component adds to, or takes away from by `...ToRemove`."""


def _update_component(call: Call) -> Item:
    item = COMPONENTS.find(call)
    for name in ADDED:
        kept = {**item.get(name, {}), **call.parameters.get(name, {})}
        removed = call.parameters.get(f"{name}ToRemove", [])
        item[name] = {key: value for key, value in kept.items() if key not in removed}
    item |= {
        name: call.parameters[name]
        for name in ("DisplayName", "Status", "StartTime", "EndTime")
        if name in call.parameters
    }
    item |= {"LastModifiedTime": utcnow(), "LastModifiedBy": caller(call)}
    return item


def _delete_experiment(call: Call) -> Item:
    name = EXPERIMENTS.find(call)["ExperimentName"]
    if any(trial["ExperimentName"] == name for trial in TRIALS.items(call).values()):
        raise Invalid(f"Experiment {name} has trials, which must be deleted first.")
    return EXPERIMENTS.delete(call)


def _delete_trial(call: Call) -> Item:
    name = TRIALS.find(call)["TrialName"]
    for component in COMPONENTS.items(call).values():
        if any(parent["TrialName"] == name for parent in component["Parents"]):
            raise Invalid(f"Trial {name} has components, which must be disassociated first.")
    return TRIALS.delete(call)


def _delete_component(call: Call) -> Item:
    if COMPONENTS.find(call)["Parents"]:
        raise Invalid("The component must be disassociated from its trials first.")
    return COMPONENTS.delete(call)


SORTS.update({"Experiment": EXPERIMENTS, "ExperimentTrial": TRIALS, "ExperimentTrialComponent": COMPONENTS})

EXTENSIONS = [
    Extension(
        SERVICE,
        {
            **EXPERIMENTS.handlers(),
            **TRIALS.handlers(),
            **COMPONENTS.handlers(),
            "DeleteExperiment": _delete_experiment,
            "ListTrials": _list_trials,
            "DeleteTrial": _delete_trial,
            "ListTrialComponents": _list_components,
            "UpdateTrialComponent": _update_component,
            "DeleteTrialComponent": _delete_component,
            "AssociateTrialComponent": _associate,
            "DisassociateTrialComponent": _disassociate,
        },
    ),
    Extension("sagemaker-metrics", {"BatchPutMetrics": _put_metrics}),
]
