from __future__ import annotations

import datetime
import json
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value, judged
from readiness import Record
from readiness.aws import databrew, glue
from readiness.aws.comprehend import PiiJob
from readiness.aws.comprehend_medical import PhiJob
from readiness.aws.efs import FileSystem
from readiness.aws.firehose import DeliveryStream, StreamEncryption
from readiness.aws.glue_security import (
    AtRest,
    CatalogEncryption,
    EncryptionConfiguration,
    S3Encryption,
    SecurityConfiguration,
)
from readiness.aws.guardrails import Guardrail, Sensitive, SensitivePolicy
from readiness.aws.iam import (
    Boundary,
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
)
from readiness.aws.kafka import Cluster as KafkaCluster
from readiness.aws.kafka import EncryptionInfo, InTransit, Provisioned
from readiness.aws.kinesis import Stream
from readiness.aws.kinesis import StreamEncryption as DataStreamEncryption
from readiness.aws.lakeformation import CellsFilter, Wildcard
from readiness.aws.logs import LogGroup
from readiness.aws.macie import AutomatedDiscovery, ClassificationJob, LastRun, Statistics
from readiness.aws.organizations import OPT_OUT, SERVICE_CONTROL, OrganizationPolicy, Target
from readiness.aws.s3 import Bucket, BucketReplication, ReplicaPlace
from readiness.aws.sagemaker.automl import AutoMLJob, ProblemTypeConfig, TabularConfig
from readiness.aws.sagemaker.training import (
    Algorithm,
    AppSpecification,
    Channel,
    Cluster,
    DataSource,
    HyperParameters,
    InstanceGroup,
    NetworkConfig,
    ProcessingJob,
    ProcessingOutput,
    ProcessingOutputs,
    ProcessingResources,
    ProcessingS3Output,
    S3Source,
    TrainingCluster,
    TrainingJob,
)
from readiness.aws.transcribe import Redaction, TranscriptionJob
from readiness.aws.usage import UsageSeries
from readiness_mla.s13_integrity import (
    Residency,
    data_catalog_encrypted,
    data_stays_in_region,
    data_streams_encrypted,
    delivery_streams_encrypted,
    distributed_jobs_encrypt_traffic,
    file_systems_encrypted,
    glue_jobs_secured,
    imbalance_countered,
    kafka_clusters_encrypt_traffic,
    region_policy_set,
    sensitive_data_masked,
    sensitive_data_searched,
    synthetic_data_made,
)

XGBOOST = "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-execution"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
DAY = datetime.timedelta(days=1)


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def training(name: str = "job", *, status: str = "Completed", **more: Any) -> TrainingJob:
    source = S3Source(s3_uri="s3://data/train/")
    return TrainingJob(
        training_job_name=name,
        training_job_arn=arn("sagemaker", f"training-job/{name}"),
        training_job_status=status,
        creation_time=NOW,
        algorithm_specification=Algorithm(training_image=XGBOOST),
        input_data_config=[Channel(channel_name="train", data_source=DataSource(s3_data_source=source))],
        **more,
    )


def processing(name: str = "prep", *, status: str = "Completed", place: str = "out", **more: Any) -> ProcessingJob:
    output = ProcessingOutput(output_name="data", s3_output=ProcessingS3Output(s3_uri=f"s3://data/{place}"))
    return ProcessingJob(
        processing_job_name=name,
        processing_job_arn=arn("sagemaker", f"processing-job/{name}"),
        processing_job_status=status,
        creation_time=NOW,
        app_specification=AppSpecification(image_uri="sklearn"),
        processing_output_config=ProcessingOutputs(outputs=[output]),
        **more,
    )


def machines(count: int, *, encrypted: bool = False, **more: Any) -> ProcessingJob:
    return processing(
        processing_resources=ProcessingResources(cluster_config=Cluster(instance_count=count)),
        network_config=NetworkConfig(enable_inter_container_traffic_encryption=encrypted),
        **more,
    )


TWO = TrainingCluster(instance_type="ml.m5.large", instance_count=2)
GROUPS = TrainingCluster(instance_groups=[InstanceGroup(instance_type="ml.m5.large", instance_count=1)] * 2)

TRAFFIC = [
    Case(distributed_jobs_encrypt_traffic, "nothing there", [], "absent"),
    Case(distributed_jobs_encrypt_traffic, "one machine", [training(), machines(1)], "absent"),
    Case(
        distributed_jobs_encrypt_traffic,
        "encrypted",
        [training(resource_config=TWO, enable_inter_container_traffic_encryption=True), machines(3, encrypted=True)],
        "passed",
    ),
    Case(
        distributed_jobs_encrypt_traffic,
        "groups of machines in plain",
        [training(resource_config=GROUPS)],
        "failed",
        bad=["its 2 machines"],
    ),
    Case(distributed_jobs_encrypt_traffic, "processing in plain", [machines(2)], "failed", bad=["processing-job"]),
    Case(
        distributed_jobs_encrypt_traffic,
        "failed jobs, and a monitor's",
        [
            training(resource_config=TWO, status="Failed"),
            machines(2, status="Failed"),
            machines(2, monitoring_schedule_arn=arn("sagemaker", "monitoring-schedule/m")),
        ],
        "absent",
    ),
]

STREAM = Stream(stream_name="clicks", stream_arn=arn("kinesis", "stream/clicks"), stream_status="ACTIVE")


def held(how: str | None) -> DataStreamEncryption:
    return DataStreamEncryption(stream_arn=STREAM.stream_arn, encryption_type=how)


def delivery(kind: str = "DirectPut", status: str | None = None) -> DeliveryStream:
    return DeliveryStream(
        delivery_stream_name="clicks",
        delivery_stream_arn=arn("firehose", "deliverystream/clicks"),
        delivery_stream_status="ACTIVE",
        delivery_stream_type=kind,
        delivery_stream_encryption_configuration=StreamEncryption(status=status) if status else None,
    )


def brokers(clients: str, *, inside: bool = True) -> KafkaCluster:
    info = EncryptionInfo(encryption_in_transit=InTransit(client_broker=clients, in_cluster=inside))
    return KafkaCluster(
        cluster_arn=arn("kafka", "cluster/clicks/1"),
        cluster_type="PROVISIONED",
        provisioned=Provisioned(encryption_info=info),
    )


def file_system(*, encrypted: bool) -> FileSystem:
    return FileSystem(file_system_id="fs-1", life_cycle_state="available", creation_time=NOW, encrypted=encrypted)


STORES = [
    Case(data_streams_encrypted, "nothing there", [], "absent"),
    Case(data_streams_encrypted, "by KMS", [STREAM, held("KMS")], "passed"),
    Case(data_streams_encrypted, "not at all", [STREAM, held("NONE")], "failed", bad=["stream/clicks"]),
    Case(data_streams_encrypted, "nothing said", [STREAM, held(None)], "failed", bad=["not encrypted"]),
    Case(delivery_streams_encrypted, "nothing there", [], "absent"),
    Case(delivery_streams_encrypted, "on", [delivery(status="ENABLED")], "passed"),
    Case(delivery_streams_encrypted, "never switched on", [delivery()], "failed", bad=["not encrypted"]),
    Case(delivery_streams_encrypted, "switched off", [delivery(status="DISABLED")], "failed", bad=["not encrypted"]),
    Case(delivery_streams_encrypted, "fed by a stream", [delivery("KinesisStreamAsSource")], "absent"),
    Case(kafka_clusters_encrypt_traffic, "nothing there", [], "absent"),
    Case(kafka_clusters_encrypt_traffic, "TLS", [brokers("TLS")], "passed"),
    Case(kafka_clusters_encrypt_traffic, "both ways", [brokers("TLS_PLAINTEXT")], "failed", bad=["TLS_PLAINTEXT"]),
    Case(
        kafka_clusters_encrypt_traffic,
        "nothing said",
        [KafkaCluster(cluster_arn=arn("kafka", "cluster/p/1"), cluster_type="PROVISIONED")],
        "absent",
    ),
    Case(kafka_clusters_encrypt_traffic, "within", [brokers("TLS", inside=False)], "failed", bad=["brokers talk"]),
    Case(
        kafka_clusters_encrypt_traffic,
        "serverless",
        [KafkaCluster(cluster_arn=arn("kafka", "cluster/s/1"), cluster_type="SERVERLESS")],
        "passed",
    ),
    Case(file_systems_encrypted, "nothing there", [], "absent"),
    Case(file_systems_encrypted, "encrypted", [file_system(encrypted=True)], "passed"),
    Case(file_systems_encrypted, "not encrypted", [file_system(encrypted=False)], "failed", bad=["file-system/fs-1"]),
]


def table(location: str = "s3://data/customers/") -> glue.Table:
    storage = glue.Storage(columns=[glue.Column(name="id")], location=location)
    return glue.Table(name="customers", database_name="churn", storage_descriptor=storage)


def catalog(mode: str) -> CatalogEncryption:
    return CatalogEncryption(encryption_at_rest=AtRest(catalog_encryption_mode=mode))


def secured(mode: str, name: str = "encrypted") -> SecurityConfiguration:
    configuration = EncryptionConfiguration(s3_encryption=[S3Encryption(mode=mode)])
    return SecurityConfiguration(name=name, encryption_configuration=configuration)


JOB = glue.Job(name="to-parquet", security_configuration="encrypted")

GLUE = [
    Case(data_catalog_encrypted, "nothing there", [], "absent"),
    Case(
        data_catalog_encrypted, "no table of one's own", [catalog("SSE-KMS"), table("s3://athena-examples/x")], "absent"
    ),
    Case(data_catalog_encrypted, "by KMS", [catalog("SSE-KMS"), table()], "passed"),
    Case(data_catalog_encrypted, "by a role", [catalog("SSE-KMS-WITH-SERVICE-ROLE"), table()], "passed"),
    Case(data_catalog_encrypted, "off", [catalog("DISABLED"), table()], "failed", bad=["catalog"]),
    Case(data_catalog_encrypted, "nothing set", [CatalogEncryption(), table()], "failed", bad=["catalog"]),
    Case(glue_jobs_secured, "nothing there", [secured("SSE-KMS")], "absent"),
    Case(glue_jobs_secured, "by KMS", [JOB, secured("SSE-KMS")], "passed"),
    Case(glue_jobs_secured, "by S3's keys", [JOB, secured("SSE-S3")], "failed", bad=["does not encrypt by KMS"]),
    Case(glue_jobs_secured, "switched off", [JOB, secured("DISABLED")], "failed", bad=["does not encrypt by KMS"]),
    Case(glue_jobs_secured, "none named", [glue.Job(name="j"), secured("SSE-KMS")], "failed", bad=["it names no"]),
    Case(glue_jobs_secured, "one that is gone", [JOB, secured("SSE-KMS", "other")], "failed", bad=["is not there"]),
]


def weighed(status: str = "Completed", **parameters: str) -> TrainingJob:
    return training(status=status, hyper_parameters=HyperParameters(**parameters))


def automl(column: str | None = "weight", status: str = "Completed") -> AutoMLJob:
    tabular = TabularConfig(sample_weight_attribute_name=column)
    return AutoMLJob(
        auto_ml_job_name="auto",
        auto_ml_job_arn=arn("sagemaker", "automl-job/auto"),
        auto_ml_job_status=status,
        creation_time=NOW,
        auto_ml_problem_type_config=ProblemTypeConfig(tabular_job_config=tabular),
    )


WEIGHTS: dict[str, dict[str, str]] = {
    "a factor": {"scale_pos_weight": "9"},
    "a switch": {"is_unbalance": "True"},
    "a switch as a number": {"csv_weights": "1"},
    "a way": {"positive_example_weight_mult": "balanced"},
    "a class weight, as JSON": {"class_weight": '"balanced"'},
    "several classes": {"balance_multiclass_weights": "true"},
}
DEFAULTS: dict[str, dict[str, str]] = {
    "a factor of one": {"scale_pos_weight": "1", "positive_example_weight_mult": "1.0"},
    "a switch that is off": {"is_unbalance": "False", "csv_weights": "0", "use_weighted_loss": "0"},
    "no class weight": {"class_weight": "None"},
    "something else": {"eta": "0.2"},
}

IMBALANCE = [
    Case(imbalance_countered, "nothing there", [], "absent"),
    *(Case(imbalance_countered, title, [weighed(**given)], "passed") for title, given in WEIGHTS.items()),
    *(Case(imbalance_countered, title, [weighed(**given)], "absent") for title, given in DEFAULTS.items()),
    Case(
        imbalance_countered, "a job that failed", [weighed("Failed", scale_pos_weight="9")], "failed", bad=["is Failed"]
    ),
    Case(imbalance_countered, "weights of Autopilot", [automl()], "passed"),
    Case(imbalance_countered, "Autopilot without", [automl(None)], "absent"),
    Case(imbalance_countered, "Autopilot that was stopped", [automl(status="Stopped")], "failed", bad=["Stopped"]),
    Case(imbalance_countered, "a name that says so", [processing("Over-Sample-churn")], "passed"),
    Case(imbalance_countered, "a name of something else", [processing("sample-churn")], "absent"),
    Case(imbalance_countered, "a place alone", [processing(place="undersampled/")], "absent"),
    Case(
        imbalance_countered, "a job that goes on", [processing("resampling", status="InProgress")], "failed", bad=["it"]
    ),
    Case(
        imbalance_countered,
        "a monitor's job",
        [processing("resampling", monitoring_schedule_arn=arn("sagemaker", "monitoring-schedule/m"))],
        "absent",
    ),
    Case(synthetic_data_made, "nothing there", [], "absent"),
    Case(synthetic_data_made, "by its name", [processing("SMOTE-churn")], "passed"),
    Case(synthetic_data_made, "by its output", [processing(place="synthetic/train/")], "passed"),
    Case(synthetic_data_made, "another job", [processing()], "absent"),
    Case(synthetic_data_made, "failed", [processing("smote", status="Failed")], "failed", bad=["Failed"]),
]

MASKED = databrew.RecipeVersion(
    name="mask",
    resource_arn=arn("databrew", "recipe/mask"),
    recipe_version="1.0",
    published_date=NOW - 2 * DAY,
    steps=[databrew.Step(action=databrew.Action(operation="MASK_CUSTOM"))],
)
WORKED_ON = databrew.Recipe(
    name="mask", resource_arn=arn("databrew", "recipe/mask"), recipe_version="1.1", last_modified_date=NOW - 3 * DAY
)
REFERENCE = databrew.RecipeReference(name="mask", recipe_version="1.0")
MASKS = [WORKED_ON, MASKED, databrew.Job(name="mask", type="RECIPE", recipe_reference=REFERENCE)]


def applied(state: str = "SUCCEEDED") -> databrew.JobRun:
    return databrew.JobRun(name="mask", run_id="1", state=state, started_on=NOW - DAY, recipe_reference=REFERENCE)


def visual(kind: str) -> glue.Job:
    nodes = {"node-1": {"PIIDetection": {"Name": "Personal data", "Inputs": ["node-0"], "PiiType": kind}}}
    return glue.Job(name="pii", last_modified_on=NOW - 2 * DAY, code_gen_configuration_nodes=nodes)


VISUAL_RUN = glue.JobRun(id="jr-1", job_name="pii", job_run_state="SUCCEEDED", started_on=NOW - DAY)


def documents(mode: str, status: str = "COMPLETED") -> PiiJob:
    return PiiJob(job_id="1", job_status=status, mode=mode)


def guardrail(*actions: str, status: str = "READY", **more: Any) -> Guardrail:
    policy = SensitivePolicy(pii_entities=[Sensitive(action=action, **more) for action in actions])
    found = policy if actions else None
    return Guardrail(id="g", arn=arn("bedrock", "guardrail/g"), status=status, sensitive_information_policy=found)


def cells(*columns: str, account: str = ACCOUNT) -> CellsFilter:
    wildcard = Wildcard(excluded_column_names=list(columns))
    return CellsFilter(
        table_catalog_id=account, database_name="churn", table_name="customers", name="f", column_wildcard=wildcard
    )


def logs(status: str | None) -> LogGroup:
    name = "/aws/sagemaker/Endpoints/churn"
    return LogGroup(log_group_name=name, arn=arn("logs", f"log-group:{name}:*"), data_protection_status=status)


def transcript(redaction: Redaction | None) -> TranscriptionJob:
    return TranscriptionJob(
        transcription_job_name="call", transcription_job_status="COMPLETED", content_redaction=redaction
    )


PLAIN_STEP = [databrew.Step(action=databrew.Action(operation="UPPER_CASE"))]

MASKING = [
    Case(sensitive_data_masked, "nothing there", [], "absent"),
    Case(sensitive_data_masked, "a recipe that was applied", [*MASKS, applied()], "passed"),
    Case(
        sensitive_data_masked, "a recipe whose run failed", [*MASKS, applied("FAILED")], "failed", bad=["recipe/mask"]
    ),
    Case(sensitive_data_masked, "a recipe that nobody runs", MASKS, "failed", bad=["no job has applied"]),
    Case(
        sensitive_data_masked,
        "a recipe that masks nothing",
        [databrew.RecipeVersion(name="mask", recipe_version="1.0", published_date=NOW, steps=PLAIN_STEP)],
        "absent",
    ),
    Case(sensitive_data_masked, "a visual job", [visual("RowMasking"), VISUAL_RUN], "passed"),
    Case(sensitive_data_masked, "a visual job, never run", [visual("ColumnHashing")], "failed", bad=["job/pii"]),
    Case(sensitive_data_masked, "a visual job that only looks", [visual("RowAudit"), VISUAL_RUN], "absent"),
    Case(sensitive_data_masked, "redacted documents", [documents("ONLY_REDACTION")], "passed"),
    Case(
        sensitive_data_masked,
        "a redaction that failed",
        [documents("ONLY_REDACTION", "FAILED")],
        "failed",
        bad=["FAILED"],
    ),
    Case(sensitive_data_masked, "documents that were searched", [documents("ONLY_OFFSETS")], "absent"),
    Case(sensitive_data_masked, "a redacted transcript", [transcript(Redaction(redaction_type="PII"))], "passed"),
    Case(sensitive_data_masked, "a transcript of everything", [transcript(None)], "absent"),
    Case(sensitive_data_masked, "a guardrail that masks", [guardrail("BLOCK", "ANONYMIZE")], "passed"),
    Case(sensitive_data_masked, "a guardrail that blocks", [guardrail("BLOCK")], "failed", bad=["masks none"]),
    Case(
        sensitive_data_masked,
        "a guardrail that masks answers only",
        [guardrail("BLOCK", output_action="ANONYMIZE")],
        "passed",
    ),
    Case(
        sensitive_data_masked,
        "a guardrail that is switched off",
        [guardrail("ANONYMIZE", input_enabled=False, output_enabled=False)],
        "absent",
    ),
    Case(sensitive_data_masked, "a guardrail that only looks", [guardrail("NONE")], "absent"),
    Case(sensitive_data_masked, "a guardrail against hate", [guardrail()], "absent"),
    Case(
        sensitive_data_masked,
        "a broken guardrail",
        [guardrail("ANONYMIZE", status="FAILED")],
        "failed",
        bad=["it masks"],
    ),
    Case(sensitive_data_masked, "a filter of columns", [cells("name", "age")], "passed"),
    Case(sensitive_data_masked, "a filter of rows", [cells()], "absent"),
    Case(sensitive_data_masked, "a filter of another account", [cells("name", account="999999999999")], "absent"),
    Case(sensitive_data_masked, "logs that mask", [logs("ACTIVATED")], "passed"),
    Case(sensitive_data_masked, "logs that did", [logs("DELETED"), logs(None)], "absent"),
]


def macie(status: str, runs: float = 1, error: str = "NONE") -> ClassificationJob:
    return ClassificationJob(
        job_id="1",
        job_status=status,
        last_run_error_status=LastRun(code=error),
        statistics=Statistics(number_of_runs=runs),
    )


def profile(*types: str) -> databrew.ProfileSetup:
    detector = databrew.EntityDetectorConfiguration(entity_types=list(types))
    return databrew.ProfileSetup(
        name="profile",
        resource_arn=arn("databrew", "job/profile"),
        profile_configuration=databrew.ProfileConfiguration(entity_detector_configuration=detector),
    )


PROFILED: list[Record] = [
    databrew.Job(name="profile", type="PROFILE"),
    databrew.JobRun(name="profile", run_id="1", state="SUCCEEDED", started_on=NOW),
]

SEARCH = [
    Case(sensitive_data_searched, "nothing there", [], "absent"),
    Case(sensitive_data_searched, "a job of Macie", [macie("COMPLETE")], "passed"),
    Case(sensitive_data_searched, "a scheduled job of Macie", [macie("IDLE", 3)], "passed"),
    Case(sensitive_data_searched, "one before its first run", [macie("IDLE", 0)], "failed", bad=["0 runs"]),
    Case(sensitive_data_searched, "one that was cancelled", [macie("CANCELLED")], "failed", bad=["CANCELLED"]),
    Case(
        sensitive_data_searched, "one that may not look", [macie("COMPLETE", error="ERROR")], "failed", bad=["refused"]
    ),
    Case(sensitive_data_searched, "Macie by itself", [AutomatedDiscovery(status="ENABLED")], "passed"),
    Case(sensitive_data_searched, "Macie on, and idle", [AutomatedDiscovery(status="DISABLED")], "absent"),
    Case(sensitive_data_searched, "a profile", [profile("USA_SSN"), *PROFILED], "passed"),
    Case(sensitive_data_searched, "a profile, never run", [profile("USA_SSN")], "failed", bad=["never run"]),
    Case(sensitive_data_searched, "a profile of numbers", [profile(), *PROFILED], "absent"),
    Case(sensitive_data_searched, "a visual job", [visual("RowAudit"), VISUAL_RUN], "passed"),
    Case(sensitive_data_searched, "a visual job, never run", [visual("RowAudit")], "failed", bad=["never run"]),
    Case(sensitive_data_searched, "documents", [documents("ONLY_OFFSETS")], "passed"),
    Case(sensitive_data_searched, "no documents", [documents("ONLY_OFFSETS", "FAILED")], "failed", bad=["FAILED"]),
    Case(sensitive_data_searched, "health data", [PhiJob(job_id="1", job_status="COMPLETED")], "passed"),
    Case(
        sensitive_data_searched, "no health data", [PhiJob(job_id="1", job_status="FAILED")], "failed", bad=["FAILED"]
    ),
    Case(
        sensitive_data_searched,
        "texts",
        [UsageSeries(label="Comprehend/DetectPiiEntities", values=[2.0])],
        "passed",
    ),
    Case(
        sensitive_data_searched,
        "texts about health",
        [UsageSeries(label="Comprehend Medical/DetectPHI", values=[1.0])],
        "passed",
    ),
    Case(
        sensitive_data_searched,
        "texts for something else",
        [UsageSeries(label="Comprehend/DetectSentiment", values=[2.0])],
        "absent",
    ),
]


def stay(operator: str = "StringNotEquals", effect: str = "Deny", *regions: str) -> dict[str, Any]:
    condition = {operator: {"aws:RequestedRegion": list(regions) or ["eu-central-1"]}}
    statement = {"Effect": effect, "NotAction": ["iam:*"], "Resource": "*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


VIA = {"Bool": {"aws:ViaAWSService": "false"}}
OTHER = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": VIA}],
}


def managed(document: Any, attached: int = 1, path: str = "policy/stay", **more: Any) -> ManagedPolicy:
    version = PolicyVersion(version_id="v1", document=document, is_default_version=True)
    return ManagedPolicy(
        arn=f"arn:aws:iam::{ACCOUNT}:{path}",
        default_version_id="v1",
        policy_name="stay",
        attachment_count=attached,
        policy_version_list=[version],
        **more,
    )


def role(name: str = "ml", *documents: Any, **more: Any) -> Role:
    return Role(
        role_name=name,
        role_id="AROA1",
        arn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        path="/",
        create_date=NOW,
        assume_role_policy_document={},
        role_policy_list=[InlinePolicy(policy_name="p", policy_document=document) for document in documents],
        **more,
    )


def inline(document: Any) -> list[InlinePolicy]:
    return [InlinePolicy(policy_name="p", policy_document=document)]


BOUND = managed(stay(), 0)


def above(content: Any, kind: str = SERVICE_CONTROL, targets: int = 1) -> OrganizationPolicy:
    return OrganizationPolicy(
        id="p-1",
        arn=f"arn:aws:organizations::{ACCOUNT}:policy/o-1/{kind.lower()}/p-1",
        content=content if isinstance(content, str) else json.dumps(content),
        targets=[Target(type="ROOT")] * targets,
    )


def opted(value: str) -> dict[str, Any]:
    return {"services": {"default": {"opt_out_policy": {"@@assign": value}}}}


POLICIES = [
    Case(region_policy_set, "nothing there", [], "absent"),
    Case(region_policy_set, "a policy that is attached", [managed(stay())], "passed"),
    Case(region_policy_set, "a policy that nobody has", [BOUND], "failed", bad=["attached to nothing"]),
    Case(region_policy_set, "a boundary", [managed(stay(), 0, permissions_boundary_usage_count=1)], "passed"),
    Case(
        region_policy_set,
        "a boundary that only the role tells",
        [BOUND, role(permissions_boundary=Boundary(permissions_boundary_arn=BOUND.arn))],
        "passed",
    ),
    Case(region_policy_set, "in a role", [role("ml", OTHER, stay())], "passed"),
    Case(
        region_policy_set,
        "in a user",
        [User(user_name="u", arn=f"arn:aws:iam::{ACCOUNT}:user/u", user_policy_list=inline(stay()))],
        "passed",
    ),
    Case(
        region_policy_set,
        "in a group",
        [Group(group_name="g", arn=f"arn:aws:iam::{ACCOUNT}:group/g", group_policy_list=inline(stay()))],
        "passed",
    ),
    Case(region_policy_set, "allowed in one region", [role("ml", stay("StringEquals", "Allow"))], "passed"),
    Case(region_policy_set, "as one of several", [role("ml", stay("ForAnyValue:StringNotLike"))], "passed"),
    Case(region_policy_set, "any region", [role("ml", stay("StringNotLike", "Deny", "*"))], "absent"),
    Case(region_policy_set, "no comparison", [role("ml", stay("Null", "Deny", "true"))], "absent"),
    Case(region_policy_set, "another condition", [role("ml", OTHER), managed(OTHER)], "absent"),
    Case(region_policy_set, "a role of AWS's tools", [role("AWSReservedSSO_Admin_1", stay())], "absent"),
    Case(region_policy_set, "a console's policy", [managed(stay(), path="policy/service-role/stay")], "absent"),
    Case(
        region_policy_set,
        "a version that is not in force",
        [
            ManagedPolicy(
                arn=BOUND.arn,
                default_version_id="v2",
                attachment_count=1,
                policy_version_list=[
                    PolicyVersion(version_id="v1", document=stay()),
                    PolicyVersion(version_id="v2", document=OTHER, is_default_version=True),
                ],
            )
        ],
        "absent",
    ),
    Case(region_policy_set, "of the organization", [above(stay())], "passed"),
    Case(region_policy_set, "of the organization, unused", [above(stay(), targets=0)], "failed", bad=["to nothing"]),
    Case(region_policy_set, "of the organization, on else", [above(OTHER)], "absent"),
    Case(region_policy_set, "nothing kept", [above(opted("optOut"), OPT_OUT)], "passed"),
    Case(region_policy_set, "something kept", [above(opted("optIn"), OPT_OUT)], "absent"),
    *(
        Case(region_policy_set, f"a policy about nothing: {text}", [above(text, OPT_OUT)], "absent")
        for text in ("{}", '{"services":[1]}', '{"services":{"default":{"opt_out_policy":"optOut"}}}', "[[1]]")
    ),
]

HERE = Bucket(name="data", bucket_region=REGION)
AWAY = Bucket(name="data", bucket_region="eu-west-1")


def copied(to: str, status: str = "Enabled") -> BucketReplication:
    return BucketReplication(bucket="data", status=status, destination=ReplicaPlace(bucket=f"arn:aws:s3:::{to}"))


COPY = Bucket(name="copy", bucket_region="eu-west-1")
TABLE = [glue.Database(name="churn"), table()]

RESIDENCY = [
    Case(data_stays_in_region, "nothing there", [], "absent"),
    Case(data_stays_in_region, "a bucket of no concern", [AWAY], "absent"),
    Case(data_stays_in_region, "where it is used", [HERE, training()], "passed"),
    Case(data_stays_in_region, "elsewhere", [AWAY, training()], "failed", bad=["eu-west-1"]),
    Case(data_stays_in_region, "a table over another region", [AWAY, *TABLE], "failed", bad=["read by a table"]),
    Case(
        data_stays_in_region,
        "elsewhere, where it may be",
        [AWAY, training()],
        "passed",
        settings=[Residency(regions=[REGION, "eu-west-1"])],
    ),
    Case(
        data_stays_in_region,
        "here, where it may not be",
        [HERE, training()],
        "failed",
        bad=[REGION],
        settings=[Residency(regions=["eu-west-1"])],
    ),
    Case(data_stays_in_region, "nobody knows where", [Bucket(name="data"), training()], "absent"),
    Case(data_stays_in_region, "data of somebody else", [HERE, *TABLE[:1], table("s3://theirs/x")], "absent"),
    Case(
        data_stays_in_region, "copied", [HERE, COPY, training(), copied("copy")], "failed", bad=["copied to eu-west-1"]
    ),
    Case(data_stays_in_region, "no longer copied", [HERE, COPY, training(), copied("copy", "Disabled")], "passed"),
    Case(data_stays_in_region, "copied nobody knows where", [HERE, training(), copied("theirs")], "passed"),
    Case(
        data_stays_in_region,
        "copied to where it may be",
        [HERE, COPY, training(), copied("copy")],
        "passed",
        settings=[Residency(regions=[REGION, "eu-west-1"])],
    ),
]

CASES: list[Case] = [*TRAFFIC, *STORES, *GLUE, *IMBALANCE, *MASKING, *SEARCH, *POLICIES, *RESIDENCY]

test_verdict = by_value(CASES)


def test_a_policy_of_the_organization_keeps_its_rules_only() -> None:
    policy = above(stay("StringNotEquals", "Deny", "eu-central-1", "eu-west-1"))
    assert policy.content == '["only in eu-central-1, eu-west-1"]'
    assert above(policy.content).rules == policy.rules


@pytest.mark.parametrize("text", ["", "{", "7", "[" * 100_000])
def test_what_is_no_policy_of_an_organization_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|no policy|too deeply"):
        above(text)


CHECK: Any = region_policy_set


def test_what_is_denied_somewhere_is_allowed_elsewhere() -> None:
    [finding] = judged(CHECK.check, [role("ml", stay("StringEquals", "Deny", "us-west-1"))]).findings
    assert finding.note == "not in us-west-1"


@pytest.mark.parametrize("unread", [ManagedPolicy, OrganizationPolicy])
def test_what_one_source_shows_is_enough(unread: type[Record]) -> None:
    shown: Record = above(stay()) if unread is ManagedPolicy else managed(stay())
    assert judged(CHECK.check, [shown], unread=[unread]).verdict == "passed"
    assert judged(CHECK.check, [], unread=[unread]).verdict == "unknown"


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")


def trained(machines: int = 1, *, encrypted: bool = False, **parameters: str) -> None:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://training-data/train/"}
    client("sagemaker").create_training_job(
        TrainingJobName="churn",
        AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        OutputDataConfig={"S3OutputPath": "s3://training-data/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": machines, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        EnableInterContainerTrafficEncryption=encrypted,
        HyperParameters={"num_round": "10", **parameters},
    )


def one_machine() -> None:
    trained()


def two_machines() -> None:
    trained(2)


def two_machines_encrypted() -> None:
    trained(2, encrypted=True)


def weighed_classes() -> None:
    trained(scale_pos_weight="9")


def even_classes() -> None:
    trained(scale_pos_weight="1")


def processed(name: str) -> None:
    client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        AppSpecification={"ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1"},
        RoleArn=ROLE,
        ProcessingResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}},
    )


def smote_job() -> None:
    processed("smote-churn")


def other_job() -> None:
    processed("clean-churn")


def stream() -> None:
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)


def encrypted_stream() -> None:
    stream()
    client("kinesis").start_stream_encryption(StreamName="clicks", EncryptionType="KMS", KeyId="alias/aws/kinesis")


def no_stream() -> None:
    encrypted_stream()
    client("kinesis").delete_stream(StreamName="clicks")


def delivered(**more: Any) -> None:
    client("s3").create_bucket(Bucket="data")
    client("firehose").create_delivery_stream(
        DeliveryStreamName="clicks",
        ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::data"},
        **more,
    )


def plain_delivery() -> None:
    delivered()


def encrypted_delivery() -> None:
    delivered(DeliveryStreamEncryptionConfigurationInput={"KeyType": "AWS_OWNED_CMK"})


def delivery_encrypted_later() -> None:
    delivered()
    client("firehose").start_delivery_stream_encryption(
        DeliveryStreamName="clicks", DeliveryStreamEncryptionConfigurationInput={"KeyType": "AWS_OWNED_CMK"}
    )


def no_delivery() -> None:
    encrypted_delivery()
    client("firehose").delete_delivery_stream(DeliveryStreamName="clicks")


def subnets() -> list[str]:
    """Those of the network that every account has."""
    return [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]


def kafka(clients: str) -> None:
    client("kafka").create_cluster_v2(
        ClusterName="clicks",
        Provisioned={
            "BrokerNodeGroupInfo": {"ClientSubnets": subnets(), "InstanceType": "kafka.t3.small"},
            "KafkaVersion": "3.6.0",
            "NumberOfBrokerNodes": 2,
            "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": clients, "InCluster": True}},
        },
    )


def kafka_by_tls() -> None:
    kafka("TLS")


def kafka_in_plain() -> None:
    kafka("TLS_PLAINTEXT")


def serverless_kafka() -> None:
    network = [{"SubnetIds": subnets()}]
    authentication = {"Sasl": {"Iam": {"Enabled": True}}}
    client("kafka").create_cluster_v2(
        ClusterName="clicks", Serverless={"VpcConfigs": network, "ClientAuthentication": authentication}
    )


def encrypted_files() -> None:
    client("efs").create_file_system(CreationToken="data", Encrypted=True)


def plain_files() -> None:
    client("efs").create_file_system(CreationToken="data")


def no_kafka() -> None:
    serverless_kafka()
    [cluster] = client("kafka").list_clusters_v2()["ClusterInfoList"]
    client("kafka").delete_cluster(ClusterArn=cluster["ClusterArn"])


def no_files() -> None:
    made = client("efs").create_file_system(CreationToken="data")
    client("efs").delete_file_system(FileSystemId=made["FileSystemId"])


def described_data() -> None:
    client("glue").create_database(DatabaseInput={"Name": "churn"})
    storage = {"Columns": [{"Name": "id", "Type": "string"}], "Location": "s3://data/customers/"}
    client("glue").create_table(DatabaseName="churn", TableInput={"Name": "customers", "StorageDescriptor": storage})


def encrypted_catalog() -> None:
    described_data()
    client("glue").put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS"}}
    )


def no_catalog() -> None:
    encrypted_catalog()
    client("glue").delete_table(DatabaseName="churn", Name="customers")


def etl_job(**more: str) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://data/job.py"}
    client("glue").create_job(Name="to-parquet", Role=ROLE, Command=command, **more)


def plain_etl_job() -> None:
    etl_job()


def encrypted_etl_job() -> None:
    client("glue").create_security_configuration(
        Name="encrypted",
        EncryptionConfiguration={"S3Encryption": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": KEY}]},
    )
    etl_job(SecurityConfiguration="encrypted")


def no_etl_job() -> None:
    encrypted_etl_job()
    client("glue").delete_job(JobName="to-parquet")


def made_guardrail(action: str) -> str:
    made = client("bedrock").create_guardrail(
        name="no-names",
        blockedInputMessaging="No.",
        blockedOutputsMessaging="No.",
        sensitiveInformationPolicyConfig={"piiEntitiesConfig": [{"type": "NAME", "action": action}]},
    )
    return str(made["guardrailId"])


def masking_guardrail() -> None:
    made_guardrail("ANONYMIZE")


def blocking_guardrail() -> None:
    made_guardrail("BLOCK")


def no_guardrail() -> None:
    client("bedrock").delete_guardrail(guardrailIdentifier=made_guardrail("ANONYMIZE"))


def filtered_columns() -> None:
    described_data()
    client("lakeformation").create_data_cells_filter(
        TableData={
            "TableCatalogId": ACCOUNT,
            "DatabaseName": "churn",
            "TableName": "customers",
            "Name": "no-numbers",
            "RowFilter": {"AllRowsWildcard": {}},
            "ColumnWildcard": {"ExcludedColumnNames": ["id"]},
        }
    )


def redacted_documents(mode: str = "ONLY_REDACTION") -> None:
    client("s3").create_bucket(Bucket="data")
    client("s3").put_object(Bucket="data", Key="complaints/1.txt", Body=b"My name is Jane Doe.")
    redaction = {"RedactionConfig": {"PiiEntityTypes": ["ALL"], "MaskMode": "MASK", "MaskCharacter": "*"}}
    client("comprehend").start_pii_entities_detection_job(
        InputDataConfig={"S3Uri": "s3://data/complaints/"},
        OutputDataConfig={"S3Uri": "s3://data/redacted/"},
        Mode=mode,
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
        **(redaction if mode == "ONLY_REDACTION" else {}),
    )


def searched_documents() -> None:
    redacted_documents("ONLY_OFFSETS")


def documents_that_are_not_there() -> None:
    client("s3").create_bucket(Bucket="data")
    client("comprehend").start_pii_entities_detection_job(
        InputDataConfig={"S3Uri": "s3://data/complaints/"},
        OutputDataConfig={"S3Uri": "s3://data/redacted/"},
        Mode="ONLY_OFFSETS",
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
    )


def masked_logs() -> None:
    name = "/aws/sagemaker/Endpoints/churn"
    email = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]
    document = {
        "Name": "personal-data",
        "Version": "2021-06-01",
        "Statement": [
            {"DataIdentifier": email, "Operation": {"Audit": {"FindingsDestination": {}}}},
            {"DataIdentifier": email, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ],
    }
    client("logs").create_log_group(logGroupName=name)
    client("logs").put_data_protection_policy(logGroupIdentifier=name, policyDocument=json.dumps(document))


def logs_no_longer_masked() -> None:
    masked_logs()
    client("logs").delete_data_protection_policy(logGroupIdentifier="/aws/sagemaker/Endpoints/churn")


def hashed_column() -> None:
    hashes = {"Operation": "CRYPTOGRAPHIC_HASH", "Parameters": {"sourceColumns": '["id"]'}}
    client("databrew").create_recipe(Name="hash", Steps=[{"Action": hashes}])
    client("databrew").publish_recipe(Name="hash")


def asked_about_a_text() -> None:
    client("comprehend").detect_pii_entities(Text="My name is Jane Doe.", LanguageCode="en")


def macie_search(**more: Any) -> None:
    client("s3").create_bucket(Bucket="data")
    client("macie2").enable_macie()
    client("macie2").create_classification_job(
        clientToken="1",
        name="first",
        s3JobDefinition={"bucketDefinitions": [{"accountId": ACCOUNT, "buckets": ["data"]}]},
        **more,
    )


def macie_searched() -> None:
    macie_search(jobType="ONE_TIME")


def macie_scheduled() -> None:
    macie_search(jobType="SCHEDULED", scheduleFrequency={"dailySchedule": {}})


def macie_switched_on() -> None:
    client("macie2").enable_macie()


def macie_switched_off() -> None:
    macie_searched()
    client("macie2").disable_macie()


def macie_discovering() -> None:
    client("macie2").enable_macie()
    client("macie2").update_automated_discovery_configuration(status="ENABLED")


def made_policy(document: dict[str, Any]) -> str:
    made = client("iam").create_policy(PolicyName="stay", PolicyDocument=json.dumps(document))
    return str(made["Policy"]["Arn"])


def made_role(**more: str) -> None:
    client("iam").create_role(RoleName="ml", AssumeRolePolicyDocument=json.dumps({"Statement": []}), **more)


def policy_of_a_role() -> None:
    made_role()
    client("iam").attach_role_policy(RoleName="ml", PolicyArn=made_policy(stay()))


def boundary_of_a_role() -> None:
    made_role(PermissionsBoundary=made_policy(stay()))


def policy_of_nobody() -> None:
    made_policy(stay())


def policy_on_something_else() -> None:
    made_role()
    client("iam").attach_role_policy(RoleName="ml", PolicyArn=made_policy(OTHER))


def organized(content: dict[str, Any], *, attached: bool = True) -> None:
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    [root] = organizations.list_roots()["Roots"]
    organizations.enable_policy_type(RootId=root["Id"], PolicyType=SERVICE_CONTROL)
    made = organizations.create_policy(
        Name="stay", Description="Stay", Type=SERVICE_CONTROL, Content=json.dumps(content)
    )
    if attached:
        policy = made["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=policy, TargetId=root["Id"])


def policy_of_the_organization() -> None:
    organized(stay())


def policy_that_the_organization_does_not_use() -> None:
    organized(stay(), attached=False)


def no_policy_of_the_organization() -> None:
    organized(OTHER)


def kept_here() -> None:
    client("s3").create_bucket(Bucket="training-data")
    trained()


def kept_elsewhere() -> None:
    place = {"LocationConstraint": "eu-west-1"}
    client("s3").create_bucket(Bucket="training-data", CreateBucketConfiguration=place)
    trained()


def copied_elsewhere() -> None:
    kept_here()
    s3 = client("s3")
    s3.create_bucket(Bucket="copy", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for name in ("training-data", "copy"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ID": "all", "Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copy"}}
    s3.put_bucket_replication(Bucket="training-data", ReplicationConfiguration={"Role": ROLE, "Rules": [rule]})


def no_longer_copied() -> None:
    copied_elsewhere()
    client("s3").delete_bucket_replication(Bucket="training-data")


EMULATED: list[Emulated] = [
    (distributed_jobs_encrypt_traffic, two_machines_encrypted, "passed"),
    (distributed_jobs_encrypt_traffic, two_machines, "failed"),
    (distributed_jobs_encrypt_traffic, one_machine, "absent"),
    (imbalance_countered, weighed_classes, "passed"),
    (imbalance_countered, even_classes, "absent"),
    (synthetic_data_made, smote_job, "passed"),
    (synthetic_data_made, other_job, "absent"),
    (data_streams_encrypted, encrypted_stream, "passed"),
    (data_streams_encrypted, stream, "failed"),
    (data_streams_encrypted, no_stream, "absent"),
    (delivery_streams_encrypted, encrypted_delivery, "passed"),
    (delivery_streams_encrypted, delivery_encrypted_later, "passed"),
    (delivery_streams_encrypted, plain_delivery, "failed"),
    (delivery_streams_encrypted, no_delivery, "absent"),
    (kafka_clusters_encrypt_traffic, kafka_by_tls, "passed"),
    (kafka_clusters_encrypt_traffic, kafka_in_plain, "failed"),
    (kafka_clusters_encrypt_traffic, serverless_kafka, "passed"),
    (kafka_clusters_encrypt_traffic, no_kafka, "absent"),
    (file_systems_encrypted, encrypted_files, "passed"),
    (file_systems_encrypted, plain_files, "failed"),
    (file_systems_encrypted, no_files, "absent"),
    (data_catalog_encrypted, encrypted_catalog, "passed"),
    (data_catalog_encrypted, described_data, "failed"),
    (data_catalog_encrypted, no_catalog, "absent"),
    (glue_jobs_secured, encrypted_etl_job, "passed"),
    (glue_jobs_secured, plain_etl_job, "failed"),
    (glue_jobs_secured, no_etl_job, "absent"),
    (sensitive_data_masked, masking_guardrail, "passed"),
    (sensitive_data_masked, blocking_guardrail, "failed"),
    (sensitive_data_masked, no_guardrail, "absent"),
    (sensitive_data_masked, filtered_columns, "passed"),
    (sensitive_data_masked, redacted_documents, "passed"),
    (sensitive_data_masked, searched_documents, "absent"),
    (sensitive_data_masked, hashed_column, "failed"),
    (sensitive_data_masked, masked_logs, "passed"),
    (sensitive_data_masked, logs_no_longer_masked, "absent"),
    (sensitive_data_searched, macie_searched, "passed"),
    (sensitive_data_searched, macie_scheduled, "failed"),
    (sensitive_data_searched, macie_discovering, "passed"),
    (sensitive_data_searched, macie_switched_on, "absent"),
    (sensitive_data_searched, macie_switched_off, "absent"),
    (sensitive_data_searched, searched_documents, "passed"),
    (sensitive_data_searched, documents_that_are_not_there, "failed"),
    (sensitive_data_searched, asked_about_a_text, "passed"),
    (region_policy_set, policy_of_a_role, "passed"),
    (region_policy_set, boundary_of_a_role, "passed"),
    (region_policy_set, policy_of_nobody, "failed"),
    (region_policy_set, policy_on_something_else, "absent"),
    (region_policy_set, policy_of_the_organization, "passed"),
    (region_policy_set, policy_that_the_organization_does_not_use, "failed"),
    (region_policy_set, no_policy_of_the_organization, "absent"),
    (data_stays_in_region, kept_here, "passed"),
    (data_stays_in_region, kept_elsewhere, "failed"),
    (data_stays_in_region, copied_elsewhere, "failed"),
    (data_stays_in_region, no_longer_copied, "passed"),
]

test_emulated = by_calls(EMULATED)
