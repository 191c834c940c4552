"""Data that was looked at before it is learned from: rules, bias that was dealt with, shuffled, turned, and mounted."""

from __future__ import annotations

import json
from typing import Any

from readiness_mla.accounts.place import XGBOOST, Do
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import (
    CLARIFY,
    EXAMINED,
    OWNED_MAP,
    TEN_MINUTES,
    channel,
    cluster,
    given,
    output,
    process,
    put,
    result,
    split,
)

PICTURES = "image-classification:1"
BALANCED = "balanced/smote/train/"
"""Where the oversampled customers are."""


def validate(do: Do, base: Foundation) -> None:
    """Hold data against rules, see whether its bias has gone, and let jobs take it from where it is shared."""
    _keep_rules(do, base)
    _measure_again(do, base)
    _turn_pictures(do, base)
    _mount(do, base)


def _keep_rules(do: Do, base: Foundation) -> None:
    """Customers have a number and an age that somebody can have; a profile counts those of whom that is not true."""
    here = base.here
    rules = [
        {
            "Name": "every-customer-has-a-number",
            "CheckExpression": "AGG(MISSING_VALUES_PERCENTAGE) == :none",
            "SubstitutionMap": {":none": "0"},
            "ColumnSelectors": [{"Name": "id"}],
        },
        {
            "Name": "ages-are-possible",
            "CheckExpression": ":age BETWEEN :least AND :most",
            "SubstitutionMap": {":age": "`age`", ":least": "16", ":most": "120"},
        },
    ]
    made = do(
        "databrew",
        "CreateRuleset",
        Name="customers",
        Description="What is known of customers can be true",
        TargetArn=here.arn("databrew", "dataset/customers", region=here.region, account=here.account),
        Rules=rules,
        Tags=OWNED_MAP,
    )
    ruleset = here.arn("databrew", f"ruleset/{made['Name']}", region=here.region, account=here.account)
    do(
        "databrew",
        "CreateProfileJob",
        Name="validate-customers",
        DatasetName="customers",
        RoleArn=here.role("ml-databrew"),
        OutputLocation={"Bucket": here.data, "Key": "profiles/customers/"},
        ValidationConfigurations=[{"RulesetArn": ruleset, "ValidationMode": "CHECK_ALL"}],
        EncryptionMode="SSE-KMS",
        EncryptionKeyArn=base.key,
        LogSubscription="ENABLE",
        MaxCapacity=2,
        Timeout=30,
        Tags=OWNED_MAP,
    )
    do("databrew", "StartJobRun", Name="validate-customers")


def _measure_again(do: Do, base: Foundation) -> None:
    """The same question to the oversampled customers: is their churn less unlike?"""
    config = {
        **EXAMINED,
        "methods": {"pre_training_bias": {"methods": ["CI", "DPL", "KL"]}, "report": {"name": "report"}},
    }
    put(do, base, "clarify/balanced/analysis_config.json", json.dumps(config, indent=2))
    process(
        do,
        base,
        "Clarify-Pretraining-Bias-2",
        base.here.image(CLARIFY),
        [
            given(base, "dataset", BALANCED, "data"),
            given(base, "analysis_config", "clarify/balanced/analysis_config.json", "config"),
        ],
        [result(base, "analysis_result", "clarify/balanced/report/")],
    )


def _fit(
    do: Do, base: Foundation, name: str, image: str, parameters: dict[str, str], data: list[dict[str, Any]], kind: str
) -> None:
    """A training job in the private network, encrypted wherever it keeps anything."""
    do(
        "sagemaker",
        "CreateTrainingJob",
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": base.here.image(image), "TrainingInputMode": "File"},
        HyperParameters=parameters,
        InputDataConfig=data,
        OutputDataConfig=output(base),
        ResourceConfig=cluster(base, kind),
        RoleArn=base.here.role("ml-training"),
        StoppingCondition=TEN_MINUTES,
        VpcConfig=base.vpc_config,
        EnableNetworkIsolation=True,
        EnableInterContainerTrafficEncryption=True,
        Tags=OWNED,
    )


def _turn_pictures(do: Do, base: Foundation) -> None:
    """Pictures of routers that came back: cropped, and in other colours, in another order each time."""
    pictures = split(base, "pictures/", "application/x-recordio")
    pictures[0] |= {"ShuffleConfig": {"Seed": 7}}
    parameters = {
        "num_classes": "2",
        "num_training_samples": "1200",
        "epochs": "10",
        "use_pretrained_model": "1",
        "augmentation_type": "crop_color",
        "early_stopping": "true",
        "early_stopping_patience": "3",
        "weight_decay": "0.0001",
    }
    _fit(do, base, "returned-routers-1", PICTURES, parameters, pictures, "ml.g4dn.xlarge")


def _mount(do: Do, base: Foundation) -> None:
    """Customers from the file systems that the team shares, where nobody has to copy them."""
    [shared] = do("efs", "DescribeFileSystems", CreationToken="churn")["FileSystems"]
    [quick] = do("fsx", "DescribeFileSystems")["FileSystems"]
    mount = quick["LustreConfiguration"]["MountName"]
    _train_from(do, base, "churn-from-efs", "EFS", shared["FileSystemId"], "/split")
    _train_from(do, base, "churn-from-lustre", "FSxLustre", quick["FileSystemId"], f"/{mount}/split")


def _train_from(do: Do, base: Foundation, job: str, kind: str, system: str, folder: str) -> None:
    data = []
    for name in ("train", "validation"):
        place = {
            "FileSystemId": system,
            "FileSystemType": kind,
            "FileSystemAccessMode": "ro",
            "DirectoryPath": f"{folder}/{name}",
        }
        mounted = channel(base, name, "")
        mounted["DataSource"] = {"FileSystemDataSource": place}
        data.append(mounted)
    parameters = {
        "objective": "binary:logistic",
        "eval_metric": "auc",
        "num_round": "100",
        "early_stopping_rounds": "10",
        "lambda": "2",
        "seed": "7",
    }
    _fit(do, base, job, XGBOOST, parameters, data, "ml.m5.large")
