"""Personalize: dataset groups, datasets and their imports, solutions and their versions, campaigns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, objects, require_role
from readiness.emulator.resources import Resource, listed
from readiness.emulator.tagging import Tagging

SERVICE = "personalize"
ACTIVE = ("status", "ACTIVE")
RECIPES = {
    "aws-user-personalization-v2": "USER_PERSONALIZATION",
    "aws-user-personalization": "USER_PERSONALIZATION",
    "aws-popularity-count": "USER_PERSONALIZATION",
    "aws-trending-now": "USER_PERSONALIZATION",
    "aws-personalized-ranking-v2": "PERSONALIZED_RANKING",
    "aws-personalized-ranking": "PERSONALIZED_RANKING",
    "aws-similar-items": "RELATED_ITEMS",
    "aws-sims": "RELATED_ITEMS",
    "aws-item-affinity": "USER_SEGMENTATION",
    "aws-item-attribute-affinity": "USER_SEGMENTATION",
}
"""Name -> type of what AWS offers."""


def _recipes(call: Call) -> list[Item]:
    prefix = f"arn:{call.partition}:{SERVICE}:::"
    return [
        {
            "name": name,
            "recipeArn": f"{prefix}recipe/{name}",
            "algorithmArn": f"{prefix}algorithm/{name}",
            "featureTransformationArn": f"{prefix}feature-transformation/{name.removeprefix('aws-')}",
            "recipeType": kind,
            "status": "ACTIVE",
        }
        for name, kind in RECIPES.items()
    ]


def _list_recipes(call: Call) -> Item:
    every = [] if "domain" in call.parameters else _recipes(call)
    return listed(call, every)


def _describe_recipe(call: Call) -> Item:
    return {"recipe": _recipe(call, call.parameters["recipeArn"])}


def _recipe(call: Call, arn: str) -> Item:
    found = next((recipe for recipe in _recipes(call) if recipe["recipeArn"] == arn), None)
    if found is None:
        raise NotFound(f"Resource not found {arn}")
    return found


def _require(call: Call, of: Resource, arn: str) -> Item:
    """What something rests on must be there."""
    member = f"{of.noun[0].lower()}{of.noun[1:]}Arn"
    found = next((item for item in of.items(call).values() if item[member] == arn), None)
    if found is None:
        raise NotFound(f"Resource not found {arn}")
    return found


def _free(call: Call, resting: Resource, member: str, arn: str) -> None:
    """What something rests on stays."""
    if any(item[member] == arn for item in resting.items(call).values()):
        raise InUse(f"{arn} has resources that rest on it.")


def _secured(call: Call, item: Item) -> None:
    if "roleArn" in item:
        require_role(call, item["roleArn"])


GROUPS = Resource(
    SERVICE, "DatasetGroup", "name", "dataset-group/{}", arn_member="datasetGroupArn", status=ACTIVE, created=_secured
)


def _described(call: Call, item: Item) -> None:
    """A dataset is of a group and a schema that are there, and the only one of its type in the group."""
    group = _require(call, GROUPS, item["datasetGroupArn"])
    if item["schemaArn"] not in call.backend("personalize").schemas:
        raise NotFound(f"Resource not found {item['schemaArn']}")
    kind = item["datasetType"].upper()
    item["datasetType"] = kind
    item["datasetArn"] = call.arn(f"dataset/{group['name']}/{kind}")
    if any(other["datasetArn"] == item["datasetArn"] for other in DATASETS.items(call).values()):
        raise Coded("ResourceAlreadyExistsException", f"The group has a dataset of type {kind} already.")


DATASETS = Resource(
    SERVICE,
    "Dataset",
    "name",
    arn_member="datasetArn",
    status=ACTIVE,
    equals={"datasetGroupArn": "datasetGroupArn"},
    created=_described,
)


def _read(call: Call, item: Item) -> None:
    """An import needs data; without any it fails, as AWS's does."""
    _require(call, DATASETS, item["datasetArn"])
    if "roleArn" in item:
        require_role(call, item["roleArn"])
    item.setdefault("importMode", "FULL")
    if not objects(call, item["dataSource"].get("dataLocation", "")):
        item |= {"status": "CREATE FAILED", "failureReason": "There is no data at the given location."}


IMPORTS = Resource(
    SERVICE,
    "DatasetImportJob",
    "jobName",
    "dataset-import-job/{}",
    arn_member="datasetImportJobArn",
    status=ACTIVE,
    equals={"datasetArn": "datasetArn"},
    created=_read,
)


def _solve(call: Call, item: Item) -> None:
    _require(call, GROUPS, item["datasetGroupArn"])
    if not item.get("performAutoML") and "recipeArn" not in item:
        raise Invalid("A solution needs a recipe.")
    if "recipeArn" in item:
        _recipe(call, item["recipeArn"])
    item.setdefault("performHPO", False)
    item.setdefault("performAutoML", False)


SOLUTIONS = Resource(
    SERVICE,
    "Solution",
    "name",
    "solution/{}",
    arn_member="solutionArn",
    status=ACTIVE,
    equals={"datasetGroupArn": "datasetGroupArn"},
    created=_solve,
)


def _train(call: Call, item: Item) -> None:
    """A version learns from the interactions that were imported, and is the newest of its solution."""
    solution = _require(call, SOLUTIONS, item["solutionArn"])
    group = solution["datasetGroupArn"]
    imported = {job["datasetArn"] for job in IMPORTS.items(call).values() if job["status"] == "ACTIVE"}
    if not any(
        dataset["datasetArn"] in imported
        for dataset in DATASETS.items(call).values()
        if dataset["datasetGroupArn"] == group and dataset["datasetType"].endswith("INTERACTIONS")
    ):
        raise Invalid("There are no interactions in the dataset group: import some first.")
    item["solutionVersionArn"] = f"{solution['solutionArn']}/{identifier(8)}"
    taken = ("performHPO", "performAutoML", "recipeArn", "eventType", "datasetGroupArn", "solutionConfig")
    item |= {name: solution[name] for name in taken if name in solution}
    item |= {"trainingHours": 1.0, "trainingType": "MANUAL"}
    item.setdefault("trainingMode", "FULL")
    told = ("solutionVersionArn", "status", "trainingMode", "trainingType", "creationDateTime", "lastUpdatedDateTime")
    solution["latestSolutionVersion"] = {name: item[name] for name in told}


VERSIONS = Resource(
    SERVICE,
    "SolutionVersion",
    "key",
    arn_member="solutionVersionArn",
    status=ACTIVE,
    identity=identifier,
    equals={"solutionArn": "solutionArn"},
    created=_train,
)


def _stop(call: Call) -> None:
    arn = call.parameters["solutionVersionArn"]
    _require(call, VERSIONS, arn)
    raise InUse(f"The solution version {arn} is trained, and can't be stopped.")


def _campaign(call: Call, item: Item) -> None:
    """A campaign serves a version that is there, for at least one transaction a second."""
    version = _require(call, VERSIONS, item["solutionVersionArn"])
    item["solutionArn"] = version["solutionArn"]
    item.setdefault("minProvisionedTPS", 1)


def _recampaign(call: Call, item: Item) -> None:
    _campaign(call, item)
    now = utcnow()
    item["latestCampaignUpdate"] = {
        **{name: item[name] for name in ("solutionVersionArn", "minProvisionedTPS", "campaignConfig") if name in item},
        "status": "ACTIVE",
        "creationDateTime": now,
        "lastUpdatedDateTime": now,
    }


CAMPAIGNS = Resource(
    SERVICE,
    "Campaign",
    "name",
    "campaign/{}",
    arn_member="campaignArn",
    status=ACTIVE,
    equals={"solutionArn": "solutionArn"},
    created=_campaign,
    changed=_recampaign,
)


def _deleting(of: Resource, member: str, *resting: Resource) -> Callable[[Call], Any]:
    """A deletion that is refused while something rests on it."""

    def handler(call: Call) -> None:
        arn = of.find(call)[member]
        for other in resting:
            _free(call, other, member, arn)
        of.delete(call)

    return handler


def _delete_solution(call: Call) -> None:
    """The versions of a solution go with it; one that a campaign serves stays."""
    arn = SOLUTIONS.find(call)["solutionArn"]
    _free(call, CAMPAIGNS, "solutionArn", arn)
    versions = VERSIONS.items(call)
    for key in [key for key, version in versions.items() if version["solutionArn"] == arn]:
        del versions[key]
    SOLUTIONS.delete(call)


TAGGED = {
    "DatasetGroup": "datasetGroupArn",
    "Dataset": "datasetArn",
    "DatasetImportJob": "datasetImportJobArn",
    "Solution": "solutionArn",
    "SolutionVersion": "solutionVersionArn",
    "Campaign": "campaignArn",
}

EXTENSION = Extension(
    SERVICE,
    {
        **GROUPS.handlers(),
        **DATASETS.handlers(),
        **IMPORTS.handlers(),
        **SOLUTIONS.handlers(),
        **VERSIONS.handlers(),
        **CAMPAIGNS.handlers(),
        **Tagging(SERVICE, TAGGED).handlers(),
        "DeleteDatasetGroup": _deleting(GROUPS, "datasetGroupArn", DATASETS, SOLUTIONS),
        "DeleteSolution": _delete_solution,
        "StopSolutionVersionCreation": _stop,
        "ListRecipes": _list_recipes,
        "DescribeRecipe": _describe_recipe,
    },
)
