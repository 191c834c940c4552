"""Automatic model tuning: it starts training jobs within its limits, and the best of them is one that ran.

Nothing is trained here, yet tuning without an objective means nothing. So each training job that it starts is given a
value of the objective by a rule, unless somebody tells another (see `training`): every tuned hyperparameter has a
best place within its range, which follows from the algorithm, the fixed hyperparameters and the data; the value falls
with the mean of the squared distances from those places, from 0.95 at all of them to 0.05 (an objective that is
minimized: from 0.05 to 0.95). The same settings on the same data give the same value in each tuning job, and those
that differ in a tuned hyperparameter differ in it.

What moto says that AWS does not: one training job completed whatever the limits were, a best one that is in no list
with hyperparameters that nobody asked for, and a convergence that nobody watched for.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import math
import statistics
from collections.abc import Iterator
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Handler, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker import experiments, training
from readiness.emulator.services.sagemaker.catalogue import SERVICE, SORTS, Sort, chance, ordered
from readiness.emulator.services.sagemaker.jobs import begin, later, running
from readiness.emulator.services.sagemaker.ranges import Range, ranges

WITHOUT_LIMIT = 20
"""How many training jobs are started where only a time or a criterion ends the tuning; AWS goes on for hundreds."""
IMPROVED = 0.01
"""By which part of the best value so far another must be better to count as an improvement, as AWS counts it."""
CONVERGED = 10
"""After how many training jobs without improvement a search counts as converged; AWS does not tell its own measure."""


@dataclasses.dataclass(frozen=True)
class Search:
    """One training job definition of a tuning job.

    Attributes:
        definition: as it was given.
        ranges: what is tuned.
        objective: the metric and whether more of it is better.
    """

    definition: Item
    ranges: list[Range]
    objective: Item

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.objective["Type"] == "Maximize" else -1

    def value(self, tuned: dict[str, str]) -> float:
        """The objective of a setting, by the rule."""
        given = self.definition
        fixed = {
            name: given.get(name) for name in ("AlgorithmSpecification", "StaticHyperParameters", "InputDataConfig")
        }
        off = [(one.place(tuned[one.name]) - chance(fixed, one.name)) ** 2 for one in self.ranges]
        loss = 0.05 + 0.9 * statistics.fmean(off)
        return round(1 - loss if self.sign > 0 else loss, 6)


def _searches(call: Call, item: Item) -> list[Search]:
    """The definitions of a tuning job, each of which must be able to run."""
    config = item["HyperParameterTuningJobConfig"]
    several = item.get("TrainingJobDefinitions", [])
    if ("TrainingJobDefinition" in item) == bool(several):
        raise Invalid("Either TrainingJobDefinition or TrainingJobDefinitions must be specified.")
    searches = []
    for definition in several or [item["TrainingJobDefinition"]]:
        objective = definition.get("TuningObjective") or config.get("HyperParameterTuningJobObjective")
        if objective is None:
            raise Invalid("A tuning job needs an objective.")
        found = ranges(definition.get("HyperParameterRanges") or config.get("ParameterRanges", {}))
        if not found:
            raise Invalid("A tuning job needs at least one hyperparameter range.")
        job = {**definition, "HyperParameters": definition.get("StaticHyperParameters", {})}
        named = "AlgorithmName" in definition["AlgorithmSpecification"]
        if not (named or training.emits(call, job, objective["MetricName"])):
            raise Invalid(f"The objective metric {objective['MetricName']} is not in the metric definitions.")
        _fits_strategy(config, found)
        searches.append(Search(definition, found, objective))
    return searches


def _fits_strategy(config: Item, found: list[Range]) -> None:
    strategy = config["Strategy"]
    if strategy == "Grid" and not all(one.values for one in found):
        raise Invalid("Grid search takes categorical ranges only.")
    if strategy == "Hyperband" and config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise Invalid("TrainingJobEarlyStoppingType must be Off for Hyperband, which stops training jobs by itself.")
    if strategy != "Hyperband" and "StrategyConfig" in config:
        raise Invalid("StrategyConfig is for Hyperband only.")


def _limit(config: Item, searches: list[Search]) -> int:
    """How many training jobs there will be at most: a grid is tried as a whole."""
    if config["Strategy"] == "Grid":
        return sum(math.prod(len(one.values) for one in search.ranges) for search in searches)
    return int(config["ResourceLimits"].get("MaxNumberOfTrainingJobs", WITHOUT_LIMIT))


def _settings(item: Item, searches: list[Search], children: list[Item]) -> Iterator[tuple[Search, dict[str, str]]]:
    """What to try next, for as long as somebody asks; a Bayesian search looks at what came out before."""
    config = item["HyperParameterTuningJobConfig"]
    if config["Strategy"] == "Grid":
        for search in searches:
            names = [one.name for one in search.ranges]
            for values in itertools.product(*(one.values for one in search.ranges)):
                yield search, dict(zip(names, values, strict=True))
        return
    # The same seed gives the same settings, as in AWS; without one, each tuning job has its own.
    seed = config.get("RandomSeed", item["HyperParameterTuningJobName"])
    for number in itertools.count():
        search = searches[number % len(searches)]
        places = {one.name: chance(seed, number, one.name) for one in search.ranges}
        own = [child for child in children if child["Search"] is search]
        if config["Strategy"] == "Bayesian" and len(own) > config["ResourceLimits"]["MaxParallelTrainingJobs"]:
            best = max(own, key=lambda child: child["Value"] * search.sign)["Tuned"]
            width = 1 / math.sqrt(len(own))
            for one in search.ranges:
                around = one.place(best[one.name]) + (places[one.name] - 0.5) * width
                places[one.name] = min(max(around, 0.0), 1.0)
        yield search, {one.name: one.at(places[one.name]) for one in search.ranges}


def _tune(call: Call, item: Item) -> None:
    """Start training jobs until a limit or a criterion ends it."""
    searches = _searches(call, item)
    config = item["HyperParameterTuningJobConfig"]
    most = _limit(config, searches)
    for parent in _parents(item):
        TUNING.get(call, parent)
    begin(item)
    children: list[Item] = []
    settings = _settings(item, searches, children)
    limits = config["ResourceLimits"]
    free = [item["CreationTime"]] * limits["MaxParallelTrainingJobs"]
    stale = 0
    for number in range(1, most + 1):
        search, tuned = next(settings)
        start: datetime.datetime = min(free)
        if (start - item["CreationTime"]).total_seconds() >= limits.get("MaxRuntimeInSeconds", math.inf):
            break
        job = training.start(call, _definition(call, item, search, tuned, number), start)
        value = search.value(tuned)
        before = [child["Value"] * search.sign for child in children if child["Search"] is search]
        if _hopeless(config, before, value * search.sign):
            training.stop(call, job, later(job["TrainingStartTime"], job["TrainingTimeInSeconds"] / 2))
        end: datetime.datetime = job["TrainingEndTime"]
        free[free.index(start)] = end
        component = experiments.name_of(job["TrainingJobName"], "training")
        experiments.measure(call, component, search.objective["MetricName"], Value=value, Timestamp=end)
        best = max(before, default=-math.inf)
        stale = 0 if not before or value * search.sign > best + IMPROVED * abs(best) else stale + 1
        children.append({"Search": search, "Tuned": tuned, "Value": value, "Name": job["TrainingJobName"]})
        item["TuningJobCompletionDetails"] = {"NumberOfTrainingJobsObjectiveNotImproving": stale}
        if _done(item, search, value, stale, end):
            break
    item["Launched"] = [_launched(call, item, child) for child in children]
    item["HyperParameterTuningEndTime"] = max(one["TrainingEndTime"] for one in item["Launched"])
    item["LastModifiedTime"] = item["HyperParameterTuningEndTime"]
    item |= {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}


def _definition(call: Call, item: Item, search: Search, tuned: dict[str, str], number: int) -> Item:
    """What a training job of a tuning job is started with; the tags of the tuning job are on each."""
    given = search.definition
    name = item["HyperParameterTuningJobName"]
    settings = {**given.get("StaticHyperParameters", {}), **tuned}
    if training.built_in(call, given["AlgorithmSpecification"].get("TrainingImage", ""), settings):
        settings["_tuning_objective_metric"] = search.objective["MetricName"]
    own = ("DefinitionName", "TuningObjective", "HyperParameterRanges", "StaticHyperParameters")
    return {
        **{member: value for member, value in given.items() if member not in own and "TuningResource" not in member},
        "TrainingJobName": f"{name}-{number:03}-{int(chance(name, number, item['CreationTime']) * 16**8):08x}",
        "TuningJobArn": item["HyperParameterTuningJobArn"],
        "HyperParameters": settings,
        "ResourceConfig": given.get("ResourceConfig") or _machines(given.get("HyperParameterTuningResourceConfig", {})),
        "Tags": list(item.get("Tags", [])),
    }


def _machines(given: Item) -> Item:
    """The machines of a tuning job, of which the first that are preferred are there."""
    chosen = {**given, **(given.get("InstanceConfigs") or [{}])[0]}
    return {name: value for name, value in chosen.items() if name not in ("InstanceConfigs", "AllocationStrategy")}


def _hopeless(config: Item, before: list[float], worth: float) -> bool:
    """Whether a training job is stopped early: where that is asked for, when it falls behind most of those before."""
    if config["Strategy"] != "Hyperband" and config.get("TrainingJobEarlyStoppingType", "Off") == "Off":
        return False
    enough: int = config["ResourceLimits"]["MaxParallelTrainingJobs"]
    return len(before) >= enough and worth < statistics.median(before)


def _done(item: Item, search: Search, value: float, stale: int, moment: datetime.datetime) -> bool:
    """Whether a criterion ends the tuning; that it has converged is noted where somebody watches for it."""
    criteria = item["HyperParameterTuningJobConfig"].get("TuningJobCompletionCriteria", {})
    target = criteria.get("TargetObjectiveMetricValue")
    patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving", math.inf)
    if stale >= patience or (target is not None and value * search.sign >= target * search.sign):
        return True
    watched = criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
    if watched and stale >= CONVERGED:
        item["TuningJobCompletionDetails"]["ConvergenceDetectedTime"] = moment
        return True
    return False


def _launched(call: Call, item: Item, child: Item) -> Item:
    """A training job as the lists of its tuning job tell it."""
    job = training.TRAINING.get(call, child["Name"])
    search: Search = child["Search"]
    return {
        **{name: job[name] for name in KEPT},
        "TrainingJobDefinitionName": search.definition.get("DefinitionName"),
        "TuningJobName": item["HyperParameterTuningJobName"],
        "TunedHyperParameters": child["Tuned"],
        "FinalHyperParameterTuningJobObjectiveMetric": {**search.objective, "Value": child["Value"]},
        "ObjectiveStatus": "Succeeded",
    }


PROGRESS = ("TrainingJobStatus", "TrainingStartTime", "TrainingEndTime")
KEPT = ("TrainingJobName", "TrainingJobArn", "CreationTime", *PROGRESS)


def _children(call: Call, item: Item) -> list[Item]:
    """The training jobs that were started, with what is told of them by now; one that was deleted stays as it was."""
    jobs = training.TRAINING.items(call)
    for launched in item["Launched"]:
        job = jobs.get(launched["TrainingJobName"])
        if job is None or job.get("TuningJobArn") != item["HyperParameterTuningJobArn"]:
            continue
        launched |= {name: job[name] for name in PROGRESS}
        objective = launched["FinalHyperParameterTuningJobObjectiveMetric"]
        for metric in training.final_metrics(call, job):
            if metric["MetricName"] == objective["MetricName"]:
                objective["Value"] = metric["Value"]
    return [{name: value for name, value in launched.items() if value is not None} for launched in item["Launched"]]


def _worth(child: Item) -> float:
    objective = child["FinalHyperParameterTuningJobObjectiveMetric"]
    return float(objective["Value"]) * (1 if objective["Type"] == "Maximize" else -1)


def _parents(item: Item) -> list[str]:
    named = item.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    return [one["HyperParameterTuningJobName"] for one in named]


def _look(call: Call, item: Item) -> Item:
    """The job with its counters and its best training job, told from those that it started."""
    children = _children(call, item)
    states = [child["TrainingJobStatus"] for child in children]
    looked = {
        **item,
        "TrainingJobStatusCounters": {
            "Completed": states.count("Completed"),
            "InProgress": 0,
            "RetryableError": 0,
            "NonRetryableError": states.count("Failed"),
            "Stopped": states.count("Stopped"),
        },
        "ObjectiveStatusCounters": {"Succeeded": len(children), "Pending": 0, "Failed": 0},
        "BestTrainingJob": max(children, key=_worth, default=None),
        "ConsumedResources": {"RuntimeInSeconds": _seconds(item)},
    }
    if item.get("WarmStartConfig", {}).get("WarmStartType") == "IdenticalDataAndAlgorithm":
        known = TUNING.items(call)
        others = [known[name] for name in _parents(item) if name in known]
        everyone = [*children, *(child for other in others for child in _children(call, other))]
        looked["OverallBestTrainingJob"] = max(everyone, key=_worth, default=None)
    return looked


def _seconds(item: Item) -> int:
    ran: datetime.timedelta = item["HyperParameterTuningEndTime"] - item["CreationTime"]
    return max(0, round(ran.total_seconds()))


TUNING = Sort(
    SERVICE,
    "HyperParameterTuningJob",
    "HyperParameterTuningJobName",
    "hyper-parameter-tuning-job/{}",
    status=("HyperParameterTuningJobStatus", "Completed"),
    created=_tune,
    look=_look,
    by_name=True,
)
SORTS["HyperParameterTuningJob"] = TUNING


def _list_children(call: Call) -> Item:
    """The training jobs of a tuning job, by name where nothing is said; by objective in the order of its value."""
    children = _children(call, TUNING.find(call))
    asked = ordered(call.parameters, by_name=True)
    if asked["SortBy"] == "FinalObjectiveMetricValue":
        children.sort(key=lambda child: float(child["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]))
        del asked["SortBy"]
    return listed(call, children, "TrainingJobName", status="TrainingJobStatus", asked=asked)


def _stop(call: Call) -> None:
    """Stop a tuning job that still runs: what has begun is stopped, what has not never begins."""
    item = TUNING.find(call)
    running(item, "HyperParameterTuningEndTime", "HyperParameterTuningJobStatus")
    now = utcnow()
    jobs = training.TRAINING.items(call)
    begun = [one for one in item["Launched"] if one["CreationTime"] <= now]
    for launched in item["Launched"]:
        if launched not in begun:
            jobs.pop(launched["TrainingJobName"], None)
    item["Launched"] = begun
    for launched in begun:
        job: Any = jobs.get(launched["TrainingJobName"])
        if job and job["TrainingEndTime"] > now:
            training.stop(call, job, now)
    item |= {"HyperParameterTuningJobStatus": "Stopped", "HyperParameterTuningEndTime": now, "LastModifiedTime": now}


HANDLERS: dict[str, Handler] = {
    **TUNING.handlers(),
    "ListTrainingJobsForHyperParameterTuningJob": _list_children,
    "StopHyperParameterTuningJob": _stop,
}

EXTENSION = Extension(SERVICE, HANDLERS)
