from __future__ import annotations

import datetime
import json
from typing import Any

import boto3
import msgspec
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
from readiness import Record
from readiness.aws import databrew
from readiness.aws.fsx import DataRepositoryAssociation, FileSystem, Lustre, Repository
from readiness.aws.sagemaker.pipelines import (
    BaselineCheck,
    CheckedExecution,
    PipelineDefinition,
    PipelineExecution,
    PipelineStepRun,
    StepMetadata,
)
from readiness.aws.sagemaker.registry import (
    BiasBaselines,
    BiasReports,
    DriftCheckBaselines,
    ModelMetrics,
    ModelPackageDecision,
    QualityReports,
    S3Report,
)
from readiness.aws.sagemaker.training import (
    AppSpecification,
    Channel,
    DataSource,
    FileSystemSource,
    ProcessingInput,
    ProcessingJob,
    S3Source,
    Shuffle,
    TrainingJob,
)
from readiness_mla.s13_integrity import (
    bias_measured_again,
    clarify_pretraining_bias_run,
    databrew_ruleset_validated,
    lustre_linked_to_s3,
    training_channel_from_efs,
    training_data_augmented,
    training_data_in_fsx,
    training_data_shuffled,
)
from sagemaker_jobs import AUTOPILOT, PYTORCH, REGISTRY, ROLE, start_training, training_job

DATASET = f"arn:aws:databrew:{REGION}:{ACCOUNT}:dataset/customers"
RULESET = f"arn:aws:databrew:{REGION}:{ACCOUNT}:ruleset/rules"
CLARIFY = f"205585389593.dkr.ecr.{REGION}.amazonaws.com/sagemaker-clarify-processing:1.0"
PICTURES = f"811284229777.dkr.ecr.{REGION}.amazonaws.com/image-classification:1"
EXECUTION = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/checks/execution/abc"
REPORT = S3Report(s3_uri="s3://data/bias.json")
JUMPSTART = {"sagemaker-sdk:jumpstart-model-id": "tensorflow-ic-efficientnet"}


def attached(*rulesets: str) -> list[databrew.ValidationConfiguration]:
    return [databrew.ValidationConfiguration(ruleset_arn=arn) for arn in rulesets]


def profile(*rulesets: str, kind: str = "PROFILE") -> databrew.Job:
    return databrew.Job(name="profile", type=kind, validation_configurations=attached(*rulesets))


def profiled(*rulesets: str, state: str = "SUCCEEDED", job: str = "profile") -> databrew.JobRun:
    return databrew.JobRun(name=job, run_id="1", state=state, validation_configurations=attached(*rulesets))


def rules(*disabled: bool) -> databrew.Ruleset:
    return databrew.Ruleset(
        name="rules", target_arn=DATASET, resource_arn=RULESET, rules=[databrew.Rule(disabled=one) for one in disabled]
    )


VALIDATED = [
    Case(databrew_ruleset_validated, "nothing there", [], "absent"),
    Case(databrew_ruleset_validated, "a run with rules", [profile(RULESET), profiled(RULESET), rules(False)], "passed"),
    Case(
        databrew_ruleset_validated,
        "one rule of two is disabled",
        [profile(RULESET), profiled(RULESET), rules(True, False)],
        "passed",
    ),
    Case(
        databrew_ruleset_validated,
        "all rules are disabled",
        [profile(RULESET), profiled(RULESET), rules(True)],
        "failed",
        bad=["disabled"],
    ),
    Case(
        databrew_ruleset_validated,
        "a ruleset that is gone",
        [profile(RULESET), profiled(RULESET)],
        "failed",
        bad=["disabled or gone"],
    ),
    Case(
        databrew_ruleset_validated,
        "a run that failed",
        [profile(RULESET), profiled(RULESET, state="FAILED"), rules(False)],
        "failed",
        bad=["no run that succeeded"],
    ),
    Case(
        databrew_ruleset_validated,
        "rules that were added after the run",
        [profile(RULESET), profiled(), rules(False)],
        "failed",
        bad=["no run that succeeded"],
    ),
    Case(
        databrew_ruleset_validated,
        "a run of another job",
        [profile(RULESET), profiled(RULESET, job="other"), rules(False)],
        "failed",
        bad=["no run that succeeded"],
    ),
    Case(databrew_ruleset_validated, "a profile without rules", [profile(), profiled()], "absent"),
    Case(databrew_ruleset_validated, "a recipe job", [profile(kind="RECIPE"), profiled()], "absent"),
    Case(databrew_ruleset_validated, "rules by which nobody validates", [rules(False)], "failed", bad=["no profile"]),
]


def processed(
    name: str, day: int, data: str = "", image: str = CLARIFY, status: str = "Completed", **more: Any
) -> ProcessingJob:
    inputs = {"analysis_config": f"s3://data/{name}.json", **({"dataset": data} if data else {})}
    return ProcessingJob(
        processing_job_name=name,
        processing_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/{name}",
        processing_job_status=status,
        creation_time=NOW - datetime.timedelta(days=30 - day),
        app_specification=AppSpecification(image_uri=image),
        processing_inputs=[
            ProcessingInput(input_name=one, s3_input=S3Source(s3_uri=uri)) for one, uri in inputs.items()
        ],
        **more,
    )


def trained_on(day: int, status: str = "Completed") -> TrainingJob:
    return TrainingJob(
        training_job_name="between",
        training_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/between",
        training_job_status=status,
        creation_time=NOW - datetime.timedelta(days=30 - day),
    )


def version(**more: Any) -> ModelPackageDecision:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/churn/1"
    return ModelPackageDecision(model_package_arn=arn, creation_time=NOW, **more)


def step(kind: str, status: str = "Succeeded", *, skip: bool = False, job: str | None = None) -> list[Record]:
    """What a step of a pipeline did."""
    check = BaselineCheck(check_type=kind, skip_check=skip, check_job_arn=job)
    return [
        PipelineStepRun(
            pipeline_execution_arn=EXECUTION,
            step_name="Check",
            step_status=status,
            metadata=StepMetadata(clarify_check=check),
        )
    ]


FIRST = processed("Clarify-Pretraining-Bias-1", 1, "s3://data/raw/")
RESAMPLED = processed("resample", 2, image=PYTORCH)
SECOND = processed("Clarify-Pretraining-Bias-2", 3, "s3://data/balanced/")

AGAIN = [
    Case(bias_measured_again, "nothing there", [], "absent"),
    Case(bias_measured_again, "on resampled data", [FIRST, RESAMPLED, SECOND], "passed"),
    Case(bias_measured_again, "in any order", [SECOND, FIRST, RESAMPLED], "passed"),
    Case(bias_measured_again, "after another training", [FIRST, trained_on(2), SECOND], "passed"),
    Case(bias_measured_again, "once", [FIRST, RESAMPLED], "failed", bad=["first time"]),
    Case(
        bias_measured_again,
        "a retry on the same data",
        [FIRST, RESAMPLED, processed("Clarify-Pretraining-Bias-2", 3, "s3://data/raw")],
        "failed",
        bad=["first time", "other data"],
    ),
    Case(bias_measured_again, "nothing done in between", [FIRST, SECOND], "failed", bad=["first time", "in between"]),
    Case(
        bias_measured_again,
        "a job after both",
        [FIRST, SECOND, trained_on(4)],
        "failed",
        bad=["first time", "in between"],
    ),
    Case(
        bias_measured_again,
        "a training that failed",
        [FIRST, SECOND, trained_on(2, "Failed")],
        "failed",
        bad=["first time", "in between"],
    ),
    Case(
        bias_measured_again,
        "of the data, and then of the model",
        [FIRST, trained_on(2), processed("Clarify-Posttraining-Bias-1", 3, "s3://data/test/")],
        "failed",
        bad=["first time", "first time"],
    ),
    Case(
        bias_measured_again,
        "of both, and then of the model",
        [
            processed("Clarify-Bias-1", 1, "s3://data/raw/"),
            trained_on(2),
            processed("Clarify-Posttraining-Bias-1", 3, "s3://data/test/"),
        ],
        "passed",
    ),
    Case(
        bias_measured_again,
        "data that nobody can tell",
        [processed("Clarify-Bias-1", 1), trained_on(2), processed("Clarify-Bias-2", 3, "s3://data/raw/")],
        "failed",
        bad=["first time", "other data"],
    ),
    Case(
        bias_measured_again,
        "explanations",
        [
            processed("Clarify-Explainability-1", 1, "s3://data/raw/"),
            trained_on(2),
            processed("Clarify-Explainability-2", 3, "s3://data/balanced/"),
        ],
        "absent",
    ),
    Case(
        bias_measured_again,
        "a schedule's and Autopilot's",
        [
            processed("bias-1", 1, "s3://data/raw/", monitoring_schedule_arn="arn:m"),
            trained_on(2),
            processed("bias-2", 3, "s3://data/balanced/", auto_ml_job_arn=AUTOPILOT),
        ],
        "absent",
    ),
    Case(
        bias_measured_again,
        "a second that failed",
        [FIRST, RESAMPLED, processed("Clarify-Pretraining-Bias-2", 3, "s3://data/balanced/", status="Failed")],
        "failed",
        bad=["first time"],
    ),
    Case(
        bias_measured_again,
        "limits in the registry",
        [version(drift_check_baselines=DriftCheckBaselines(bias=BiasBaselines(post_training_constraints=REPORT)))],
        "passed",
    ),
    Case(
        bias_measured_again,
        "other limits in the registry",
        [version(drift_check_baselines=DriftCheckBaselines(model_quality=QualityReports(constraints=REPORT)))],
        "absent",
    ),
    Case(bias_measured_again, "a pipeline that checks", step("DATA_BIAS"), "passed"),
    Case(bias_measured_again, "a pipeline that skips it", step("MODEL_BIAS", skip=True), "failed", bad=["skips"]),
    Case(bias_measured_again, "a step that failed", step("DATA_BIAS", "Failed"), "failed", bad=["failed"]),
    Case(bias_measured_again, "a step that explains", step("MODEL_EXPLAINABILITY"), "absent"),
    Case(clarify_pretraining_bias_run, "a step of a pipeline", step("DATA_BIAS"), "passed"),
    Case(
        clarify_pretraining_bias_run, "a first baseline", step("DATA_BIAS", skip=True, job="arn:processing"), "passed"
    ),
    Case(clarify_pretraining_bias_run, "a step that was skipped", step("DATA_BIAS", skip=True), "failed"),
    Case(clarify_pretraining_bias_run, "a step after training", step("MODEL_BIAS"), "absent"),
    Case(clarify_pretraining_bias_run, "a step that failed", step("DATA_BIAS", "Failed"), "failed", bad=["failed"]),
    Case(
        clarify_pretraining_bias_run,
        "a registered report",
        [version(model_metrics=ModelMetrics(bias=BiasReports(pre_training_report=REPORT)))],
        "passed",
    ),
    Case(
        clarify_pretraining_bias_run,
        "a registered report on predictions",
        [version(model_metrics=ModelMetrics(bias=BiasReports(post_training_report=REPORT)))],
        "absent",
    ),
]


def shuffling(**more: Any) -> TrainingJob:
    source = DataSource(s3_data_source=S3Source(s3_uri="s3://data/train/"))
    channel = Channel(channel_name="train", data_source=source, shuffle_config=Shuffle(seed=0))
    return msgspec.structs.replace(training_job(**more), input_data_config=[channel])


def switched(parameters: dict[str, str], **more: Any) -> TrainingJob:
    return training_job(parameters=parameters, **more)


PREPARED = [
    Case(training_data_shuffled, "nothing there", [], "absent"),
    Case(training_data_shuffled, "a channel with a seed", [shuffling()], "passed"),
    Case(training_data_shuffled, "no seed", [training_job()], "absent"),
    Case(training_data_shuffled, "a job that failed", [shuffling(status="Failed")], "failed", bad=["train"]),
    Case(training_data_shuffled, "Autopilot's own", [shuffling(auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(training_data_shuffled, "by a script", [switched({"shuffle": "True"}, image=PYTORCH)], "passed"),
    Case(training_data_shuffled, "a switch that is off", [switched({"shuffle": "False"}, image=PYTORCH)], "absent"),
    Case(
        training_data_shuffled,
        "the default of a JumpStart model",
        [switched({"shuffle": "True"}, image=PYTORCH, tags=JUMPSTART)],
        "absent",
    ),
    Case(training_data_augmented, "nothing there", [], "absent"),
    Case(training_data_augmented, "cropped", [switched({"augmentation_type": "crop"}, image=PICTURES)], "passed"),
    Case(training_data_augmented, "mixed up", [switched({"mixup": "0.2"}, image=PYTORCH)], "passed"),
    Case(training_data_augmented, "not mixed up", [switched({"mixup": "0"}, image=PYTORCH)], "absent"),
    Case(training_data_augmented, "no setting", [training_job(image=PICTURES)], "absent"),
    Case(
        training_data_augmented,
        "a JumpStart model that is told to",
        [switched({"augmentation": '"True"'}, image=PYTORCH, tags=JUMPSTART)],
        "passed",
    ),
    Case(
        training_data_augmented,
        "a JumpStart model's defaults",
        [
            switched(
                {"augmentation": "False", "augmentation_random_flip": "horizontal_and_vertical", "mixup": "0.2"},
                image=PYTORCH,
                tags=JUMPSTART,
            )
        ],
        "absent",
    ),
    Case(
        training_data_augmented,
        "a job that was stopped",
        [switched({"augmentation_type": "crop"}, image=PICTURES, status="Stopped")],
        "failed",
        bad=["crop"],
    ),
]


def mounting(kind: str, **more: Any) -> TrainingJob:
    source = DataSource(file_system_data_source=FileSystemSource(file_system_id="fs-1", file_system_type=kind))
    channel = Channel(channel_name="train", data_source=source)
    return msgspec.structs.replace(training_job(**more), input_data_config=[channel])


def lustre(imports: str | None = None, kind: str = "LUSTRE", state: str = "AVAILABLE") -> FileSystem:
    repository = Repository(import_path=imports) if imports else None
    return FileSystem(
        file_system_id="fs-1",
        file_system_type=kind,
        lifecycle=state,
        lustre_configuration=Lustre(data_repository_configuration=repository),
    )


def linked(system: str = "fs-1", place: str = "s3://data/train/", state: str = "AVAILABLE") -> Record:
    return DataRepositoryAssociation(
        association_id="dra-1", file_system_id=system, lifecycle=state, data_repository_path=place
    )


LUSTRE: dict[str, tuple[list[Record], bool]] = {
    "it imports": ([lustre("s3://data/train/")], True),
    "it is linked": ([lustre(), linked()], True),
    "no link": ([lustre()], False),
    "another's link": ([lustre(), linked("fs-2")], False),
    "a link that failed": ([lustre(), linked(state="FAILED")], False),
    "a link that is misconfigured": ([lustre(), linked(state="MISCONFIGURED")], False),
    "a link to something else": ([lustre(), linked(place="nfs://files/")], False),
}

MOUNTED = [
    Case(training_channel_from_efs, "nothing there", [], "absent"),
    Case(training_channel_from_efs, "a channel", [mounting("EFS")], "passed"),
    Case(training_channel_from_efs, "from S3", [training_job()], "absent"),
    Case(training_channel_from_efs, "from Lustre", [mounting("FSxLustre")], "absent"),
    Case(training_channel_from_efs, "a job that failed", [mounting("EFS", status="Failed")], "failed", bad=["train"]),
    Case(training_data_in_fsx, "nothing there", [], "absent"),
    Case(training_data_in_fsx, "a channel", [mounting("FSxLustre")], "passed"),
    Case(training_data_in_fsx, "from EFS", [mounting("EFS")], "absent"),
    Case(training_data_in_fsx, "a job that failed", [mounting("FSxLustre", status="Failed")], "failed", bad=["train"]),
    *(
        Case(training_data_in_fsx, title, records, "passed" if good else "absent")
        for title, (records, good) in LUSTRE.items()
    ),
    Case(lustre_linked_to_s3, "nothing there", [], "absent"),
    *(
        Case(lustre_linked_to_s3, title, records, "passed" if good else "failed")
        for title, (records, good) in LUSTRE.items()
    ),
    Case(lustre_linked_to_s3, "no Lustre", [lustre(kind="OPENZFS")], "absent"),
    Case(lustre_linked_to_s3, "not made yet", [lustre(state="CREATING")], "absent"),
    Case(lustre_linked_to_s3, "being deleted", [lustre(state="DELETING")], "absent"),
]

CASES: list[Case] = [*VALIDATED, *AGAIN, *PREPARED, *MOUNTED]


test_verdict = by_value(CASES)


def executed(number: int, status: str = "Succeeded", pipeline: str = "checks") -> PipelineExecution:
    return PipelineExecution(
        pipeline_name=pipeline,
        pipeline_execution_arn=f"{pipeline}/{number}",
        pipeline_execution_status=status,
        start_time=NOW + datetime.timedelta(days=number),
    )


@pytest.mark.parametrize(
    ("executions", "chosen"),
    [
        ([], []),
        ([executed(1), executed(2)], ["checks/2"]),
        ([executed(2), executed(1)], ["checks/2"]),
        ([executed(1), executed(2, "Failed")], ["checks/1"]),
        ([executed(1, "Failed"), executed(2, "Executing")], ["checks/2"]),
        ([executed(1, pipeline="trains"), executed(1)], ["checks/1"]),
    ],
)
def test_one_execution_is_looked_into(executions: list[PipelineExecution], chosen: list[str]) -> None:
    def steps(kind: str) -> str:
        return json.dumps({"Steps": [{"Name": "Step", "Type": kind}]})

    definitions = [
        PipelineDefinition(pipeline_name="checks", pipeline_definition=steps("QualityCheck")),
        PipelineDefinition(pipeline_name="trains", pipeline_definition=steps("Training")),
    ]
    found = CheckedExecution.derive(definitions, executions)
    assert [one.pipeline_execution_arn for one in found] == chosen


def client(service: str) -> Any:
    connect: Any = boto3.client  # its types know each service by its literal name only
    return connect(service, REGION)


def nothing() -> None:
    pass


def one_training() -> None:
    start_training("xgboost-1")


def dataset() -> None:
    client("s3").create_bucket(Bucket="data")
    client("s3").put_object(Bucket="data", Key="customers.csv", Body=b"id,age\n1,40\n")
    place = {"S3InputDefinition": {"Bucket": "data", "Key": "customers.csv"}}
    client("databrew").create_dataset(Name="customers", Input=place, Format="CSV")


def ruleset(*, disabled: bool = False) -> None:
    dataset()
    rule = {
        "Name": "complete",
        "Disabled": disabled,
        "CheckExpression": "AGG(MISSING_VALUES_PERCENTAGE) == :none",
        "SubstitutionMap": {":none": "0"},
        "ColumnSelectors": [{"Regex": ".*"}],
    }
    client("databrew").create_ruleset(Name="rules", TargetArn=DATASET, Rules=[rule])


def validate() -> None:
    client("databrew").create_profile_job(
        Name="profile",
        DatasetName="customers",
        RoleArn=ROLE,
        OutputLocation={"Bucket": "data", "Key": "profiles/"},
        ValidationConfigurations=[{"RulesetArn": RULESET}],
    )
    client("databrew").start_job_run(Name="profile")


def validated() -> None:
    ruleset()
    validate()


def validated_by_nothing() -> None:
    ruleset(disabled=True)
    validate()


def validated_once() -> None:
    validated()
    client("databrew").delete_job(Name="profile")
    client("databrew").delete_ruleset(Name="rules")


def processing(name: str, image: str, data: str) -> None:
    where = {"S3DataType": "S3Prefix", "S3InputMode": "File", "LocalPath": "/opt/ml/processing/input"}
    client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={"ImageUri": image},
        ProcessingInputs=[{"InputName": "dataset", "S3Input": {"S3Uri": data, **where}}],
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
        },
    )


def measured_once() -> None:
    processing("Clarify-Pretraining-Bias-1", CLARIFY, "s3://data/raw/")


def measured_again() -> None:
    measured_once()
    processing("resample", f"{REGISTRY}/sagemaker-scikit-learn:1.2-1", "s3://data/raw/")
    processing("Clarify-Pretraining-Bias-2", CLARIFY, "s3://data/balanced/")


def check_bias(*, skip: bool) -> None:
    check = {"Name": "Check", "Type": "ClarifyCheck", "CheckType": "DATA_BIAS", "SkipCheck": skip}
    definition = {"Version": "2020-12-01", "Steps": [{**check, "RegisterNewBaseline": True}]}
    client("sagemaker").create_pipeline(
        PipelineName="checks", PipelineDefinition=json.dumps(definition), RoleArn=ROLE, ClientRequestToken="a" * 32
    )
    client("sagemaker").start_pipeline_execution(PipelineName="checks", ClientRequestToken="b" * 32)


def gated() -> None:
    check_bias(skip=False)


def not_gated() -> None:
    check_bias(skip=True)


def no_longer_gated() -> None:
    gated()
    client("sagemaker").delete_pipeline(PipelineName="checks", ClientRequestToken="c" * 32)


def channels(source: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"InputDataConfig": [{"ChannelName": "train", "DataSource": source, "ContentType": "text/csv", **more}]}


def train_on(name: str, given: dict[str, Any]) -> None:
    """A training job whose data is not where it is by default."""
    client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": PICTURES, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://data/models/"},
        ResourceConfig={"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        **given,
    )


def shuffled() -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}}
    train_on("shuffled", channels(source, ShuffleConfig={"Seed": 7}))


def augmented() -> None:
    start_training("augmented", image=PICTURES, parameters={"num_classes": "2", "augmentation_type": "crop"})


def mounted(kind: str) -> None:
    source = {
        "FileSystemId": "fs-0123456789abcdef0",
        "FileSystemType": kind,
        "FileSystemAccessMode": "ro",
        "DirectoryPath": "/train",
    }
    train_on("mounted", channels({"FileSystemDataSource": source}))


def mounted_efs() -> None:
    mounted("EFS")


def mounted_lustre() -> None:
    mounted("FSxLustre")


def file_system() -> str:
    client("s3").create_bucket(Bucket="data")
    subnet = client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    made = client("fsx").create_file_system(
        FileSystemType="LUSTRE",
        StorageCapacity=1200,
        SubnetIds=[subnet],
        LustreConfiguration={"DeploymentType": "SCRATCH_2"},
    )
    return str(made["FileSystem"]["FileSystemId"])


def linked_file_system() -> str:
    name = file_system()
    client("fsx").create_data_repository_association(
        FileSystemId=name, FileSystemPath="/data", DataRepositoryPath="s3://data/train/"
    )
    return name


def deleted_file_system() -> None:
    client("fsx").delete_file_system(FileSystemId=linked_file_system())


EMULATED: list[Emulated] = [
    (databrew_ruleset_validated, dataset, "absent"),
    (databrew_ruleset_validated, ruleset, "failed"),
    (databrew_ruleset_validated, validated, "passed"),
    (databrew_ruleset_validated, validated_by_nothing, "failed"),
    (databrew_ruleset_validated, validated_once, "absent"),
    (bias_measured_again, nothing, "absent"),
    (bias_measured_again, measured_once, "failed"),
    (bias_measured_again, measured_again, "passed"),
    (bias_measured_again, gated, "passed"),
    (bias_measured_again, not_gated, "failed"),
    (bias_measured_again, no_longer_gated, "absent"),
    (clarify_pretraining_bias_run, gated, "passed"),
    (training_data_shuffled, one_training, "absent"),
    (training_data_shuffled, shuffled, "passed"),
    (training_data_augmented, one_training, "absent"),
    (training_data_augmented, augmented, "passed"),
    (training_channel_from_efs, one_training, "absent"),
    (training_channel_from_efs, mounted_efs, "passed"),
    (training_data_in_fsx, mounted_efs, "absent"),
    (training_data_in_fsx, mounted_lustre, "passed"),
    (training_data_in_fsx, linked_file_system, "passed"),
    (lustre_linked_to_s3, file_system, "failed"),
    (lustre_linked_to_s3, linked_file_system, "passed"),
    (lustre_linked_to_s3, deleted_file_system, "absent"),
]


test_emulated = by_calls(EMULATED)
