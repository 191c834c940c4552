from __future__ import annotations

import datetime
import io
import json
import zipfile
from typing import Any

import boto3
import msgspec
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value, judged
from readiness.aws import databrew, emr, emr_serverless, glue
from readiness.aws.firehose import Delivery, DeliveryStream, Destination, Processing, Processor, S3Delivery
from readiness.aws.glue_matching import MLTransform, TransformParameters
from readiness.aws.lambda_functions import EventSourceMapping
from readiness.aws.sagemaker.features import (
    DataCatalog,
    Feature,
    FeatureGroup,
    FeatureNote,
    Note,
    OfflineStoreConfig,
    OfflineStoreStatus,
    OnlineStoreConfig,
    S3Storage,
)
from readiness.aws.sagemaker.labeling import (
    Consolidation,
    HumanTask,
    LabelCounters,
    LabelingInput,
    LabelingJob,
    LabelingOutput,
    LabelingSource,
    Manifest,
)
from readiness.aws.sagemaker.training import AppSpecification, ProcessingInput, ProcessingJob, S3Source
from readiness_mla.s12_transform import (
    LabelReview,
    columns_normalized,
    columns_scaled,
    columns_split,
    data_wrangler_job_run,
    databrew_recipe_job_succeeded,
    duplicates_removed,
    emr_spark_run,
    feature_documented,
    feature_group_catalogued,
    feature_group_managed,
    glue_etl_job_succeeded,
    labeling_job_completed,
    labels_encoded,
    labels_verified,
    lambda_stream_transform,
    missing_values_treated,
    one_hot_encoded,
    outliers_treated,
    public_workforce_used,
    spark_streaming_run,
    text_tokenized,
    values_binned,
    values_log_transformed,
)
from sagemaker_jobs import AUTOPILOT, JUMPSTART, PYTORCH, REGISTRY, XGBOOST, training_job

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml-execution"
ETL = glue.Job(name="prepare", command=glue.Command(name="glueetl"))
RECIPE = databrew.Job(name="clean", type="RECIPE")


def ran(state: str, job: str = "prepare", run: str = "jr_1") -> glue.JobRun:
    return glue.JobRun(id=run, job_name=job, job_run_state=state)


def brewed(state: str, job: str = "clean") -> databrew.JobRun:
    return databrew.JobRun(name=job, run_id="db_1", state=state)


def mapping(source: str | None, **more: Any) -> EventSourceMapping:
    arn = f"arn:aws:{source}" if source else None
    return EventSourceMapping(uuid="1", event_source_arn=arn, state="Disabled", **more)


def delivery(
    enabled: bool = True, processor: str = "Lambda", to: str = "extended_s3_destination_description"
) -> DeliveryStream:
    kind = S3Delivery if to == "extended_s3_destination_description" else Delivery
    done: Any = kind(processing_configuration=Processing(enabled=enabled, processors=[Processor(type=processor)]))
    return DeliveryStream(
        delivery_stream_name="d",
        delivery_stream_arn=f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/d",
        delivery_stream_status="ACTIVE",
        destinations=[Destination(**{to: done})],
    )


def group(status: str = "Created") -> FeatureGroup:
    return FeatureGroup(
        feature_group_name="customers",
        feature_group_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:feature-group/customers",
        feature_group_status=status,
        feature_definitions=[Feature(feature_name="id", feature_type="String")],
        offline_store_config=OfflineStoreConfig(
            s3_storage_config=S3Storage(s3_uri="s3://data/fs"),
            data_catalog_config=DataCatalog(
                table_name="customers_1", catalog="AwsDataCatalog", database="sagemaker_featurestore"
            ),
        ),
    )


def table(database: str = "sagemaker_featurestore") -> glue.Table:
    return glue.Table(name="customers_1", database_name=database)


HOUR = datetime.timedelta(hours=1)
LINEAR = f"{REGISTRY}/linear-learner:1"
WRANGLER = f"663277389841.dkr.ecr.{REGION}.amazonaws.com/sagemaker-data-wrangler-container:5.x"
LABELED = "s3://data/labels/first/manifests/output/output.manifest"


def steps(*operations: str, **ways: str) -> list[databrew.Step]:
    return [
        databrew.Step(action=databrew.Action(operation=one, parameters=databrew.Parameters(**ways)))
        for one in operations
    ]


def published(*operations: str, version: str = "1.0", **ways: str) -> databrew.RecipeVersion:
    made = steps(*operations, **ways)
    return databrew.RecipeVersion(name="tidy", recipe_version=version, published_date=NOW, steps=made)


def worked_on(*operations: str, changed: datetime.datetime = NOW) -> databrew.Recipe:
    made = steps(*operations)
    return databrew.Recipe(name="tidy", recipe_version="1.1", last_modified_date=changed, steps=made)


def applied(version: str | None = "1.0", state: str = "SUCCEEDED", at: datetime.datetime = NOW + HOUR) -> list[Any]:
    reference = databrew.RecipeReference(name="tidy", recipe_version=version)
    job = databrew.Job(name="tidy-all", type="RECIPE", recipe_reference=reference)
    return [job, databrew.JobRun(name="tidy-all", run_id="db_1", state=state, started_on=at)]


def visual(*kinds: str, changed: datetime.datetime = NOW, **content: Any) -> glue.Job:
    nodes = {f"node-{number}": {kind: {"Inputs": ["node-0"], **content}} for number, kind in enumerate(kinds)}
    command = glue.Command(name="glueetl")
    return glue.Job(name="draw", command=command, last_modified_on=changed, code_gen_configuration_nodes=nodes)


def drawn(state: str = "SUCCEEDED", at: datetime.datetime = NOW + HOUR) -> glue.JobRun:
    return glue.JobRun(id="jr_2", job_name="draw", job_run_state=state, started_on=at, execution_time=60)


def transform(status: str = "READY", labels: int = 20) -> MLTransform:
    kind = TransformParameters(transform_type="FIND_MATCHES")
    return MLTransform(transform_id="tfm-1", status=status, label_count=labels, parameters=kind)


def streaming(state: str, seconds: int = 60) -> list[Any]:
    job = glue.Job(name="clicks", command=glue.Command(name="gluestreaming"))
    return [job, glue.JobRun(id="jr_3", job_name="clicks", job_run_state=state, execution_time=seconds)]


def step(state: str, *args: str, began: bool = True) -> emr.Step:
    timeline = emr.StepTimeline(start_date_time=NOW if began else None)
    status = emr.StepStatus(state=state, timeline=timeline)
    return emr.Step(cluster_id="j-1", id="s-1", status=status, config=emr.StepConfig(args=list(args)))


def serverless(state: str, mode: str = "BATCH", kind: str = "Spark", *, began: bool = False) -> emr_serverless.JobRun:
    return emr_serverless.JobRun(
        application_id="a",
        id="r",
        arn=f"arn:aws:emr-serverless:{REGION}:{ACCOUNT}:/applications/a/jobruns/r",
        state=state,
        type=kind,
        mode=mode,
        started_at=NOW if began else None,
    )


def wrangled(
    status: str = "Completed", image: str = WRANGLER, flow: str = "s3://data/x.flow", **more: Any
) -> ProcessingJob:
    return ProcessingJob(
        processing_job_name="flow",
        processing_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/flow",
        processing_job_status=status,
        creation_time=NOW,
        app_specification=AppSpecification(image_uri=image),
        processing_inputs=[ProcessingInput(input_name="flow", s3_input=S3Source(s3_uri=flow))],
        **more,
    )


def stored(status: str = "Active", *, catalogued: bool = True, online: bool = False) -> FeatureGroup:
    catalog = DataCatalog(table_name="customers_1", catalog="AwsDataCatalog", database="sagemaker_featurestore")
    place = OfflineStoreConfig(
        s3_storage_config=S3Storage(s3_uri="s3://data/fs"), data_catalog_config=catalog if catalogued else None
    )
    return msgspec.structs.replace(
        group(),
        offline_store_config=None if online else place,
        offline_store_status=None if online else OfflineStoreStatus(status=status),
        online_store_config=OnlineStoreConfig(enable_online_store=online),
    )


def noted(**more: Any) -> FeatureNote:
    return FeatureNote(feature_group_name="customers", feature_name="id", **more)


def labeling(
    team: str = "private-crowd/us",
    labeled: int = 10,
    workers: int = 1,
    status: str = "Completed",
    name: str = "first",
    of: str = "s3://data/objects.manifest",
    function: str = "PRE-ImageMultiClass",
    *,
    consolidated: bool = True,
) -> LabelingJob:
    lambdas = f"arn:aws:lambda:{REGION}:432418664414:function"
    merge = Consolidation(annotation_consolidation_lambda_arn=f"{lambdas}:ACS-ImageMultiClass")
    return LabelingJob(
        labeling_job_name=name,
        labeling_job_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job/{name}",
        labeling_job_status=status,
        label_counters=LabelCounters(total_labeled=labeled),
        input_config=LabelingInput(
            data_source=LabelingSource(s3_data_source=Manifest(manifest_s3_uri=of)),
        ),
        human_task_config=HumanTask(
            workteam_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/{team}",
            number_of_human_workers_per_data_object=workers,
            pre_human_task_lambda_arn=f"{lambdas}:{function}",
            annotation_consolidation_config=merge if consolidated else None,
        ),
        labeling_job_output=LabelingOutput(output_dataset_s3_uri=LABELED.replace("first", name)) if labeled else None,
    )


REVIEW = labeling(name="second", of=LABELED, function="PRE-VerificationImageMultiClass")

STEPS: list[tuple[Any, list[str], list[str]]] = [
    (outliers_treated, ["REPLACE_OUTLIERS", "RESCALE_OUTLIERS_WITH_Z_SCORE", "FLAG_OUTLIERS"], ["REPLACE_WITH_SUM"]),
    (
        missing_values_treated,
        ["FILL_WITH_MEDIAN", "FILL_WITH_CUSTOM", "REMOVE_MISSING"],
        ["FILL_WITH_NULL", "REMOVE_INVALID", "FLAG_COLUMN_FROM_NULL"],
    ),
    (
        duplicates_removed,
        ["DELETE_DUPLICATE_ROWS", "REMOVE_DUPLICATES"],
        ["DUPLICATE", "FLAG_DUPLICATE_ROWS", "FLAG_DUPLICATES_IN_COLUMN"],
    ),
    (columns_scaled, ["NORMALIZATION", "SCALE"], ["SKEWNESS"]),
    (columns_split, ["SPLIT_COLUMN_FROM_END", "MONTH", "WEEK_DAY"], ["MERGE", "DATE_DIFF", "MONTHLY"]),
    (values_binned, ["BUCKETIZATION", "BINARIZATION"], ["SCALE"]),
    (one_hot_encoded, ["ONE_HOT_ENCODING"], ["FLAG_COLUMN_FROM_PATTERN"]),
    (text_tokenized, ["TOKENIZATION"], ["REMOVE_COMBINED"]),
    (values_log_transformed, ["LOG", "LN"], ["LOGIN", "SQUARE_ROOT"]),
]
"""A check of a step, operations that show it, and operations that look like them."""

STEP_CASES = [
    *(
        Case(check, f"{operation} was applied", [published(operation), *applied()], "passed")
        for check, good, _ in STEPS
        for operation in good
    ),
    *(
        Case(check, f"{operation} is something else", [published(operation), *applied()], "absent")
        for check, _, other in STEPS
        for operation in other
    ),
    *(
        Case(check, f"{good[0]} was never applied", [published(good[0])], "failed", bad=["no data"])
        for check, good, _ in STEPS
    ),
    *(Case(check, "nothing there", [], "absent") for check, _, _ in STEPS),
    Case(outliers_treated, "the run failed", [published("REMOVE_OUTLIERS"), *applied(state="FAILED")], "failed"),
    Case(
        outliers_treated,
        "another version was applied",
        [published("REMOVE_OUTLIERS", version="2.0"), *applied("1.0")],
        "failed",
    ),
    Case(
        outliers_treated,
        "the newest version, which was not there yet",
        [published("REMOVE_OUTLIERS"), *applied("LATEST_PUBLISHED", at=NOW - HOUR)],
        "failed",
    ),
    Case(
        outliers_treated,
        "the newest version",
        [published("REMOVE_OUTLIERS"), *applied("LATEST_PUBLISHED")],
        "passed",
    ),
    Case(outliers_treated, "a job that names no version", [published("REMOVE_OUTLIERS"), *applied(None)], "passed"),
    Case(
        outliers_treated,
        "worked on, and applied so",
        [worked_on("REMOVE_OUTLIERS"), *applied("LATEST_WORKING")],
        "passed",
    ),
    Case(
        outliers_treated,
        "worked on, and changed since it was applied",
        [worked_on("REMOVE_OUTLIERS", changed=NOW + 2 * HOUR), *applied("LATEST_WORKING")],
        "failed",
    ),
    Case(
        outliers_treated,
        "worked on and published: one recipe",
        [worked_on("REMOVE_OUTLIERS"), published("REMOVE_OUTLIERS"), *applied()],
        "passed",
    ),
    Case(
        outliers_treated,
        "in a visual job's recipe",
        [visual("Recipe", RecipeSteps=[{"Action": {"Operation": "REMOVE_OUTLIERS"}}]), drawn()],
        "passed",
    ),
    Case(missing_values_treated, "a visual job", [visual("FillMissingValues"), drawn()], "passed"),
    Case(
        missing_values_treated,
        "a visual job that was changed since",
        [visual("FillMissingValues", changed=NOW + 2 * HOUR), drawn()],
        "failed",
        bad=["visual job with FillMissingValues"],
    ),
    Case(missing_values_treated, "a visual job that failed", [visual("FillMissingValues"), drawn("FAILED")], "failed"),
    Case(missing_values_treated, "a visual job that never ran", [visual("FillMissingValues")], "failed"),
    Case(duplicates_removed, "a visual job", [visual("S3CsvSource", "DropDuplicates"), drawn()], "passed"),
    Case(duplicates_removed, "a visual job without", [visual("S3CsvSource", "Join"), drawn()], "absent"),
    Case(duplicates_removed, "a transform that has learned", [transform()], "passed"),
    Case(duplicates_removed, "a transform that nobody taught", [transform(labels=0)], "failed", bad=["FIND_MATCHES"]),
    Case(duplicates_removed, "a transform that is not ready", [transform("NOT_READY")], "failed"),
    Case(
        columns_split,
        "by a transform of a visual job",
        [visual("DynamicTransform", FunctionName="gs_split"), drawn()],
        "passed",
    ),
    Case(
        columns_split,
        "by another transform of a visual job",
        [visual("DynamicTransform", FunctionName="gs_uuid"), drawn()],
        "absent",
    ),
    Case(columns_split, "columns that go two ways are not split", [visual("SplitFields"), drawn()], "absent"),
    Case(columns_normalized, "nothing there", [], "absent"),
    *(
        Case(columns_normalized, f"by {way}", [published("NORMALIZATION", strategy=way), *applied()], "passed")
        for way in ("MIN_MAX", "Z_SCORE")
    ),
    Case(columns_normalized, "nobody knows how", [published("NORMALIZATION"), *applied()], "absent"),
    Case(
        columns_normalized, "never applied", [published("SCALE", strategy="Z_SCORE")], "failed", bad=["SCALE Z_SCORE"]
    ),
    Case(
        columns_normalized,
        "by Linear Learner",
        [training_job(image=LINEAR, parameters={"normalize_data": "true"})],
        "passed",
    ),
    Case(
        columns_normalized,
        "Linear Learner was told not to",
        [training_job(image=LINEAR, parameters={"normalize_data": "false"})],
        "failed",
    ),
    Case(
        columns_normalized,
        "a hyperparameter of something else",
        [training_job(image=XGBOOST, parameters={"normalize_data": "true"})],
        "absent",
    ),
    Case(
        values_log_transformed,
        "against the skew",
        [published("SKEWNESS", skew_function="LOG"), *applied()],
        "passed",
    ),
    Case(values_log_transformed, "a root", [published("SKEWNESS", skew_function="ROOT"), *applied()], "absent"),
    Case(labels_encoded, "nothing there", [], "absent"),
    Case(labels_encoded, "to numbers", [published("CATEGORICAL_MAPPING", map_type="NUMERIC"), *applied()], "passed"),
    Case(labels_encoded, "to other words", [published("CATEGORICAL_MAPPING", map_type="TEXT"), *applied()], "absent"),
    Case(labels_encoded, "never applied", [published("CATEGORICAL_MAPPING", map_type="NUMERIC")], "failed"),
    Case(
        text_tokenized,
        "by a script that was told how",
        [training_job(image=PYTORCH, parameters={"tokenizer_name": "bert-base-uncased"})],
        "passed",
    ),
    Case(
        text_tokenized,
        "by a script that failed",
        [training_job(image=PYTORCH, parameters={"max_seq_length": "128"}, status="Failed")],
        "failed",
    ),
    Case(
        text_tokenized,
        "by what JumpStart fills in",
        [
            training_job(
                image=PYTORCH,
                parameters={"max_seq_length": "128", "sagemaker_submit_directory": f"{JUMPSTART}/source.tar.gz"},
            )
        ],
        "absent",
    ),
    Case(text_tokenized, "a script that was told nothing", [training_job(image=PYTORCH)], "absent"),
]

CASES = [
    Case(glue_etl_job_succeeded, "nothing there", [], "absent"),
    Case(glue_etl_job_succeeded, "a run succeeded", [ETL, ran("FAILED"), ran("SUCCEEDED", run="jr_2")], "passed"),
    Case(glue_etl_job_succeeded, "a job that was never run", [ETL], "failed", bad=["no run in the last 90 days"]),
    Case(glue_etl_job_succeeded, "every run failed", [ETL, ran("FAILED")], "failed", bad=["failed"]),
    Case(glue_etl_job_succeeded, "a session that is ready", [glue.Session(id="s", status="READY")], "passed"),
    Case(
        glue_etl_job_succeeded,
        "a session that was used and timed out",
        [glue.Session(id="s", status="TIMEOUT", dpu_seconds=60.0)],
        "passed",
    ),
    Case(glue_etl_job_succeeded, "a session that never came up", [glue.Session(id="s", status="FAILED")], "failed"),
    Case(glue_etl_job_succeeded, "a session stopped at once", [glue.Session(id="s", status="STOPPED")], "failed"),
    Case(databrew_recipe_job_succeeded, "nothing there", [], "absent"),
    Case(databrew_recipe_job_succeeded, "a recipe job succeeded", [RECIPE, brewed("SUCCEEDED")], "passed"),
    Case(databrew_recipe_job_succeeded, "it was never run", [RECIPE], "failed", bad=["never run"]),
    Case(databrew_recipe_job_succeeded, "it failed", [RECIPE, brewed("FAILED")], "failed", bad=["failed"]),
    Case(
        databrew_recipe_job_succeeded,
        "a profile job describes and transforms nothing",
        [databrew.Job(name="profile", type="PROFILE"), brewed("SUCCEEDED", "profile")],
        "absent",
    ),
    Case(lambda_stream_transform, "nothing there", [], "absent"),
    Case(lambda_stream_transform, "a Kinesis stream", [mapping(f"kinesis:{REGION}:{ACCOUNT}:stream/s")], "passed"),
    Case(
        lambda_stream_transform,
        "a table's stream",
        [mapping(f"dynamodb:{REGION}:{ACCOUNT}:table/t/stream/1")],
        "passed",
    ),
    Case(lambda_stream_transform, "a Kafka cluster", [mapping(f"kafka:{REGION}:{ACCOUNT}:cluster/k/1")], "passed"),
    Case(lambda_stream_transform, "one's own Kafka, by its topics", [mapping(None, topics=["clicks"])], "passed"),
    Case(lambda_stream_transform, "a queue", [mapping(f"sqs:{REGION}:{ACCOUNT}:queue")], "absent"),
    Case(lambda_stream_transform, "a message broker", [mapping(f"mq:{REGION}:{ACCOUNT}:broker:b:1")], "absent"),
    Case(lambda_stream_transform, "a document database", [mapping(f"rds:{REGION}:{ACCOUNT}:cluster:docs")], "absent"),
    Case(lambda_stream_transform, "Firehose calls a function", [delivery()], "passed"),
    Case(
        lambda_stream_transform,
        "on the way to a search domain",
        [delivery(to="amazonopensearchservice_destination_description")],
        "passed",
    ),
    Case(lambda_stream_transform, "Firehose's processing is off", [delivery(enabled=False)], "absent"),
    Case(lambda_stream_transform, "Firehose does something else", [delivery(processor="MetadataExtraction")], "absent"),
    Case(feature_group_managed, "nothing there", [], "absent"),
    Case(feature_group_managed, "a group", [group(), table()], "passed"),
    Case(feature_group_managed, "a group that could not be created", [group("CreateFailed")], "failed"),
    Case(
        feature_group_managed,
        "the table of a failed group is none of its own",
        [group("CreateFailed"), table()],
        "failed",
    ),
    Case(feature_group_managed, "the table of a deleted group", [table()], "passed"),
    Case(feature_group_managed, "any other table", [table("default")], "absent"),
    *STEP_CASES,
    Case(spark_streaming_run, "nothing there", [], "absent"),
    *(
        Case(spark_streaming_run, f"a streaming job, {state}", streaming(state), "passed")
        for state in ("RUNNING", "SUCCEEDED", "STOPPED", "TIMEOUT")
    ),
    Case(spark_streaming_run, "a streaming job that failed", streaming("FAILED"), "failed", bad=["failed"]),
    Case(spark_streaming_run, "a streaming job stopped at once", streaming("STOPPED", 0), "failed", bad=["stopped"]),
    Case(spark_streaming_run, "a streaming job that was never run", streaming("FAILED")[:1], "failed", bad=["no run"]),
    Case(spark_streaming_run, "a batch", [ETL, ran("SUCCEEDED")], "absent"),
    Case(spark_streaming_run, "a visual job on a stream", [visual("DirectKinesisSource"), drawn()], "passed"),
    Case(spark_streaming_run, "a serverless stream", [serverless("RUNNING", "STREAMING")], "passed"),
    Case(
        spark_streaming_run,
        "a serverless stream that ran",
        [serverless("CANCELLED", "STREAMING", began=True)],
        "passed",
    ),
    Case(spark_streaming_run, "a serverless stream, cancelled first", [serverless("CANCELLED", "STREAMING")], "failed"),
    Case(spark_streaming_run, "a serverless stream that failed", [serverless("FAILED", "STREAMING")], "failed"),
    Case(spark_streaming_run, "a serverless batch", [serverless("SUCCESS")], "absent"),
    Case(
        spark_streaming_run,
        "a step on a stream that somebody ended",
        [step("CANCELLED", "spark-submit", "--packages", "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.0", "a.py")],
        "passed",
    ),
    Case(
        spark_streaming_run,
        "a step on a stream that never began",
        [
            step(
                "CANCELLED", "spark-submit", "--packages", "org.apache.spark:spark-streaming-kinesis-asl:3", began=False
            )
        ],
        "failed",
    ),
    Case(
        spark_streaming_run, "Hadoop's streaming is none", [step("COMPLETED", "hadoop-streaming", "-mapper")], "absent"
    ),
    Case(emr_spark_run, "nothing there", [], "absent"),
    Case(emr_spark_run, "a step", [step("COMPLETED", "spark-submit", "s3://code/a.py")], "passed"),
    Case(emr_spark_run, "a step by a shell", [step("COMPLETED", "bash", "-c", "/usr/bin/spark-submit a.py")], "passed"),
    Case(emr_spark_run, "a step that failed", [step("FAILED", "spark-submit", "a.py")], "failed", bad=["cluster/j-1"]),
    Case(emr_spark_run, "a step of Hive", [step("COMPLETED", "hive-script", "s3://spark-submits/a.hql")], "absent"),
    Case(emr_spark_run, "a serverless run", [serverless("SUCCESS", kind="SPARK")], "passed"),
    Case(emr_spark_run, "a serverless run that failed", [serverless("FAILED")], "failed", bad=["failed"]),
    Case(emr_spark_run, "Hive without servers", [serverless("SUCCESS", kind="Hive")], "absent"),
    Case(data_wrangler_job_run, "nothing there", [], "absent"),
    Case(data_wrangler_job_run, "a flow was applied", [wrangled()], "passed"),
    Case(data_wrangler_job_run, "by an image of one's own", [wrangled(image="mine:1")], "passed"),
    Case(data_wrangler_job_run, "it failed", [wrangled("Failed")], "failed", bad=["failed"]),
    Case(data_wrangler_job_run, "another job", [wrangled(image="mine:1", flow="s3://data/flow/")], "absent"),
    Case(data_wrangler_job_run, "Autopilot's own", [wrangled(auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(feature_group_catalogued, "nothing there", [], "absent"),
    Case(feature_group_catalogued, "an active store in the catalog", [stored()], "passed"),
    Case(feature_group_catalogued, "a blocked store", [stored("Blocked")], "failed", bad=["blocked"]),
    Case(feature_group_catalogued, "a store that is not in the catalog", [stored(catalogued=False)], "failed"),
    Case(feature_group_catalogued, "online only, which may be right", [stored(online=True)], "absent"),
    Case(feature_group_catalogued, "it could not be created", [group("CreateFailed")], "failed", bad=["created"]),
    Case(feature_group_catalogued, "it is being created", [group("Creating")], "absent"),
    Case(feature_documented, "nothing there", [], "absent"),
    Case(feature_documented, "a feature is described", [group(), noted(description="who")], "passed"),
    Case(feature_documented, "a feature has parameters", [group(), noted(parameters=[Note(key="unit")])], "passed"),
    Case(
        feature_documented,
        "the group is described",
        [msgspec.structs.replace(group(), description="who they are"), noted()],
        "passed",
    ),
    Case(feature_documented, "nothing is described", [group(), noted()], "failed", bad=["neither it nor a feature"]),
    Case(
        feature_documented,
        "the first of its features are not described",
        [msgspec.structs.replace(group(), feature_definitions=group().feature_definitions * 6), noted()],
        "failed",
        bad=["its first 1"],
    ),
    Case(feature_documented, "it could not be created", [group("CreateFailed")], "absent"),
    Case(labeling_job_completed, "nothing there", [], "absent"),
    Case(labeling_job_completed, "a job", [labeling()], "passed"),
    Case(labeling_job_completed, "a job that was stopped after some objects", [labeling(status="Stopped")], "passed"),
    Case(labeling_job_completed, "a job that labeled nothing", [labeling(labeled=0)], "failed", bad=["0 objects"]),
    Case(labels_verified, "nothing there", [], "absent"),
    Case(labels_verified, "three strangers", [labeling("public-crowd/default", workers=3)], "passed"),
    Case(labels_verified, "one stranger", [labeling("public-crowd/default")], "failed", bad=["1 workers"]),
    Case(labels_verified, "one worker of a vendor", [labeling("vendor-crowd/v")], "failed"),
    Case(
        labels_verified,
        "three strangers, whose answers nobody consolidates",
        [labeling("public-crowd/default", workers=3, consolidated=False)],
        "failed",
    ),
    Case(labels_verified, "one stranger, verified", [labeling("public-crowd/default"), REVIEW], "passed"),
    Case(
        labels_verified,
        "one stranger, and others were verified",
        [labeling("public-crowd/default", name="third"), REVIEW],
        "failed",
    ),
    Case(labels_verified, "one of one's own experts", [labeling()], "absent"),
    Case(labels_verified, "one of one's own experts, verified", [labeling(), REVIEW], "passed"),
    Case(labels_verified, "strangers who labeled nothing", [labeling("public-crowd/default", labeled=0)], "absent"),
    Case(
        labels_verified,
        "two strangers, which somebody finds enough",
        [labeling("public-crowd/default", workers=2)],
        "passed",
        settings=[LabelReview(workers=2)],
    ),
    Case(public_workforce_used, "nothing there", [], "absent"),
    Case(public_workforce_used, "the public", [labeling("public-crowd/default")], "passed"),
    Case(public_workforce_used, "the public labeled nothing", [labeling("public-crowd/default", labeled=0)], "failed"),
    Case(public_workforce_used, "one's own team", [labeling()], "absent"),
]


test_verdict = by_value(CASES)


@pytest.mark.parametrize("unread", [databrew.Recipe, glue.Job, MLTransform])
def test_a_source_that_can_not_be_read_leaves_what_the_others_show(unread: Any) -> None:
    shown: dict[Any, list[Any]] = {
        databrew.Recipe: [visual("DropDuplicates"), drawn()],
        glue.Job: [transform()],
        MLTransform: [published("REMOVE_DUPLICATES"), *applied()],
    }
    check: Any = duplicates_removed
    assert judged(check.check, shown[unread], [unread]).verdict == "passed"
    assert judged(check.check, [], [unread]).verdict == "unknown"


def test_of_the_nodes_of_a_visual_job_only_types_are_kept() -> None:
    nodes = {
        "n1": {"SparkSQL": {"Name": "x", "Inputs": ["a", "b"], "SqlQuery": "SELECT secret"}},
        "n2": {"SparkSQL": {"Name": "y", "Inputs": ["n1"], "SqlQuery": "SELECT 1"}},
        "n3": {"PIIDetection": {"Name": "z", "Inputs": ["n2"], "PiiType": "RowMasking", "EntityTypesToDetect": []}},
        "n4": {
            "Recipe": {
                "Name": "r",
                "Inputs": ["n3"],
                "RecipeSteps": [
                    {"Action": {"Operation": "SKEWNESS", "Parameters": {"sourceColumn": "pay", "skewFunction": "LOG"}}}
                ],
            }
        },
    }
    job = msgspec.convert({"Name": "j", "CodeGenConfigurationNodes": nodes}, glue.Job)
    kept = {"SparkSQL": 2, "PIIDetection:RowMasking": 1, "Recipe": 1, "Recipe:SKEWNESS:LOG": 1}
    assert job.code_gen_configuration_nodes == kept
    assert msgspec.convert(msgspec.to_builtins(job), glue.Job) == job


def test_of_the_arguments_of_a_step_only_what_starts_spark_is_kept() -> None:
    packages = "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.0"
    config = emr.StepConfig(args=["/usr/bin/spark-submit", "--packages", packages, "s3://b/a.py", "--password", "x"])
    assert config.args == ["spark-submit", "streaming"]
    assert msgspec.convert(msgspec.to_builtins(config), emr.StepConfig) == config
    assert emr.StepConfig(args=["hive-script", "--args", "streaming"]).args == []


def client(service: str) -> Any:
    connect: Any = boto3.client  # its types know each service by its literal name only
    return connect(service, REGION)


def glue_job() -> None:
    client("glue").create_job(
        Name="prepare-features",
        Role=ROLE,
        Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/prepare.py", "PythonVersion": "3"},
        GlueVersion="5.0",
    )


def glue_job_run() -> None:
    client("s3").create_bucket(Bucket="scripts")
    glue_job_run_without_script()


def glue_job_run_without_script() -> None:
    glue_job()
    client("glue").start_job_run(JobName="prepare-features")


def function() -> str:
    client("iam").create_role(RoleName="on-clicks", AssumeRolePolicyDocument="{}")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("app.py", "def handler(event, context):\n    return event\n")
    made = client("lambda").create_function(
        FunctionName="transform-clicks",
        Runtime="python3.13",
        Role=f"arn:aws:iam::{ACCOUNT}:role/on-clicks",
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def function_on_stream() -> None:
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    client("lambda").create_event_source_mapping(
        FunctionName=function(),
        EventSourceArn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
        StartingPosition="LATEST",
        Enabled=False,
    )


def function_on_queue() -> None:
    client("sqs").create_queue(QueueName="jobs")
    client("lambda").create_event_source_mapping(
        FunctionName=function(), EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    )


def function_in_firehose() -> None:
    client("firehose").create_delivery_stream(
        DeliveryStreamName="clicks-to-s3",
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::training-data",
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [
                    {"Type": "Lambda", "Parameters": [{"ParameterName": "LambdaArn", "ParameterValue": function()}]}
                ],
            },
        },
    )


def feature_group() -> None:
    client("sagemaker").create_feature_group(
        FeatureGroupName="customers",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
        ],
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://feature-store/offline"}},
        RoleArn=ROLE,
    )


def recipe(*actions: tuple[str, dict[str, str]]) -> None:
    """A published recipe over a file."""
    s3 = client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="raw.csv", Body=b"id,bill\n1,2\n")
    brew = client("databrew")
    brew.create_dataset(Name="raw", Input={"S3InputDefinition": {"Bucket": "data", "Key": "raw.csv"}})
    made = [{"Action": {"Operation": operation, "Parameters": given}} for operation, given in actions]
    brew.create_recipe(Name="tidy", Steps=made)
    brew.publish_recipe(Name="tidy")


def recipe_run(*actions: tuple[str, dict[str, str]], bucket: str = "data") -> None:
    recipe(*actions)
    brew = client("databrew")
    brew.create_recipe_job(
        Name="tidy",
        DatasetName="raw",
        RoleArn=ROLE,
        RecipeReference={"Name": "tidy", "RecipeVersion": "1.0"},
        Outputs=[{"Location": {"Bucket": bucket, "Key": "tidy/"}}],
    )
    brew.start_job_run(Name="tidy")


ACTIONS: dict[Any, tuple[str, dict[str, str]]] = {
    outliers_treated: ("REMOVE_OUTLIERS", {"sourceColumn": "bill", "outlierStrategy": "IQR"}),
    missing_values_treated: ("FILL_WITH_AVERAGE", {"sourceColumn": "bill"}),
    duplicates_removed: ("DELETE_DUPLICATE_ROWS", {}),
    columns_scaled: ("NORMALIZATION", {"sourceColumn": "bill", "strategy": "SCALE_BETWEEN"}),
    columns_split: ("SPLIT_COLUMN_FROM_START", {"sourceColumn": "id"}),
    values_binned: ("BUCKETIZATION", {"sourceColumn": "bill", "targetColumn": "bin"}),
    columns_normalized: ("NORMALIZATION", {"sourceColumn": "bill", "strategy": "MEAN_NORMALIZATION"}),
    values_log_transformed: ("SKEWNESS", {"sourceColumn": "bill", "skewFunction": "LOG"}),
    one_hot_encoded: ("ONE_HOT_ENCODING", {"sourceColumn": "id"}),
    labels_encoded: ("CATEGORICAL_MAPPING", {"sourceColumn": "id", "mapType": "NUMERIC"}),
    text_tokenized: ("TOKENIZATION", {"sourceColumn": "id", "targetColumn": "tokens"}),
}


def every_step_applied() -> None:
    recipe_run(*ACTIONS.values())


def every_step_published() -> None:
    recipe(*ACTIONS.values())


def every_step_in_vain() -> None:
    recipe_run(*ACTIONS.values(), bucket="elsewhere")


def every_step_deleted() -> None:
    every_step_applied()
    brew = client("databrew")
    brew.delete_job(Name="tidy")
    for version in ("1.0", "LATEST_WORKING"):
        brew.delete_recipe_version(Name="tidy", RecipeVersion=version)


def nothing_of_the_kind_applied() -> None:
    recipe_run(("UPPER_CASE", {"sourceColumn": "id"}))


def visual_job() -> None:
    glue_job_run()
    place = {"Name": "in", "Paths": ["s3://scripts/in/"], "Separator": "comma", "QuoteChar": "quote"}
    nodes = {
        "node-1": {"S3CsvSource": place},
        "node-2": {"DropDuplicates": {"Name": "once", "Inputs": ["node-1"], "Columns": [["id"]]}},
    }
    client("glue").create_job(
        Name="drawn",
        Role=ROLE,
        Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/drawn.py"},
        CodeGenConfigurationNodes=nodes,
    )


def visual_job_run() -> None:
    visual_job()
    client("glue").start_job_run(JobName="drawn")


def streaming_job_run() -> None:
    client("s3").create_bucket(Bucket="scripts")
    command = {"Name": "gluestreaming", "ScriptLocation": "s3://scripts/stream.py"}
    client("glue").create_job(Name="clicks", Role=ROLE, Command=command, GlueVersion="5.0")
    client("glue").start_job_run(JobName="clicks")


def spark_on_a_cluster() -> None:
    on_a_cluster("spark-submit", "s3://scripts/count.py")


def spark_without_its_script() -> None:
    on_a_cluster("spark-submit", "s3://elsewhere/count.py")


def stream_on_a_cluster() -> None:
    on_a_cluster("spark-submit", "--packages", "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.0", "s3://scripts/a.py")


def hive_on_a_cluster() -> None:
    on_a_cluster("hive-script", "--run-hive-script", "--args", "-f", "s3://scripts/a.hql")


def on_a_cluster(*args: str) -> None:
    client("s3").create_bucket(Bucket="scripts")
    client("emr").run_job_flow(
        Name="count",
        ReleaseLabel="emr-7.5.0",
        Applications=[{"Name": "Spark"}],
        Instances={"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": False},
        Steps=[{"Name": "count", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": list(args)}}],
        JobFlowRole="EMR_EC2_DefaultRole",
        ServiceRole="EMR_DefaultRole",
    )


def serverless_batch() -> None:
    without_servers("BATCH")


def serverless_stream() -> None:
    without_servers("STREAMING")


def serverless_stream_ended() -> None:
    application, run = without_servers("STREAMING")
    client("emr-serverless").cancel_job_run(applicationId=application, jobRunId=run)


def serverless_without_its_script() -> None:
    without_servers("BATCH", "elsewhere")


def application_alone() -> None:
    client("emr-serverless").create_application(name="clicks", type="SPARK", releaseLabel="emr-7.5.0")


def without_servers(mode: str, bucket: str = "scripts") -> tuple[str, str]:
    client("s3").create_bucket(Bucket="scripts")
    spark = client("emr-serverless")
    application = spark.create_application(name="clicks", type="SPARK", releaseLabel="emr-7.5.0")["applicationId"]
    driver = {"sparkSubmit": {"entryPoint": f"s3://{bucket}/count.py"}}
    run = spark.start_job_run(applicationId=application, executionRoleArn=ROLE, jobDriver=driver, mode=mode)
    return application, run["jobRunId"]


def flow_applied() -> None:
    processing(WRANGLER)


def container_run() -> None:
    processing(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mine:1")


def processing(image: str) -> None:
    client("sagemaker").create_processing_job(
        ProcessingJobName="flow",
        AppSpecification={"ImageUri": image},
        RoleArn=ROLE,
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
        },
    )


def feature_explained() -> None:
    feature_group()
    client("sagemaker").update_feature_metadata(FeatureGroupName="customers", FeatureName="id", Description="who")


def feature_group_online() -> None:
    client("sagemaker").create_feature_group(
        FeatureGroupName="customers",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
        ],
        OnlineStoreConfig={"EnableOnlineStore": True},
        RoleArn=ROLE,
    )


def feature_group_outside_the_catalog() -> None:
    client("sagemaker").create_feature_group(
        FeatureGroupName="customers",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
        ],
        OfflineStoreConfig={
            "S3StorageConfig": {"S3Uri": "s3://feature-store/offline"},
            "DisableGlueTableCreation": True,
        },
        RoleArn=ROLE,
    )


def feature_group_deleted() -> None:
    feature_explained()
    client("sagemaker").delete_feature_group(FeatureGroupName="customers")


def crowd_of_three() -> None:
    label("public-crowd/default", 3)


def crowd_of_one() -> None:
    label("public-crowd/default", 1)


def vendor_of_three() -> None:
    label("vendor-crowd/v", 3)


def crowd_verified() -> None:
    crowd_of_one()
    # The output is written when somebody looks.
    done = client("sagemaker").describe_labeling_job(LabelingJobName="first")
    label(
        "vendor-crowd/v",
        1,
        "second",
        done["LabelingJobOutput"]["OutputDatasetS3Uri"],
        "PRE-VerificationImageMultiClass",
    )


def labeling_without_objects() -> None:
    label("public-crowd/default", 3, of="s3://elsewhere/objects.manifest")


def label(
    team: str, workers: int, name: str = "first", of: str = "s3://data/objects.manifest", function: str = "PRE-Image"
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="data")
    objects = [{"source-ref": f"s3://data/{number}.png"} for number in (1, 2)]
    s3.put_object(Bucket="data", Key="objects.manifest", Body="\n".join(map(json.dumps, objects)).encode())
    lambdas = f"arn:aws:lambda:{REGION}:432418664414:function"
    merge = {"AnnotationConsolidationLambdaArn": f"{lambdas}:ACS-Image"}
    client("sagemaker").create_labeling_job(
        LabelingJobName=name,
        LabelAttributeName="kind",
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": of}}},
        OutputConfig={"S3OutputPath": "s3://data/labels/"},
        RoleArn=ROLE,
        HumanTaskConfig={
            "WorkteamArn": f"arn:aws:sagemaker:{REGION}:394669845002:workteam/{team}",
            "UiConfig": {"UiTemplateS3Uri": "s3://data/task.liquid"},
            "PreHumanTaskLambdaArn": f"{lambdas}:{function}",
            "TaskTitle": "What is it?",
            "TaskDescription": "Choose",
            "NumberOfHumanWorkersPerDataObject": workers,
            "TaskTimeLimitInSeconds": 60,
            "AnnotationConsolidationConfig": merge,
        },
    )


def nothing() -> None:
    pass


EMULATED: list[Emulated] = [
    (glue_etl_job_succeeded, glue_job_run, "passed"),
    (glue_etl_job_succeeded, glue_job_run_without_script, "failed"),
    (glue_etl_job_succeeded, glue_job, "failed"),
    (lambda_stream_transform, function_on_stream, "passed"),
    (lambda_stream_transform, function_on_queue, "absent"),
    (lambda_stream_transform, function_in_firehose, "passed"),
    (feature_group_managed, feature_group, "passed"),
    (feature_group_managed, nothing, "absent"),
    *((check, every_step_applied, "passed") for check in ACTIONS),
    *((check, every_step_published, "failed") for check in ACTIONS),
    (outliers_treated, every_step_in_vain, "failed"),
    *((check, every_step_deleted, "absent") for check in ACTIONS),
    *((check, nothing_of_the_kind_applied, "absent") for check in ACTIONS),
    (duplicates_removed, visual_job_run, "passed"),
    (duplicates_removed, visual_job, "failed"),
    (duplicates_removed, glue_job_run, "absent"),
    (spark_streaming_run, streaming_job_run, "passed"),
    (spark_streaming_run, stream_on_a_cluster, "passed"),
    (spark_streaming_run, serverless_stream, "passed"),
    (spark_streaming_run, serverless_stream_ended, "passed"),
    (spark_streaming_run, serverless_batch, "absent"),
    (spark_streaming_run, glue_job_run, "absent"),
    (emr_spark_run, spark_on_a_cluster, "passed"),
    (emr_spark_run, serverless_batch, "passed"),
    (emr_spark_run, spark_without_its_script, "failed"),
    (emr_spark_run, serverless_without_its_script, "failed"),
    (emr_spark_run, hive_on_a_cluster, "absent"),
    (emr_spark_run, application_alone, "absent"),
    (data_wrangler_job_run, flow_applied, "passed"),
    (data_wrangler_job_run, container_run, "absent"),
    (feature_group_catalogued, feature_group, "passed"),
    (feature_group_catalogued, feature_group_outside_the_catalog, "failed"),
    (feature_group_catalogued, feature_group_online, "absent"),
    (feature_group_catalogued, feature_group_deleted, "absent"),
    (feature_documented, feature_explained, "passed"),
    (feature_documented, feature_group, "failed"),
    (feature_documented, feature_group_deleted, "absent"),
    (labeling_job_completed, crowd_of_one, "passed"),
    (labeling_job_completed, labeling_without_objects, "failed"),
    (labels_verified, crowd_of_three, "passed"),
    (labels_verified, crowd_of_one, "failed"),
    (labels_verified, crowd_verified, "passed"),
    (public_workforce_used, crowd_of_one, "passed"),
    (public_workforce_used, vendor_of_three, "absent"),
]


test_emulated = by_calls(EMULATED)
