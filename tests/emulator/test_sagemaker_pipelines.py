from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION
from sagemaker_jobs import ROLE, XGBOOST

TOKEN = "0" * 32
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
PREPARE: dict[str, Any] = {
    "Name": "Prepare",
    "Type": "Processing",
    "Arguments": {
        "ProcessingResources": {"ClusterConfig": {**CLUSTER, "InstanceCount": {"Get": "Parameters.Machines"}}},
        "AppSpecification": {"ImageUri": "scripts:1"},
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "train",
                    "S3Output": {
                        "S3Uri": {"Std:Join": {"On": "/", "Values": ["s3://data", {"Get": "Execution.PipelineName"}]}},
                        "LocalPath": "/opt/out",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "RoleArn": ROLE,
    },
}
TRAIN: dict[str, Any] = {
    "Name": "Train",
    "Type": "Training",
    "Arguments": {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "HyperParameters": {"num_round": {"Get": "Parameters.Rounds"}},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"},
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://data/models/"},
        "ResourceConfig": CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "RoleArn": ROLE,
    },
}
EVALUATE: dict[str, Any] = {
    "Name": "Evaluate",
    "Type": "Processing",
    "DependsOn": ["Train"],
    "Arguments": {
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "AppSpecification": {"ImageUri": "scripts:1"},
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "report",
                    "S3Output": {"S3Uri": "s3://lab/report", "LocalPath": "/opt/out", "S3UploadMode": "EndOfJob"},
                }
            ]
        },
        "RoleArn": ROLE,
    },
    "PropertyFiles": [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "evaluation.json"}],
}
REGISTER: dict[str, Any] = {
    "Name": "Register",
    "Type": "RegisterModel",
    "Arguments": {
        "ModelPackageGroupName": "churn",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [
                {"Image": XGBOOST, "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}},
            ],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    },
}
WEAK = {
    "Name": "TooWeak",
    "Type": "Fail",
    "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["too", "weak"]}}},
}
GATE: dict[str, Any] = {
    "Name": "GoodEnough",
    "Type": "Condition",
    "DependsOn": ["Evaluate"],
    "Arguments": {
        "Conditions": [
            {
                "Type": "GreaterThanOrEqualTo",
                "LeftValue": {
                    "Std:JsonGet": {
                        "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"},
                        "Path": "metrics.auc['value']",
                    }
                },
                "RightValue": {"Get": "Parameters.Baseline"},
            }
        ],
        "IfSteps": [REGISTER],
        "ElseSteps": [WEAK],
    },
}
PARAMETERS = [
    {"Name": "Baseline", "Type": "Float", "DefaultValue": 0.8},
    {"Name": "Rounds", "Type": "String", "DefaultValue": "50"},
    {"Name": "Machines", "Type": "Integer", "DefaultValue": 1},
]


class Pipelines:
    """The pipelines of one client."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def create(self, *steps: dict[str, Any], name: str = "churn", **more: Any) -> str:
        definition = {"Version": "2020-12-01", "Parameters": PARAMETERS, "Steps": steps, **more}
        made = self.client.create_pipeline(
            PipelineName=name, PipelineDefinition=json.dumps(definition), ClientRequestToken=TOKEN, RoleArn=ROLE
        )
        return str(made["PipelineArn"])

    def run(self, number: int = 1, **given: Any) -> dict[str, Any]:
        token = f"{number:032}"
        asked = {"PipelineName": "churn", "ClientRequestToken": token, **given}
        arn = self.client.start_pipeline_execution(**asked)["PipelineExecutionArn"]
        found: dict[str, Any] = self.client.describe_pipeline_execution(PipelineExecutionArn=arn)
        return found

    def steps(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        arn = run["PipelineExecutionArn"]
        asked = {"PipelineExecutionArn": arn, "SortOrder": "Ascending", "MaxResults": 100}
        found = self.client.list_pipeline_execution_steps(**asked)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in found}


@pytest.fixture
def pipelines(aws: Client) -> Pipelines:
    return Pipelines(aws("sagemaker"))


def report(aws: Client, auc: float) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="lab")
    body = json.dumps({"metrics": {"auc": {"value": auc}}})
    s3.put_object(Bucket="lab", Key="report/evaluation.json", Body=body.encode())


def test_steps_make_what_they_describe(pipelines: Pipelines) -> None:
    arn = pipelines.create(GATE, EVALUATE, TRAIN, PREPARE)
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/churn"
    run = pipelines.run(
        PipelineParameters=[{"Name": "Rounds", "Value": "70"}, {"Name": "Machines", "Value": "2"}],
        PipelineExecutionDisplayName="first",
    )
    assert (run["PipelineExecutionStatus"], run["PipelineExecutionDisplayName"]) == ("Succeeded", "first")
    assert run["CreationTime"] < run["LastModifiedTime"]
    assert "IamIdentity" in run["CreatedBy"]
    steps = pipelines.steps(run)
    assert list(steps) == ["Prepare", "Train", "Evaluate", "GoodEnough", "Register"]
    for step in steps.values():
        assert step["StepStatus"] == "Succeeded"
        assert run["CreationTime"] <= step["StartTime"] < step["EndTime"] <= run["LastModifiedTime"]
    assert steps["GoodEnough"]["Metadata"]["Condition"]["Outcome"] == "True"
    client = pipelines.client
    name = steps["Prepare"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    prepared = client.describe_processing_job(ProcessingJobName=name)
    assert prepared["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 2
    name = steps["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    trained = client.describe_training_job(TrainingJobName=name)
    assert trained["HyperParameters"] == {"num_round": "70"}
    assert trained["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://data/churn"
    assert trained["CreationTime"] >= prepared["ProcessingEndTime"]
    [tag] = client.list_tags(ResourceArn=trained["TrainingJobArn"])["Tags"]
    assert tag == {"Key": "sagemaker:pipeline-execution-arn", "Value": run["PipelineExecutionArn"]}
    package = client.describe_model_package(ModelPackageName=steps["Register"]["Metadata"]["RegisterModel"]["Arn"])
    [container] = package["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == trained["ModelArtifacts"]["S3ModelArtifacts"]
    assert client.list_model_package_groups()["ModelPackageGroupSummaryList"][0]["ModelPackageGroupName"] == "churn"
    told = client.list_pipeline_parameters_for_execution(PipelineExecutionArn=run["PipelineExecutionArn"])
    assert [one["Name"] for one in told["PipelineParameters"]] == ["Rounds", "Machines"]
    definition = client.describe_pipeline_definition_for_execution(PipelineExecutionArn=run["PipelineExecutionArn"])
    assert json.loads(definition["PipelineDefinition"])["Steps"][3]["Name"] == "Prepare"


@pytest.mark.parametrize(("auc", "status", "last"), [(0.9, "Succeeded", "Register"), (0.7, "Failed", "TooWeak")])
def test_a_report_in_s3_decides(aws: Client, pipelines: Pipelines, auc: float, status: str, last: str) -> None:
    report(aws, auc)
    pipelines.create(PREPARE, TRAIN, EVALUATE, GATE)
    run = pipelines.run()
    steps = pipelines.steps(run)
    assert (run["PipelineExecutionStatus"], list(steps)[-1]) == (status, last)
    if status == "Failed":
        assert "TooWeak" in run["FailureReason"]
        assert steps["TooWeak"]["FailureReason"] == "too weak"
        assert steps["TooWeak"]["Metadata"] == {"Fail": {"ErrorMessage": "too weak"}}
        listed = pipelines.client.list_pipeline_executions(PipelineName="churn")["PipelineExecutionSummaries"]
        assert "TooWeak" in listed[0]["PipelineExecutionFailureReason"]
        strict = [{"Name": "Baseline", "Value": "0.5"}]
        assert pipelines.run(2, PipelineParameters=strict)["PipelineExecutionStatus"] == "Succeeded"


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ([{"Type": "Equals", "LeftValue": {"Get": "Parameters.Rounds"}, "RightValue": "50"}], "True"),
        ([{"Type": "LessThan", "LeftValue": {"Get": "Parameters.Baseline"}, "RightValue": 0.8}], "False"),
        ([{"Type": "In", "QueryValue": {"Get": "Parameters.Rounds"}, "Values": ["10", "50"]}], "True"),
        ([{"Type": "Not", "Expression": {"Type": "Equals", "LeftValue": 1, "RightValue": 1}}], "False"),
        (
            [
                {
                    "Type": "Or",
                    "Conditions": [
                        {"Type": "GreaterThan", "LeftValue": 1, "RightValue": 2},
                        {"Type": "LessThanOrEqualTo", "LeftValue": 1, "RightValue": 1},
                    ],
                }
            ],
            "True",
        ),
    ],
    ids=["equals", "less than", "in", "not", "or"],
)
def test_conditions(pipelines: Pipelines, conditions: list[Any], outcome: str) -> None:
    branches = {"IfSteps": [{"Name": "Yes", "Type": "Lambda"}], "ElseSteps": [{"Name": "No", "Type": "Lambda"}]}
    pipelines.create({"Name": "Gate", "Type": "Condition", "Arguments": {"Conditions": conditions, **branches}})
    steps = pipelines.steps(pipelines.run())
    assert steps["Gate"]["Metadata"]["Condition"]["Outcome"] == outcome
    assert list(steps) == ["Gate", "Yes" if outcome == "True" else "No"]


def test_models_tuning_transform_and_automl_are_steps(pipelines: Pipelines) -> None:
    definition = {
        **{
            name: value
            for name, value in TRAIN["Arguments"].items()
            if name not in ("HyperParameters", "InputDataConfig")
        },
        "StaticHyperParameters": {"num_round": "10"},
    }
    ranges = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}}
    tune = {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": ranges,
        },
        "TrainingJobDefinition": definition,
    }
    model = {"PrimaryContainer": {"Image": XGBOOST}, "ExecutionRoleArn": ROLE}
    batch = {
        "ModelName": {"Get": "Steps.Host.ModelName"},
        "TransformInput": {"DataSource": source},
        "TransformOutput": {"S3OutputPath": "s3://data/out/"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    automatic = {
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": source}],
        "OutputDataConfig": {"S3OutputPath": "s3://data/automl/"},
        "AutoMLProblemTypeConfig": {"ImageClassificationJobConfig": {}},
        "RoleArn": ROLE,
    }
    pipelines.create(
        {"Name": "Score", "Type": "Transform", "Arguments": batch},
        {"Name": "Host", "Type": "Model", "Arguments": model},
        {"Name": "Tune", "Type": "Tuning", "Arguments": tune},
        {"Name": "Try", "Type": "AutoML", "Arguments": automatic},
    )
    run = pipelines.run()
    assert run["PipelineExecutionStatus"] == "Succeeded"
    steps = pipelines.steps(run)
    client = pipelines.client
    assert steps["Host"]["Metadata"]["Model"]["Arn"] == client.list_models()["Models"][0]["ModelArn"]
    [tuned] = client.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    assert steps["Tune"]["Metadata"]["TuningJob"]["Arn"] == tuned["HyperParameterTuningJobArn"]
    [scored] = client.list_transform_jobs()["TransformJobSummaries"]
    assert steps["Score"]["Metadata"]["TransformJob"]["Arn"] == scored["TransformJobArn"]
    [tried] = client.list_auto_ml_jobs()["AutoMLJobSummaries"]
    assert steps["Try"]["Metadata"]["AutoMLJob"]["Arn"] == tried["AutoMLJobArn"]


def test_a_step_fails_as_its_call_would(pipelines: Pipelines) -> None:
    wrong = {**TRAIN, "Arguments": {**TRAIN["Arguments"], "ResourceConfig": {"InstanceCount": "many"}}}
    pipelines.create(PREPARE, wrong, EVALUATE)
    run = pipelines.run()
    steps = pipelines.steps(run)
    assert run["PipelineExecutionStatus"] == "Failed"
    assert list(steps) == ["Prepare", "Train"]
    assert "InstanceCount" in steps["Train"]["FailureReason"]
    lost = {"Name": "Score", "Type": "Transform", "Arguments": {"ModelName": {"Get": "Steps.Nothing.ModelName"}}}
    pipelines.create(lost, name="lost")
    run = pipelines.run(PipelineName="lost")
    assert run["PipelineExecutionStatus"] == "Failed"


def test_outlines_and_selected_steps(pipelines: Pipelines) -> None:
    pipelines.create({"Name": "a", "Type": "Training"}, {"Name": "b", "Type": "Lambda", "DependsOn": ["a"]})
    assert list(pipelines.steps(pipelines.run())) == ["a", "b"]
    selected = {"SelectedSteps": [{"StepName": "b"}]}
    run = pipelines.run(2, SelectiveExecutionConfig=selected)
    assert run["SelectiveExecutionConfig"] == selected
    assert list(pipelines.steps(run)) == ["b"]
    assert pipelines.client.list_training_jobs()["TrainingJobSummaries"] == []


def test_steps_that_compare_with_a_baseline_say_so(pipelines: Pipelines) -> None:
    check = {"CheckType": "DATA_BIAS", "SkipCheck": True, "RegisterNewBaseline": True, "ModelPackageGroupName": "churn"}
    whole = {**PREPARE, "Name": "Whole", "Type": "ClarifyCheck", **check}
    outline = {"Name": "Outline", "Type": "QualityCheck", "CheckType": "MODEL_QUALITY"}
    pipelines.create(whole, outline)
    run = pipelines.run()
    assert run["PipelineExecutionStatus"] == "Succeeded"
    steps = pipelines.steps(run)
    found = steps["Whole"]["Metadata"]["ClarifyCheck"]
    [job] = pipelines.client.list_processing_jobs()["ProcessingJobSummaries"]
    assert found == {**check, "CheckJobArn": job["ProcessingJobArn"]}
    assert steps["Outline"]["Metadata"] == {"QualityCheck": {"CheckType": "MODEL_QUALITY"}}


def test_a_comparison_fails_as_its_job_would(pipelines: Pipelines) -> None:
    arguments = {**PREPARE["Arguments"], "RoleArn": {"Get": "Steps.Nobody.Role"}}
    pipelines.create({"Name": "Check", "Type": "ClarifyCheck", "CheckType": "DATA_BIAS", "Arguments": arguments})
    run = pipelines.run()
    assert run["PipelineExecutionStatus"] == "Failed"
    assert "ClarifyCheck" not in pipelines.steps(run)["Check"].get("Metadata", {})


def test_an_execution_may_be_tracked_as_an_experiment(pipelines: Pipelines) -> None:
    config = {
        "ExperimentName": {"Get": "Execution.PipelineName"},
        "TrialName": {"Get": "Execution.PipelineExecutionId"},
    }
    pipelines.create(PREPARE, TRAIN, PipelineExperimentConfig=config)
    run = pipelines.run()
    code = run["PipelineExecutionArn"].rpartition("/")[2]
    assert run["PipelineExperimentConfig"] == {"ExperimentName": "churn", "TrialName": code}
    client = pipelines.client
    [experiment] = client.list_experiments()["ExperimentSummaries"]
    assert experiment["ExperimentSource"]["SourceArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/churn"
    assert len(client.list_trial_components(TrialName=code)["TrialComponentSummaries"]) == 2


def test_versions_updates_and_aliases(aws: Client, pipelines: Pipelines, refused: Refused) -> None:
    arn = pipelines.create({"Name": "a", "Type": "Lambda"})
    client = pipelines.client
    s3 = aws("s3")
    s3.create_bucket(Bucket="lab")
    text = json.dumps({"Version": "2020-12-01", "Steps": [{"Name": "b", "Type": "Lambda"}]})
    s3.put_object(Bucket="lab", Key="definition.json", Body=text.encode())
    place = {"Bucket": "lab", "ObjectKey": "definition.json"}
    changed = client.update_pipeline(PipelineName="churn", PipelineDefinitionS3Location=place, PipelineDescription="b")
    assert changed["PipelineVersionId"] == 2
    found = client.describe_pipeline(PipelineName="churn")
    assert (found["PipelineDefinition"], found["PipelineDescription"]) == (text, "b")
    assert found["LastModifiedTime"] >= found["CreationTime"]
    client.update_pipeline(PipelineName="churn", PipelineDescription="c")
    versions = client.list_pipeline_versions(PipelineName="churn")["PipelineVersionSummaries"]
    assert [one["PipelineVersionId"] for one in versions] == [2, 1]
    client.update_pipeline_version(
        PipelineArn=arn, PipelineVersionId=1, PipelineVersionAliasOperations={"Add": ["stable"]}
    )
    found = client.describe_pipeline(PipelineName="churn", PipelineVersionAlias="stable")
    assert json.loads(found["PipelineDefinition"])["Steps"][0]["Name"] == "a"
    run = pipelines.run(PipelineVersionAlias="stable")
    assert (run["PipelineVersionId"], list(pipelines.steps(run))) == (1, ["a"])
    assert pipelines.run(2)["PipelineVersionId"] == 2
    of_alias = client.list_pipeline_executions(PipelineName="churn", PipelineVersionAlias="stable")
    assert len(of_alias["PipelineExecutionSummaries"]) == 1
    assert refused(client.describe_pipeline, PipelineName="churn", PipelineVersionId=9) == "ResourceNotFound"
    lost = {**place, "ObjectKey": "none"}
    update = client.update_pipeline
    assert refused(update, PipelineName="churn", PipelineDefinitionS3Location=lost) == "ValidationException"
    assert refused(update, PipelineName="none") == "ResourceNotFound"
    assert refused(update, PipelineName="churn", PipelineDefinition="no json") == "ValidationException"
    assert client.describe_pipeline(PipelineName="churn")["PipelineDefinition"] == text


def test_lists_and_refusals(pipelines: Pipelines, refused: Refused) -> None:
    client = pipelines.client
    for name in ("churn", "claims", "fraud"):
        pipelines.create({"Name": "a", "Type": "Lambda"}, name=name)

    def names(**asked: Any) -> list[str]:
        return [one["PipelineName"] for one in client.list_pipelines(**asked)["PipelineSummaries"]]

    assert names() == ["fraud", "claims", "churn"]
    assert names(SortBy="Name", SortOrder="Ascending", PipelineNamePrefix="c") == ["churn", "claims"]
    # Moto cuts the page before it filters.
    assert names(PipelineNamePrefix="fr", MaxResults=1) == ["fraud"]
    assert names(ManagedBy="AWS") == []
    assert names(CreatedBefore="2020-01-01") == []
    runs = [pipelines.run(number) for number in range(12)]
    assert pipelines.run(0)["PipelineExecutionArn"] == runs[0]["PipelineExecutionArn"]
    first = client.list_pipeline_executions(PipelineName="churn")
    assert len(first["PipelineExecutionSummaries"]) == 10
    assert first["PipelineExecutionSummaries"][0]["PipelineExecutionArn"] == runs[-1]["PipelineExecutionArn"]
    rest = client.list_pipeline_executions(PipelineName="churn", NextToken=first["NextToken"])
    assert len(rest["PipelineExecutionSummaries"]) == 2
    assert client.list_pipelines(PipelineNamePrefix="churn")["PipelineSummaries"][0]["LastExecutionTime"]
    assert refused(pipelines.create, name="churn") == "ValidationException"
    create = client.create_pipeline
    given = {"PipelineName": "new", "ClientRequestToken": TOKEN, "RoleArn": ROLE}
    assert refused(create, **given) == "ValidationException"
    assert refused(create, PipelineDefinition="no json", **given) == "ValidationException"
    twice = json.dumps({"Steps": [{"Name": "a"}, {"Name": "a"}]})
    assert refused(create, PipelineDefinition=twice, **given) == "ValidationException"
    unknown = [{"Name": "Unknown", "Value": "1"}]
    assert refused(pipelines.run, number=99, PipelineParameters=unknown) == "ValidationException"
    assert refused(pipelines.run, PipelineName="none") == "ResourceNotFound"
    found = client.search(Resource="PipelineExecution", MaxResults=100)["Results"]
    assert len(found) == 12
    client.delete_pipeline(PipelineName="churn", ClientRequestToken=TOKEN)
    arn = runs[0]["PipelineExecutionArn"]
    assert refused(client.describe_pipeline_execution, PipelineExecutionArn=arn) == "ResourceNotFound"
    assert refused(client.describe_pipeline, PipelineName="churn") == "ResourceNotFound"


def test_an_execution_is_stopped_told_of_and_retried(pipelines: Pipelines, refused: Refused) -> None:
    pipelines.create(PREPARE, TRAIN)
    client = pipelines.client
    run = pipelines.run()
    named = {"PipelineExecutionArn": run["PipelineExecutionArn"]}
    assert refused(client.retry_pipeline_execution, ClientRequestToken=TOKEN, **named) == "ConflictException"
    client.stop_pipeline_execution(ClientRequestToken=TOKEN, **named)
    assert client.describe_pipeline_execution(**named)["PipelineExecutionStatus"] == "Stopped"
    assert [step["StepStatus"] for step in pipelines.steps(run).values()] == ["Stopped"]
    assert refused(client.stop_pipeline_execution, ClientRequestToken=TOKEN, **named) == "ConflictException"
    client.update_pipeline_execution(PipelineExecutionDescription="by hand", **named)
    client.retry_pipeline_execution(ClientRequestToken=TOKEN, **named)
    found = client.describe_pipeline_execution(**named)
    assert (found["PipelineExecutionStatus"], found["PipelineExecutionDescription"]) == ("Succeeded", "by hand")
    assert len(pipelines.steps(run)) == 2
