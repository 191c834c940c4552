from __future__ import annotations

import datetime
import itertools
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION
from sagemaker_jobs import PYTORCH, ROLE, XGBOOST, start_training

CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
S3 = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}}
LATE = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)


def arn(resource: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"


PROCESSING: dict[str, Any] = {
    "ProcessingInputs": [
        {
            "InputName": "raw",
            "S3Input": {"S3Uri": "s3://data/raw/", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix"},
        },
        {
            "InputName": "table",
            "DatasetDefinition": {
                "AthenaDatasetDefinition": {
                    "Catalog": "AwsDataCatalog",
                    "Database": "lab",
                    "QueryString": "select 1",
                    "OutputS3Uri": "s3://data/athena/",
                    "OutputFormat": "PARQUET",
                }
            },
        },
    ],
    "ProcessingOutputConfig": {
        "Outputs": [
            {"OutputName": "features", "FeatureStoreOutput": {"FeatureGroupName": "customers"}, "AppManaged": True},
            {
                "OutputName": "train",
                "S3Output": {"S3Uri": "s3://data/train/", "LocalPath": "/opt/out", "S3UploadMode": "EndOfJob"},
            },
        ],
        "KmsKeyId": "alias/lab",
    },
    "ProcessingResources": {"ClusterConfig": CLUSTER},
    "AppSpecification": {"ImageUri": "scripts:1", "ContainerArguments": ["--all"]},
    "Environment": {"STAGE": "lab"},
    "NetworkConfig": {
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    },
    "RoleArn": ROLE,
    "StoppingCondition": {"MaxRuntimeInSeconds": 600},
}
TRANSFORM: dict[str, Any] = {
    "ModelName": "churn",
    "MaxConcurrentTransforms": 2,
    "ModelClientConfig": {"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 1},
    "MaxPayloadInMB": 5,
    "BatchStrategy": "MultiRecord",
    "Environment": {"STAGE": "lab"},
    "TransformInput": {"DataSource": S3, "ContentType": "text/csv", "SplitType": "Line"},
    "TransformOutput": {"S3OutputPath": "s3://data/out/", "AssembleWith": "Line"},
    "DataCaptureConfig": {"DestinationS3Uri": "s3://data/captured/"},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input"},
}
TRAINING: dict[str, Any] = {
    "AlgorithmSpecification": {
        "TrainingImage": PYTORCH,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "validation:f1", "Regex": "f1=([0-9.]+)"}],
        "EnableSageMakerMetricsTimeSeries": True,
    },
    "RoleArn": ROLE,
    "HyperParameters": {"epochs": "3", "optimizer": "adam"},
    "InputDataConfig": [{"ChannelName": "train", "DataSource": S3, "InputMode": "FastFile"}],
    "OutputDataConfig": {"S3OutputPath": "s3://data/models/", "CompressionType": "NONE"},
    "ResourceConfig": CLUSTER,
    "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    "Environment": {"STAGE": "lab"},
    "RetryStrategy": {"MaximumRetryAttempts": 2},
    "ProfilerConfig": {"S3OutputPath": "s3://data/profiles/"},
    "RemoteDebugConfig": {"EnableRemoteDebug": True},
    "CheckpointConfig": {"S3Uri": "s3://data/checkpoints/"},
    "TensorBoardOutputConfig": {"S3OutputPath": "s3://data/boards/"},
}
COMPILATION: dict[str, Any] = {
    "RoleArn": ROLE,
    "InputConfig": {"S3Uri": "s3://data/model.tar.gz", "Framework": "PYTORCH", "DataInputConfig": "[1]"},
    "OutputConfig": {"S3OutputLocation": "s3://data/compiled/", "TargetPlatform": {"Os": "LINUX", "Arch": "ARM64"}},
    "StoppingCondition": {"MaxRuntimeInSeconds": 900},
}
SORTS = [
    ("processing", PROCESSING, "ValidationException"),
    ("transform", TRANSFORM, "ValidationException"),
    ("training", TRAINING, "ValidationException"),
    ("compilation", COMPILATION, "ResourceNotFound"),
]
DELETED = ["processing", "training", "compilation"]


class Jobs:
    """The calls about the jobs of one sort."""

    def __init__(self, client: Any, sort: str) -> None:
        self.client, self.sort, self.name = client, sort, f"{sort.title()}JobName"
        self.prefix = sort.title()

    def create(self, name: str, **given: Any) -> Any:
        return getattr(self.client, f"create_{self.sort}_job")(**{self.name: name}, **given)

    def describe(self, name: str) -> Any:
        return getattr(self.client, f"describe_{self.sort}_job")(**{self.name: name})

    def stop(self, name: str) -> Any:
        return getattr(self.client, f"stop_{self.sort}_job")(**{self.name: name})

    def delete(self, name: str) -> Any:
        return getattr(self.client, f"delete_{self.sort}_job")(**{self.name: name})

    def listed(self, **asked: Any) -> list[str]:
        found = getattr(self.client, f"list_{self.sort}_jobs")(**asked)[f"{self.prefix}JobSummaries"]
        return [one[self.name] for one in found]


@pytest.fixture
def client(aws: Client) -> Any:
    found = aws("sagemaker")
    found.create_model(ModelName="churn", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "churn:1"})
    return found


@pytest.mark.parametrize(("sort", "given", "_missing"), SORTS, ids=[row[0] for row in SORTS])
def test_nothing_of_a_job_is_lost_and_its_times_are_in_order(
    client: Any, sort: str, given: dict[str, Any], _missing: str
) -> None:
    jobs = Jobs(client, sort)
    made = jobs.create("one", **given, Tags=[{"Key": "Owner", "Value": "me"}])
    assert made[f"{jobs.prefix}JobArn"] == arn(f"{sort}-job/one")
    found = jobs.describe("one")
    assert {name: found[name] for name in given} == given
    start, end = found[f"{jobs.prefix}StartTime"], found[f"{jobs.prefix}EndTime"]
    assert found["CreationTime"] < start < end
    assert found[f"{jobs.prefix}JobStatus"].upper() == "COMPLETED"
    assert client.list_tags(ResourceArn=arn(f"{sort}-job/one"))["Tags"] == [{"Key": "Owner", "Value": "me"}]


@pytest.mark.parametrize(("sort", "given", "missing"), SORTS, ids=[row[0] for row in SORTS])
def test_jobs_are_listed_by_filter_order_and_page(
    client: Any, refused: Refused, sort: str, given: dict[str, Any], missing: str
) -> None:
    jobs = Jobs(client, sort)
    names = [f"job-{number:02}" for number in range(12)]
    for name in names:
        jobs.create(name, **given)
    assert refused(jobs.create, name="job-01", **given) == "ResourceInUse"
    assert jobs.listed(SortBy="Name", SortOrder="Descending", MaxResults=3) == ["job-11", "job-10", "job-09"]
    # Moto cuts the page before it filters.
    assert jobs.listed(NameContains="11", MaxResults=5) == ["job-11"]
    assert len(jobs.listed(CreationTimeBefore=LATE)) == 10
    assert jobs.listed(CreationTimeAfter=LATE) == []
    pages = client.get_paginator(f"list_{sort}_jobs").paginate(PaginationConfig={"PageSize": 5})
    assert sorted(one[jobs.name] for page in pages for one in page[f"{jobs.prefix}JobSummaries"]) == names
    assert refused(jobs.describe, name="none") == missing
    assert refused(jobs.stop, name="none") == missing
    jobs.stop("job-00")
    assert jobs.describe("job-00")[f"{jobs.prefix}JobStatus"].upper() == "STOPPED"
    assert refused(jobs.stop, name="job-00") == "ValidationException"
    status = "STOPPED" if sort == "compilation" else "Stopped"
    assert jobs.listed(StatusEquals=status) == ["job-00"]
    if sort in DELETED:
        jobs.delete("job-00")
        assert refused(jobs.describe, name="job-00") == missing
        jobs.create("job-00", **given)


def test_what_does_not_fit_is_refused(client: Any, refused: Refused) -> None:
    def training(**given: Any) -> str:
        return refused(client.create_training_job, TrainingJobName="one", **{**TRAINING, **given})

    both = {"TrainingImage": "a", "AlgorithmName": "b", "TrainingInputMode": "File"}
    assert training(AlgorithmSpecification=both) == "ValidationException"
    assert training(EnableManagedSpotTraining=True) == "ValidationException"
    short = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 60}
    assert training(EnableManagedSpotTraining=True, StoppingCondition=short) == "ValidationException"
    assert training(ExperimentConfig={"ExperimentName": "none"}) == "ValidationException"
    create = client.create_transform_job
    assert refused(create, TransformJobName="one", **{**TRANSFORM, "ModelName": "none"}) == "ValidationException"
    compiled = {name: value for name, value in COMPILATION.items() if name != "InputConfig"}
    assert refused(client.create_compilation_job, CompilationJobName="one", **compiled) == "ValidationException"


def test_spot_training_is_billed_for_less_and_transitions_tell_the_way(client: Any) -> None:
    start_training("plain")
    waits = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 3600}
    start_training("spot", EnableManagedSpotTraining=True, StoppingCondition=waits)
    plain, spot = (client.describe_training_job(TrainingJobName=name) for name in ("plain", "spot"))
    assert plain["BillableTimeInSeconds"] == plain["TrainingTimeInSeconds"] > 0
    assert 0 < spot["BillableTimeInSeconds"] < spot["TrainingTimeInSeconds"]
    ran = plain["TrainingEndTime"] - plain["TrainingStartTime"]
    assert ran.total_seconds() == plain["TrainingTimeInSeconds"]
    transitions = plain["SecondaryStatusTransitions"]
    assert [one["Status"] for one in transitions] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    for one, following in itertools.pairwise(transitions):
        assert one["StartTime"] <= one["EndTime"] == following["StartTime"]
    client.stop_training_job(TrainingJobName="spot")
    stopped = client.describe_training_job(TrainingJobName="spot")
    assert stopped["SecondaryStatus"] == "Stopped"
    assert "BillableTimeInSeconds" not in stopped
    assert stopped["SecondaryStatusTransitions"][-1]["Status"] == "Stopped"


def test_a_job_runs_no_longer_than_it_may(client: Any) -> None:
    start_training("short", StoppingCondition={"MaxRuntimeInSeconds": 30})
    assert client.describe_training_job(TrainingJobName="short")["TrainingTimeInSeconds"] == 30


def test_only_what_was_told_and_defined_is_a_final_metric(aws: Client, client: Any) -> None:
    start_training("built-in", XGBOOST)
    client.create_training_job(TrainingJobName="script", **TRAINING)
    for name in ("built-in", "script"):
        assert "FinalMetricDataList" not in client.describe_training_job(TrainingJobName=name)
        assert "test:dcg" not in str(client.describe_training_job(TrainingJobName=name))
    points = [
        {"MetricName": metric, "Timestamp": datetime.datetime.now(datetime.UTC), "Step": step, "Value": step / 10}
        for metric in ("validation:f1", "validation:auc")
        for step in (1, 2, 3)
    ]
    metrics = aws("sagemaker-metrics")
    for name in ("built-in", "script"):
        told = metrics.batch_put_metrics(TrialComponentName=f"{name}-aws-training-job", MetricData=points)
        assert told.get("Errors", []) == []
    errors = metrics.batch_put_metrics(TrialComponentName="none", MetricData=points)["Errors"]
    assert [one["MetricIndex"] for one in errors] == list(range(6))

    def final(name: str) -> dict[str, float]:
        found = client.describe_training_job(TrainingJobName=name)["FinalMetricDataList"]
        return {one["MetricName"]: round(one["Value"], 3) for one in found}

    assert final("built-in") == {"validation:f1": 0.3, "validation:auc": 0.3}
    assert final("script") == {"validation:f1": 0.3}
    datum = {
        "MetricName": "validation:f1",
        "Value": 0.8,
        "Dimensions": [{"Name": "TrainingJobName", "Value": "script"}],
    }
    aws("cloudwatch").put_metric_data(Namespace="/aws/sagemaker/TrainingJobs", MetricData=[datum])
    assert final("script") == {"validation:f1": 0.8}
    [found] = client.search(
        Resource="TrainingJob",
        SearchExpression={"Filters": [{"Name": "TrainingJobName", "Operator": "Equals", "Value": "script"}]},
    )["Results"]
    assert [one["MetricName"] for one in found["TrainingJob"]["FinalMetricDataList"]] == ["validation:f1"]
    client.delete_training_job(TrainingJobName="script")
    client.create_training_job(TrainingJobName="script", **TRAINING)
    assert final("built-in")


def test_warm_pools_rules_and_updates(client: Any, refused: Refused) -> None:
    warm = {**CLUSTER, "KeepAlivePeriodInSeconds": 600}
    rule = {"RuleConfigurationName": "LossNotDecreasing", "RuleEvaluatorImage": "rules:1"}
    given = {"ResourceConfig": warm, "DebugRuleConfigurations": [rule]}
    client.create_training_job(TrainingJobName="warm", **{**TRAINING, **given})
    found = client.describe_training_job(TrainingJobName="warm")
    assert found["WarmPoolStatus"]["Status"] == "Available"
    assert [one["RuleEvaluationStatus"] for one in found["DebugRuleEvaluationStatuses"]] == ["NoIssuesFound"]
    jobs = Jobs(client, "training")
    assert jobs.listed(WarmPoolStatusEquals="Available") == ["warm"]
    assert jobs.listed(WarmPoolStatusEquals="Reused") == []
    assert refused(client.delete_training_job, TrainingJobName="warm") == "ResourceInUse"
    client.update_training_job(TrainingJobName="warm", ResourceConfig={"KeepAlivePeriodInSeconds": 0})
    found = client.describe_training_job(TrainingJobName="warm")
    assert found["ResourceConfig"] == {**CLUSTER, "KeepAlivePeriodInSeconds": 0}
    client.delete_training_job(TrainingJobName="warm")


def test_search_knows_filters_order_and_pages(client: Any) -> None:
    for number in range(6):
        tags = [{"Key": "Owner", "Value": "me" if number % 2 else "you"}]
        start_training(f"job-{number}", parameters={"eta": str(number / 10)}, Tags=tags)

    def found(*filters: tuple[str, str, str], **more: Any) -> list[str]:
        told = [dict(zip(("Name", "Operator", "Value"), one, strict=True)) for one in filters]
        expression = {**({"Filters": told} if told else {}), **more}
        asked: dict[str, Any] = {"SortBy": "CreationTime", "SortOrder": "Ascending"}
        results = client.search(Resource="TrainingJob", SearchExpression=expression, **asked)["Results"]
        return [one["TrainingJob"]["TrainingJobName"] for one in results]

    assert found(("Tags.Owner", "Equals", "me")) == ["job-1", "job-3", "job-5"]
    # Moto ends at the first filter for a tag.
    assert found(("Tags.Owner", "Equals", "me"), ("TrainingJobName", "Contains", "3")) == ["job-3"]
    assert found(("HyperParameters.eta", "GreaterThan", "0.35")) == ["job-4", "job-5"]
    assert found(("HyperParameters.eta", "LessThanOrEqualTo", "0.1")) == ["job-0", "job-1"]
    assert found(("CreationTime", "LessThan", "2020-01-01")) == []
    assert found(("TuningJobArn", "NotExists", "-")) == [f"job-{number}" for number in range(6)]
    assert found(("TrainingJobName", "NotEquals", "job-0"), ("Tags.Owner", "NotEquals", "me")) == ["job-2", "job-4"]
    either = [("TrainingJobName", "Equals", "job-1"), ("TrainingJobName", "Equals", "job-2")]
    assert found(*either, Operator="Or") == ["job-1", "job-2"]
    channel = {"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": "train"}
    nested = {"NestedPropertyName": "InputDataConfig", "Filters": [channel]}
    assert len(found(NestedFilters=[nested])) == 6
    both = [{"Filters": [{"Name": "TrainingJobName", "Operator": "In", "Value": "job-1,job-4"}]}]
    assert found(SubExpressions=both) == ["job-1", "job-4"]
    first = client.search(Resource="TrainingJob", MaxResults=4, SortBy="TrainingJobName", SortOrder="Descending")
    assert first["Results"][0]["TrainingJob"]["TrainingJobName"] == "job-5"
    rest = client.search(Resource="TrainingJob", SortBy="TrainingJobName", NextToken=first["NextToken"])
    assert len(rest["Results"]) == 2
    assert [one["Model"]["Model"]["ModelName"] for one in client.search(Resource="Model")["Results"]] == ["churn"]
    variant = {"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client.create_endpoint_config(EndpointConfigName="live", ProductionVariants=[variant])
    client.create_endpoint(EndpointName="live", EndpointConfigName="live")
    [endpoint] = client.search(Resource="Endpoint")["Results"]
    assert endpoint["Endpoint"]["EndpointArn"] == arn("endpoint/live")


def test_a_version_is_compiled_by_what_it_tells(client: Any, refused: Refused) -> None:
    client.create_model_package_group(ModelPackageGroupName="churn")
    container = {"Image": "i:1", "ModelDataUrl": "s3://data/churn.tar.gz", "Framework": "PYTORCH"}
    for told in (container, {"Image": "i:1"}):
        client.create_model_package(
            ModelPackageGroupName="churn",
            InferenceSpecification={
                "Containers": [told],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )
    given = {name: value for name, value in COMPILATION.items() if name != "InputConfig"}
    create = client.create_compilation_job
    create(CompilationJobName="one", ModelPackageVersionArn=arn("model-package/churn/1"), **given)
    found = client.describe_compilation_job(CompilationJobName="one")
    assert found["InputConfig"] == {"S3Uri": "s3://data/churn.tar.gz", "Framework": "PYTORCH"}
    assert found["ModelArtifacts"]["S3ModelArtifacts"] == "s3://data/compiled/churn-LINUX-ARM64.tar.gz"
    assert "DerivedInformation" not in found
    for version in ("2", "9"):
        asked = {"ModelPackageVersionArn": arn(f"model-package/churn/{version}"), **given}
        assert refused(create, CompilationJobName="two", **asked) == "ValidationException"
