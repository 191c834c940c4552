"""1.2 Transform data and engineer features: Glue, DataBrew, Lambda on streams, Feature Store."""

from __future__ import annotations

from readiness import Finding, Findings, Scan, evidence
from readiness.aws import databrew, glue
from readiness.aws.datasets import FEATURE_STORE_DATABASE
from readiness.aws.firehose import DeliveryStream
from readiness.aws.lambda_functions import EventSourceMapping
from readiness.aws.sagemaker.features import FeatureGroup

STREAMS = ("kinesis", "dynamodb", "kafka")
"""The services, as ARNs name them, whose event sources are streams; queues and databases are not."""

USED_SESSION = ("READY", "STOPPING", "STOPPED", "TIMEOUT")
"""The states of an interactive session that has been ready, if it also consumed capacity."""


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
