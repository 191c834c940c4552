"""1.2 Transform data and engineer features: preparation step by step, Glue, DataBrew, Spark, Feature Store, labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from readiness import Finding, Findings, Scan, Settings, evidence, practice
from readiness.aws import databrew, emr, emr_serverless, glue
from readiness.aws.datasets import FEATURE_STORE_DATABASE
from readiness.aws.firehose import DeliveryStream
from readiness.aws.lambda_functions import EventSourceMapping
from readiness.aws.sagemaker.algorithms import image_of
from readiness.aws.sagemaker.features import FeatureGroup, FeatureNote
from readiness.aws.sagemaker.labeling import LabelingJob
from readiness.aws.sagemaker.training import ProcessingJob
from readiness.aws.steps import (
    NORMALIZING,
    TOKENIZING,
    MatchingStep,
    ParameterStep,
    PreparationStep,
    RecipeStep,
    VisualStep,
)

STREAMS = ("kinesis", "dynamodb", "kafka")
"""The services, as ARNs name them, whose event sources are streams; queues and databases are not."""

USED_SESSION = ("READY", "STOPPING", "STOPPED", "TIMEOUT")
"""The states of an interactive session that has been ready, if it also consumed capacity."""

DATE_PARTS = frozenset(
    {"DAY", "HOUR", "MINUTE", "MONTH", "MONTH_NAME", "QUARTER", "SECOND", "WEEK_DAY", "WEEK_NUMBER", "YEAR"}
)
"""Functions of a recipe that take one part out of a date."""
NORMAL_SCALES = frozenset({"MEAN_NORMALIZATION", "MIN_MAX", "SCALE_BETWEEN", "Z_SCORE"})
"""How the step that scales can do it, by its parameter `strategy`: each brings columns onto one scale."""
SCALES = frozenset({"NORMALIZATION", "SCALE"})
"""The step that scales: its page names it SCALE, and the example there NORMALIZATION."""

STREAM_NODES = frozenset({"CatalogKafkaSource", "CatalogKinesisSource", "DirectKafkaSource", "DirectKinesisSource"})
"""The nodes of a visual job that read a stream."""
ENDED_STREAM = ("STOPPED", "TIMEOUT")
"""How a run on a stream ends that somebody, or its time limit, ends."""

DATA_WRANGLER = "sagemaker-data-wrangler-container"
"""The repository of the image that applies a flow of Data Wrangler."""
FLOW = ".flow"

LABELING_CLOSED = (
    "Amazon SageMaker Ground Truth is closed to new customers since July 2026; accounts that used it before go on."
)
PUBLIC_CLOSED = "Amazon Mechanical Turk was shut down on 2026-09-30; only labeling jobs of before show it."


class LabelReview(Settings):
    """When labels that strangers gave count as validated.

    Attributes:
        workers: how many must have labeled each object; our own figure: of two neither outvotes the other.
    """

    workers: int = 3


def _steps(found: Iterable[PreparationStep], wanted: Callable[[PreparationStep], bool]) -> Findings:
    """One finding for each recipe or job that has such a step, good where data went through one."""
    by_place: dict[str, list[PreparationStep]] = {}
    for step in filter(wanted, found):
        by_place.setdefault(step.where, []).append(step)
    for where, steps in by_place.items():
        done = [step for step in steps if step.ran]
        names = ", ".join(sorted({_name(step) for step in done or steps}))
        what = steps[0].what
        note = f"a {what} with {names}" if done else f"a {what} with {names}, but no data has gone through it as it is"
        yield Finding(where, good=bool(done), note=note)


def _name(step: PreparationStep) -> str:
    return f"{step.operation} {step.way}" if step.way else step.operation


def _operation(pattern: str) -> Callable[[PreparationStep], bool]:
    """Whether a step is such an operation, as a whole."""
    form = re.compile(pattern)
    return lambda step: form.fullmatch(step.operation) is not None


@evidence("1.2-K1")
def outliers_treated(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""Outliers were found and treated, by a recipe that was applied.

    Why: a few extreme values pull means, scales and linear models towards themselves.
    Fix: Give a recipe a step for outliers, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "REPLACE_OUTLIERS", "Parameters": {"sourceColumn": "COLUMN", "outlierStrategy": "Z_SCORE", "threshold": "3", "replaceType": "REPLACE_WITH_MEDIAN"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.outliers.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501
    yield from _steps([*recipes, *nodes], _operation(r"(FLAG|REMOVE|REPLACE|RESCALE)_OUTLIERS.*"))


@evidence("1.2-K2")
def missing_values_treated(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""Missing values were filled or removed, by a recipe or a visual job that ran.

    Why: most algorithms take no gaps; what fills them decides what the model believes of those who left them.
    Fix: Give a recipe a step that fills the gaps, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "FILL_WITH_MEDIAN", "Parameters": {"sourceColumn": "COLUMN"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.data-quality.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501
    filled = _operation(r"FILL_WITH_(?!NULL$).+|REMOVE_MISSING|FillMissingValues|DropNullFields")
    yield from _steps([*recipes, *nodes], filled)


@evidence("1.2-K3")
def duplicates_removed(
    recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = (), transforms: Sequence[MatchingStep] = ()
) -> Findings:
    r"""Duplicates were removed by a recipe or a visual job, or found by a transform that learned how.

    Why: what is there twice weighs double, and leaks from the training data into the test data.
    Fix: Give a recipe a step that deletes duplicate rows, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "DELETE_DUPLICATE_ROWS"}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.DELETE_DUPLICATE_ROWS.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes, visual jobs and transforms are free to keep.
    """  # noqa: E501
    removed = _operation(r"(REMOVE|DELETE)_DUPLICATE.*|DropDuplicates|FIND_MATCHES")
    yield from _steps([*recipes, *nodes, *transforms], removed)


@evidence("1.2-K4")
def columns_scaled(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""Numeric columns were scaled, by a recipe that was applied.

    Why: distances and gradients follow the column with the largest numbers, whether it matters or not.
    Fix: Give a recipe a step that scales, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "NORMALIZATION", "Parameters": {"sourceColumn": "COLUMN", "strategy": "MIN_MAX", "targetColumn": "COLUMN_scaled"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.data-science.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501
    yield from _steps([*recipes, *nodes], lambda step: step.operation in SCALES)


@evidence("1.2-K5")
def columns_split(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""One column was split into several, or a date into its parts, by a recipe or a visual job that ran.

    Why: a model can't see the weekday in a date, nor the domain in an address; split, each part is a feature.
    Fix: Give a recipe a step that splits, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "SPLIT_COLUMN_SINGLE_DELIMITER", "Parameters": {"sourceColumn": "COLUMN", "pattern": "/", "limit": "1", "includeInSplit": "false"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.column-structure.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501

    def splits(step: PreparationStep) -> bool:
        by_function = step.operation == "DynamicTransform" and "split" in step.way.lower()
        return step.operation.startswith("SPLIT_COLUMN_") or step.operation in DATE_PARTS or by_function

    yield from _steps([*recipes, *nodes], splits)


@evidence("1.2-K6")
def values_binned(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""Numbers were put into bins, by a recipe that was applied.

    Why: bins let a linear model follow what is not linear, and take the noise out of exact numbers.
    Fix: Give a recipe a step that makes bins, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "BINARIZATION", "Parameters": {"sourceColumn": "COLUMN", "targetColumn": "COLUMN_high", "threshold": "100", "flip": "false"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.BUCKETIZATION.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501
    yield from _steps([*recipes, *nodes], _operation(r"BUCKETIZATION|BINARIZATION"))


@evidence("1.2-K7")
def columns_normalized(
    recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = (), parameters: Sequence[ParameterStep] = ()
) -> Findings:
    r"""Columns were normalized, by a recipe that was applied or by Linear Learner.

    Why: with one range or one deviation for all columns, none outweighs the others, and gradients converge.
    Fix: Give a recipe a step that normalizes, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "NORMALIZATION", "Parameters": {"sourceColumn": "COLUMN", "strategy": "Z_SCORE", "targetColumn": "COLUMN_normalized"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.data-science.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and training jobs are free to keep.
    """  # noqa: E501

    def normalizes(step: PreparationStep) -> bool:
        return (step.operation in SCALES and step.way in NORMAL_SCALES) or step.operation == NORMALIZING

    yield from _steps([*recipes, *nodes, *parameters], normalizes)


@evidence("1.2-K8")
def values_log_transformed(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""A logarithm was taken of a column, by a recipe that was applied.

    Why: prices, counts and durations have long tails; their logarithms are spread evenly, as linear models want them.
    Fix: Give a recipe a step that takes the logarithm, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "SKEWNESS", "Parameters": {"sourceColumn": "COLUMN", "targetColumn": "COLUMN_log", "skewFunction": "LOG", "value": "2.718281828"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.SKEWNESS.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501

    def takes_logarithm(step: PreparationStep) -> bool:
        skew = step.operation in ("RESCALE_OUTLIERS_WITH_SKEW", "SKEWNESS") and step.way.startswith("LOG")
        return skew or step.operation in ("LN", "LOG")

    yield from _steps([*recipes, *nodes], takes_logarithm)


@evidence("1.2-K9")
def one_hot_encoded(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""A column was one-hot encoded, by a recipe that was applied.

    Why: categories have no order; a column for each keeps the model from learning one.
    Fix: Give a recipe a step that encodes, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "ONE_HOT_ENCODING", "Parameters": {"sourceColumn": "COLUMN"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.ONE_HOT_ENCODING.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501
    yield from _steps([*recipes, *nodes], _operation("ONE_HOT_ENCODING"))


@evidence("1.2-K10")
def labels_encoded(recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = ()) -> Findings:
    r"""Categories were mapped to numbers, by a recipe that was applied.

    Why: a label or an ordered category becomes one number; a map of one's own says which, and keeps it so.
    Fix: Give a recipe a step that maps to numbers, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "CATEGORICAL_MAPPING", "Parameters": {"sourceColumn": "COLUMN", "targetColumn": "COLUMN_code", "mapType": "NUMERIC", "categoryMap": "{\"low\":\"1\",\"high\":\"2\"}", "keepOthers": "true", "deleteOtherRows": "false"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.CATEGORICAL_MAPPING.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and jobs are free to keep, with their runs.
    """  # noqa: E501

    def encodes(step: PreparationStep) -> bool:
        return step.operation == "CATEGORICAL_MAPPING" and step.way == "NUMERIC"

    yield from _steps([*recipes, *nodes], encodes)


@evidence("1.2-K11")
def text_tokenized(
    recipes: Sequence[RecipeStep] = (), nodes: Sequence[VisualStep] = (), parameters: Sequence[ParameterStep] = ()
) -> Findings:
    r"""Text was split into tokens, by a recipe that was applied or by a training script that was told how.

    Why: a model reads tokens, not sentences; how they are cut decides what it can know.
    Fix: Give a recipe a step that makes tokens, and run it as a job.
        aws databrew create-recipe --name RECIPE --steps '[{"Action": {"Operation": "TOKENIZATION", "Parameters": {"sourceColumn": "COLUMN", "targetColumn": "COLUMN_tokens", "delimiter": "- ", "expandContractions": "true", "stemmingMode": "PORTER", "stopWordRemovalMode": "DEFAULT", "customStopWords": "[]", "tokenizerPattern": " ", "punctuationRemovalMode": "DEFAULT"}}}]'
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.TOKENIZATION.html
    Cost: Recipes are free; a run costs cents, two nodes for some minutes.
    Survives: Recipes and training jobs are free to keep.
    """  # noqa: E501

    def tokenizes(step: PreparationStep) -> bool:
        return step.operation == "TOKENIZATION" or step.operation in TOKENIZING

    yield from _steps([*recipes, *nodes, *parameters], tokenizes)


@evidence("1.2-K13", "1.2-S1", severity="high")
def glue_etl_job_succeeded(
    jobs: list[glue.Job], runs: list[glue.JobRun], sessions: list[glue.Session], scan: Scan
) -> Findings:
    r"""A Glue job ran to its end, or an interactive session was used.

    Why: Glue is the serverless Spark of the exam; a job that never ran well transformed nothing.
    Fix: Write a short script, and run it with the smallest capacity.
        aws glue create-job --name JOB --role ROLE_ARN --glue-version 5.0 --worker-type G.1X --number-of-workers 2 \
          --timeout 5 --command Name=glueetl,ScriptLocation=s3://BUCKET/scripts/job.py
        aws glue start-job-run --job-name JOB
        aws glue get-job-runs --job-name JOB --query 'JobRuns[0].JobRunState'
    See: https://docs.aws.amazon.com/glue/latest/dg/author-job-glue.html
    Cost: cents, two workers for some minutes.
    Survives: Glue shows a job's runs for 90 days, as long as the job is kept, which is free.
    """
    ran: dict[str, list[glue.JobRun]] = {}
    for run in runs:
        ran.setdefault(run.job_name, []).append(run)
    for job in jobs:
        arn = scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account)
        own = ran.get(job.name, [])
        if any(run.job_run_state == "SUCCEEDED" for run in own):
            yield Finding(arn, good=True, note=f"a {job.command.name or 'Glue'} job with a run that succeeded")
        elif own:
            states = ", ".join(sorted({str(run.job_run_state).lower() for run in own}))
            yield Finding(arn, good=False, note=f"none of its runs succeeded: {states}")
        else:
            yield Finding(arn, good=False, note="no run in the last 90 days")
    for session in sessions:
        arn = scan.arn("glue", f"session/{session.id}", region=scan.region, account=scan.account)
        used = session.status == "READY" or (session.status in USED_SESSION and bool(session.dpu_seconds))
        yield Finding(arn, good=used, note=f"an interactive session, {str(session.status).lower()}")


@evidence("1.2-K14")
def databrew_recipe_job_succeeded(jobs: list[databrew.Job], runs: list[databrew.JobRun], scan: Scan) -> Findings:
    r"""A DataBrew recipe was applied to a dataset by a job that succeeded.

    Why: DataBrew is the exam's answer to cleaning and preparing data without code; a recipe does so only in a job.
    Fix: Publish a recipe, and run it as a job.
        aws databrew publish-recipe --name RECIPE
        aws databrew create-recipe-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --max-capacity 2 \
          --recipe-reference Name=RECIPE,RecipeVersion=1.0 --outputs 'Location={Bucket=BUCKET},Format=PARQUET'
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/jobs.html
    Cost: cents, two nodes for some minutes; an open project session is billed by the half hour.
    Survives: Jobs are free to keep, with their runs.
    """
    for job in jobs:
        if job.type == "RECIPE":
            arn = job.resource_arn or scan.arn("databrew", f"job/{job.name}", region=scan.region, account=scan.account)
            states = {str(run.state) for run in runs if run.name == job.name}
            if "SUCCEEDED" in states:
                yield Finding(arn, good=True, note="a recipe job with a run that succeeded")
            else:
                note = (
                    f"none of its runs succeeded: {', '.join(sorted(states)).lower()}" if states else "it was never run"
                )
                yield Finding(arn, good=False, note=note)


@evidence("1.2-K15")
def lambda_stream_transform(
    mappings: list[EventSourceMapping], deliveries: list[DeliveryStream], scan: Scan
) -> Findings:
    r"""A Lambda function handles the records of a stream.

    Why: a function on Kinesis, Kafka or a DynamoDB stream, or in Firehose, transforms records before they are stored.
    Fix: Map a stream to a function; switch the mapping off afterwards rather than deleting it.
        aws lambda create-event-source-mapping --function-name FUNCTION --event-source-arn STREAM_ARN \
          --starting-position LATEST
        aws lambda update-event-source-mapping --uuid UUID --no-enabled
    See: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    Cost: cents, for calls of the function; the stream itself is charged by the hour.
    Survives: A mapping that is switched off costs nothing, and stays when its stream is deleted.
    """
    for mapping in mappings:
        arn = scan.arn("lambda", f"event-source-mapping:{mapping.uuid}", region=scan.region, account=scan.account)
        service = str(mapping.event_source_arn).split(":")[2:3]
        if (service and service[0] in STREAMS) or mapping.topics:
            state = str(mapping.state).lower()
            yield Finding(arn, good=True, note=f"records of {service[0] if service else 'kafka'}, {state}")
    for delivery in deliveries:
        if any(processor.type == "Lambda" for processor in delivery.processors):
            yield Finding(delivery.delivery_stream_arn, good=True, note="Firehose transforms its records by a function")


@evidence("1.2-S4", severity="high")
def feature_group_managed(groups: list[FeatureGroup], tables: list[glue.Table], scan: Scan) -> Findings:
    r"""A feature group was created in Feature Store.

    Why: one place for features keeps training and serving the same, and lets teams find and reuse them.
    Fix: An offline store alone costs next to nothing.
        aws sagemaker create-feature-group --feature-group-name GROUP --role-arn ROLE_ARN \
          --record-identifier-feature-name id --event-time-feature-name event_time \
          --feature-definitions FeatureName=id,FeatureType=String FeatureName=event_time,FeatureType=String \
          FeatureName=x,FeatureType=Fractional --offline-store-config 'S3StorageConfig={S3Uri=s3://BUCKET/features}'
        aws sagemaker update-feature-metadata --feature-group-name GROUP --feature-name x --description "what x means"
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-create-feature-group.html
    Cost: free while the offline store is empty; an online store is charged by reads and writes.
    Survives: The table of a deleted group's offline store stays in the database sagemaker_featurestore.
    """
    live: set[str] = set()
    for group in groups:
        catalog = group.offline_store_config.data_catalog_config if group.offline_store_config else None
        live.add(catalog.table_name if catalog else "")
        failed = group.feature_group_status not in ("Created", "Deleting", "DeleteFailed")
        note = f"{len(group.feature_definitions)} features, {str(group.feature_group_status).lower()}"
        yield Finding(group.feature_group_arn, good=not failed, note=note)
    for table in tables:
        if table.database_name == FEATURE_STORE_DATABASE and table.name not in live and not table.target_table:
            resource = f"table/{table.database_name}/{table.name}"
            arn = scan.arn("glue", resource, region=scan.region, account=scan.account)
            yield Finding(arn, good=True, note="the offline table of a feature group that is gone")


@evidence("1.2-K16", severity="low")
def spark_streaming_run(
    scan: Scan,
    jobs: Sequence[glue.Job] = (),
    runs: Sequence[glue.JobRun] = (),
    steps: Sequence[emr.Step] = (),
    serverless: Sequence[emr_serverless.JobRun] = (),
) -> Findings:
    r"""Spark transformed a stream, in Glue or on EMR.

    Why: where a function sees one batch of records, Spark keeps state: windows, joins and late records.
    Fix: Run a streaming job for some minutes, and stop it.
        aws glue create-job --name JOB --role ROLE_ARN --glue-version 5.0 --worker-type G.025X --number-of-workers 2 \
          --timeout 10 --command Name=gluestreaming,ScriptLocation=s3://BUCKET/scripts/stream.py
        aws glue start-job-run --job-name JOB
        aws glue batch-stop-job-run --job-name JOB --job-run-ids RUN_ID
    See: https://docs.aws.amazon.com/glue/latest/dg/add-job-streaming.html
    Cost: hourly, as long as it runs: a stream has no end of its own.
    Survives: Glue shows a job's runs for 90 days, EMR a cluster's steps for two months; neither costs anything.
    """
    for job in jobs:
        if job.command.name == "gluestreaming" or STREAM_NODES & job.code_gen_configuration_nodes.keys():
            own = [run for run in runs if run.job_name == job.name]
            ran = any(
                run.job_run_state in ("RUNNING", "SUCCEEDED")
                or (run.job_run_state in ENDED_STREAM and run.execution_time)
                for run in own
            )
            states = ", ".join(sorted({str(run.job_run_state).lower() for run in own})) or "no run in the last 90 days"
            arn = scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account)
            yield Finding(arn, good=ran, note=f"a job on a stream: {states}")
    for step in steps:
        if step.streaming:
            began = step.status.timeline.start_date_time is not None and step.status.state != "FAILED"
            note = f"step {step.id} on a stream, {str(step.status.state).lower()}"
            yield Finding(_cluster(scan, step), good=began, note=note)
    for run in serverless:
        if run.mode == "STREAMING":
            began = run.state in ("RUNNING", "SUCCESS") or (run.state == "CANCELLED" and run.started_at is not None)
            yield Finding(run.arn, good=began, note=f"a run on a stream, {run.state.lower()}")


def _cluster(scan: Scan, step: emr.Step) -> str:
    resource = f"cluster/{step.cluster_id}"
    return scan.arn("elasticmapreduce", resource, region=scan.region, account=scan.account)


@evidence("1.2-S2")
def emr_spark_run(
    scan: Scan, steps: Sequence[emr.Step] = (), serverless: Sequence[emr_serverless.JobRun] = ()
) -> Findings:
    r"""Spark ran to its end on EMR, on a cluster or without one.

    Why: EMR is Spark with all its settings, for what Glue's are too narrow; serverless, it costs only what runs.
    Fix: Run a script on a serverless application, which stops by itself.
        aws emr-serverless create-application --name APPLICATION --type SPARK --release-label emr-7.5.0
        aws emr-serverless start-job-run --application-id APPLICATION_ID --execution-role-arn ROLE_ARN \
          --job-driver 'sparkSubmit={entryPoint=s3://BUCKET/scripts/job.py}'
    See: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/getting-started.html
    Cost: cents, for some minutes of a few vCPUs.
    Survives: A stopped application is free, and lists its runs; EMR shows clusters for two months after their end.
    """
    for step in steps:
        if step.spark:
            state = str(step.status.state).lower()
            note = f"step {step.id} by {step.config.args[0]}, {state}"
            yield Finding(_cluster(scan, step), good=step.status.state == "COMPLETED", note=note)
    for run in serverless:
        if str(run.type).lower() == "spark":
            yield Finding(run.arn, good=run.state == "SUCCESS", note=f"a serverless Spark job, {run.state.lower()}")


@evidence("1.2-S3")
def data_wrangler_job_run(jobs: list[ProcessingJob]) -> Findings:
    """A Data Wrangler flow was applied to a whole data set by a job.

    Why: in the canvas a flow works on a sample; the job is what transforms all of the data, and can be repeated.
    Fix: In the flow choose 'Create job', or start what its export to Amazon S3 writes into a notebook.
        aws sagemaker create-processing-job --processing-job-name NAME --role-arn ROLE_ARN --processing-resources 'ClusterConfig={InstanceType=ml.m5.4xlarge,InstanceCount=1,VolumeSizeInGB=30}' --app-specification ImageUri=REGISTRY/sagemaker-data-wrangler-container:5.x --processing-inputs 'InputName=flow,S3Input={S3Uri=s3://BUCKET/NAME.flow,LocalPath=/opt/ml/processing/flow,S3DataType=S3Prefix,S3InputMode=File}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-export-data.html
    Cost: cents, for some minutes of an instance; an open session of Canvas is billed by the hour.
    Survives: Processing jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    for job in jobs:
        _, repository = image_of(job.app_specification.image_uri)
        flows = [one for one in job.processing_inputs if one.s3_input and one.s3_input.s3_uri.endswith(FLOW)]
        if (repository == DATA_WRANGLER or flows) and not job.auto_ml_job_arn:
            status = job.processing_job_status
            yield Finding(job.processing_job_arn, good=status == "Completed", note=f"a flow, {status.lower()}")


@practice("1.2-S4", "1.1-S4")
def feature_group_catalogued(groups: list[FeatureGroup]) -> Findings:
    r"""Offline stores are written to, and are in the data catalog.

    Why: training reads the history of features by queries; a blocked store falls behind what is served, unnoticed.
    Fix: An offline store that was blocked lacks a permission, mostly of its role on the bucket, its key or the catalog.
        aws sagemaker describe-feature-group --feature-group-name GROUP --query '[OfflineStoreStatus, FailureReason]'
        aws sagemaker create-feature-group --feature-group-name GROUP --role-arn ROLE_ARN \
          --record-identifier-feature-name id --event-time-feature-name event_time \
          --feature-definitions FeatureName=id,FeatureType=String FeatureName=event_time,FeatureType=String \
          --offline-store-config 'S3StorageConfig={S3Uri=s3://BUCKET/features},DisableGlueTableCreation=false'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-offline.html
    Cost: free, but for what lies in S3.
    """
    for group in groups:
        offline, store = group.offline_store_config, group.offline_store_status
        if group.feature_group_status == "CreateFailed":
            yield Finding(group.feature_group_arn, good=False, note="it could not be created")
        elif offline and store and group.feature_group_status == "Created":
            kept = "in the catalog" if offline.data_catalog_config else "not in the catalog"
            good = store.status == "Active" and offline.data_catalog_config is not None
            yield Finding(group.feature_group_arn, good=good, note=f"an offline store, {store.status.lower()}, {kept}")


@practice("1.2-S4", severity="low")
def feature_documented(groups: list[FeatureGroup], notes: list[FeatureNote]) -> Findings:
    """A feature group, or one of its features, says what it means.

    Why: a store is there so that others find and reuse features; nobody reuses what nobody explains.
    Fix: aws sagemaker update-feature-metadata --feature-group-name GROUP --feature-name FEATURE --description "what it means"
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-add-metadata.html
    Cost: free.
    """  # noqa: E501
    for group in groups:
        if group.feature_group_status == "Created":
            own = [note for note in notes if note.feature_group_name == group.feature_group_name]
            told = [note.feature_name for note in own if note.description or note.parameters]
            if group.description:
                yield Finding(group.feature_group_arn, good=True, note="the group is described")
            elif told:
                yield Finding(group.feature_group_arn, good=True, note=f"described: {', '.join(sorted(told))}")
            elif own and len(group.feature_definitions) <= len(own):
                yield Finding(group.feature_group_arn, good=False, note="neither it nor a feature is described")
            elif own:
                note = f"neither it nor one of its first {len(own)} features is described"
                yield Finding(group.feature_group_arn, good=False, note=note)


@evidence("1.2-S5", severity="low", closed=LABELING_CLOSED)
def labeling_job_completed(jobs: list[LabelingJob]) -> Findings:
    """A labeling job of Ground Truth labeled data.

    Why: supervised learning needs labels, and the exam asks how people and models share the work on them.
    Fix: Who still can use it labels a few objects with a private team of one.
        aws sagemaker create-labeling-job --cli-input-json file://labeling-job.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/sms-getting-started.html
    Cost: cents for each object.
    Survives: Labeling jobs stay listed; nobody can delete one.
    """
    for job in jobs:
        note = f"{job.labeled} objects labeled, {job.labeling_job_status.lower()}"
        yield Finding(job.labeling_job_arn, good=job.labeled > 0, note=note)


@practice("1.2-S5", severity="low", closed=LABELING_CLOSED)
def labels_verified(jobs: list[LabelingJob], review: LabelReview) -> Findings:
    """Labels by strangers are those of several workers, or were verified.

    Why: one worker errs; the answers of several, consolidated, or a second look, make labels that can be trusted.
    Fix: Let several workers label each object, or let another job verify the labels.
        aws sagemaker create-labeling-job --cli-input-json file://labeling-job.json --human-task-config file://three-workers.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/sms-annotation-consolidation.html
    Cost: each further worker costs as much as the first.
    """
    reviewed = {job.reviews for job in jobs if job.reviews and job.labeled}
    for job in jobs:
        if job.labeled and not job.reviews:
            task, output = job.human_task_config, job.labeling_job_output
            workers = task.number_of_human_workers_per_data_object
            if output and output.output_dataset_s3_uri in reviewed:
                yield Finding(job.labeling_job_arn, good=True, note="another job verified or adjusted its labels")
            elif job.hired:
                good = workers >= review.workers and task.annotation_consolidation_config is not None
                yield Finding(job.labeling_job_arn, good=good, note=f"{workers} workers for each object, no review")


@evidence("1.2-S6", severity="low", closed=PUBLIC_CLOSED)
def public_workforce_used(jobs: list[LabelingJob]) -> Findings:
    """A labeling job was done by the public, by Mechanical Turk.

    Why: the exam still asks when a crowd labels, and when data may not leave one's own people.
    Fix: It can't be done any more; what was done is shown.
        aws sagemaker list-labeling-jobs --query "LabelingJobSummaryList[?contains(WorkteamArn, 'public-crowd')]"
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/sms-workforce-management-public.html
    Cost: free to look at.
    Survives: Labeling jobs stay listed; nobody can delete one.
    """
    for job in jobs:
        if job.public:
            yield Finding(
                job.labeling_job_arn, good=job.labeled > 0, note=f"{job.labeled} objects labeled by the public"
            )
