"""2.1 Choose a modeling approach: built-in algorithms, JumpStart, Bedrock, AI services, and what capacity costs."""

from __future__ import annotations

import datetime
import re

from readiness import Finding, Findings, Scan, Settings, evidence, practice
from readiness.aws.bedrock import (
    IDLE_DAYS,
    Agent,
    EvaluationJob,
    KnowledgeBase,
    ModelCustomizationJob,
    ModelInvocationJob,
    PromptRouter,
    ProvisionedThroughput,
    ProvisionedThroughputUse,
)
from readiness.aws.rekognition import CustomLabelsProject, FaceCollection
from readiness.aws.sagemaker.algorithms import ModelOrigin, TrainingRun, is_jumpstart
from readiness.aws.transcribe import TranscriptionJob, Vocabulary
from readiness.aws.translate import Terminology, TextTranslationJob

FAMILIES = 3
"""How many families of algorithms show that capabilities were compared."""

REGIONAL_PROFILE = re.compile(r"^(us-gov|us|eu|apac|ap|au|ca|jp|sa|global)\.(?=[a-z0-9-]+\.)")
OPAQUE = re.compile("(application-inference-profile|provisioned-model)/")
VERSION = re.compile(r"(-v\d+)?(:\d+)*(:[a-z0-9]+)?$")


class IdleCapacity(Settings):
    """When provisioned throughput counts as idle. Our own figure: a day lets somebody set it up and try it."""

    grace_hours: int = 24


@evidence("2.1-K7", "2.2-S1", severity="high")
def builtin_algorithm_trained(runs: list[TrainingRun]) -> Findings:
    """A SageMaker built-in algorithm was trained to completion.

    Why: built-in algorithms need no code, scale by themselves and are what the exam asks to choose between.
    Fix: Train XGBoost on a small CSV, with the image URI of your region.
        aws sagemaker create-training-job --training-job-name xgboost-1 --role-arn ROLE_ARN --algorithm-specification TrainingImage=XGBOOST_IMAGE_URI,TrainingInputMode=File --input-data-config file://channels.json --output-data-config S3OutputPath=s3://BUCKET/models/ --resource-config InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=10 --stopping-condition MaxRuntimeInSeconds=600 --hyper-parameters num_round=50,objective=binary:logistic
        aws sagemaker wait training-job-completed-or-stopped --training-job-name xgboost-1
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/algos.html
    Cost: cents, for a few minutes of ml.m5.large.
    Survives: Training jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    for run in runs:
        if run.built_in:
            note = f"{run.built_in}, {run.training_job_status.lower()}"
            yield Finding(run.training_job_arn, good=run.completed, note=note)


@evidence("2.1-K1")
def algorithm_families_tried(runs: list[TrainingRun]) -> Findings:
    """Algorithms of at least three families were trained (tabular, clustering, anomalies, forecasting, text ...).

    Why: to pick an algorithm one must know what each family can do; having run several is how that is learned.
    Fix: Train, for instance, XGBoost, k-means and Random Cut Forest on sample data: same request, other image.
        aws sagemaker create-training-job --cli-input-json file://kmeans.json
        aws sagemaker create-training-job --cli-input-json file://randomcutforest.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/algorithms-choose.html
    Cost: cents, for three short jobs.
    Survives: Training jobs stay listed after they end, unless somebody deletes them.
    """
    first: dict[str, TrainingRun] = {}
    for run in sorted(runs, key=lambda run: run.creation_time):
        if run.completed and run.family:
            first.setdefault(run.family, run)
    for family, run in first.items():
        note = f"{family}: {run.built_in} ({len(first)} of {FAMILIES} families)"
        yield Finding(run.training_job_arn, good=len(first) >= FAMILIES, note=note)


@evidence("2.1-K2")
def translate_used(jobs: list[TextTranslationJob], terminologies: list[Terminology]) -> Findings:
    """Amazon Translate ran a batch job or keeps a terminology.

    Why: for a standard task such as translation a managed AI service beats a model of one's own in time and cost.
    Fix: Import a terminology of a few lines and translate with it; a batch job leaves a trace too.
        aws translate import-terminology --name NAME --merge-strategy OVERWRITE --data-file fileb://terms.csv --terminology-data Format=CSV
        aws translate translate-text --source-language-code en --target-language-code de --terminology-names NAME --text hello
        aws translate start-text-translation-job --job-name JOB --input-data-config S3Uri=s3://BUCKET/in/,ContentType=text/plain --output-data-config S3Uri=s3://BUCKET/out/ --data-access-role-arn ROLE_ARN --source-language-code en --target-language-codes de
    See: https://docs.aws.amazon.com/translate/latest/dg/async.html
    Cost: free for a terminology; cents for a page of text.
    Survives: A terminology costs nothing to keep; a single translate-text leaves nothing that can be listed.
    """  # noqa: E501
    for job in jobs:
        note = f"batch translation {job.job_name or job.job_id}"
        yield Finding(f"translation-job/{job.job_id}", good=True, note=note)
    for terminology in terminologies:
        yield Finding(terminology.arn, good=True, note=f"terminology of {terminology.term_count} terms")


@evidence("2.1-K3")
def transcribe_used(jobs: list[TranscriptionJob], vocabularies: list[Vocabulary], scan: Scan) -> Findings:
    """Amazon Transcribe completed a job or keeps a custom vocabulary.

    Why: speech to text is a standard task, for which a managed AI service beats a model of one's own.
    Fix: Transcribe a clip of some seconds, or make a vocabulary.
        aws transcribe start-transcription-job --transcription-job-name JOB --language-code en-US --media MediaFileUri=s3://BUCKET/clip.mp3
        aws transcribe create-vocabulary --vocabulary-name NAME --language-code en-US --phrases SageMaker Bedrock
    See: https://docs.aws.amazon.com/transcribe/latest/dg/how-it-works.html
    Cost: cents, for a clip of seconds; a vocabulary is free.
    Survives: Jobs are listed for some months only; a vocabulary stays until it is deleted.
    """
    for job in jobs:
        name = job.transcription_job_name
        arn = scan.arn("transcribe", f"transcription-job/{name}", region=scan.region, account=scan.account)
        yield Finding(arn, good=True, note="transcription completed")
    for vocabulary in vocabularies:
        name = vocabulary.vocabulary_name
        arn = scan.arn("transcribe", f"vocabulary/{name}", region=scan.region, account=scan.account)
        yield Finding(arn, good=True, note="custom vocabulary")


@evidence("2.1-K4")
def rekognition_used(collections: list[FaceCollection], projects: list[CustomLabelsProject], scan: Scan) -> Findings:
    """Amazon Rekognition holds a face collection or a Custom Labels project.

    Why: image analysis is a standard task; Rekognition needs no training, and Custom Labels only some dozen images.
    Fix: Make a collection and index a face; analysing an image alone leaves nothing that can be listed.
        aws rekognition create-collection --collection-id NAME
        aws rekognition index-faces --collection-id NAME --image 'S3Object={Bucket=BUCKET,Name=face.jpg}'
    See: https://docs.aws.amazon.com/rekognition/latest/dg/collections.html
    Cost: cents; an empty collection is free.
    Survives: A collection stays until it is deleted, and is free while it is empty.
    """
    for collection in collections:
        name = f"collection/{collection.collection_id}"
        arn = scan.arn("rekognition", name, region=scan.region, account=scan.account)
        yield Finding(arn, good=True, note="face collection")
    for project in projects:
        yield Finding(project.project_arn, good=project.status != "DELETING", note="Custom Labels project")


@evidence("2.1-K5", severity="high")
def bedrock_used(
    batches: list[ModelInvocationJob],
    customizations: list[ModelCustomizationJob],
    evaluations: list[EvaluationJob],
    knowledge_bases: list[KnowledgeBase],
    agents: list[Agent],
    scan: Scan,
) -> Findings:
    """Amazon Bedrock ran a job on a foundation model, or hosts a knowledge base or an agent.

    Why: Bedrock is how AWS offers foundation models without servers, and the exam asks when to choose it.
    Fix: Run a batch of prompts, or let a model be evaluated on a built-in dataset.
        aws bedrock create-model-invocation-job --job-name JOB --model-id MODEL_ID --role-arn ROLE_ARN --input-data-config 's3InputDataConfig={s3Uri=s3://BUCKET/in/}' --output-data-config 's3OutputDataConfig={s3Uri=s3://BUCKET/out/}'
        aws bedrock list-model-invocation-jobs --status-equals Completed
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference.html
    Cost: cents, at half the price of single invocations.
    Survives: Jobs stay listed; agents cost nothing while idle; a single invocation leaves nothing that can be listed.
    """  # noqa: E501
    jobs = [
        *((job.job_arn, job.status or "unknown", "batch inference") for job in batches),
        *((job.job_arn, job.status, "model customization") for job in customizations),
        *((job.job_arn, job.status, "evaluation") for job in evaluations),
    ]
    for arn, status, what in jobs:
        yield Finding(arn, good=status == "Completed", note=f"{what}, {status.lower()}")
    hosted = [
        *((f"knowledge-base/{base.knowledge_base_id}", base.status, "knowledge base") for base in knowledge_bases),
        *((f"agent/{agent.agent_id}", agent.agent_status, "agent") for agent in agents),
    ]
    for name, status, what in hosted:
        arn = scan.arn("bedrock", name, region=scan.region, account=scan.account)
        yield Finding(arn, good=status in ("ACTIVE", "PREPARED"), note=f"{what}, {status.lower()}")


@evidence("2.1-S4")
def bedrock_models_compared(
    evaluations: list[EvaluationJob], batches: list[ModelInvocationJob], routers: list[PromptRouter]
) -> Findings:
    """Models of Bedrock were evaluated, or several were run, before one was chosen.

    Why: models differ in quality, latency and price; an evaluation on one's own prompts is what a choice rests on.
    Fix: Evaluate a small model on a built-in dataset, then a second one with the same request.
        aws bedrock create-evaluation-job --cli-input-json file://evaluation.json
        aws bedrock list-evaluation-jobs --application-type-equals ModelEvaluation --status-equals Completed
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/evaluation.html
    Cost: cents, for some dozen prompts on small models.
    Survives: Evaluation and batch jobs stay listed.
    """
    for job in evaluations:
        if job.application_type != "RagEvaluation":
            note = f"evaluation of {len(job.model_identifiers)} models, {job.status.lower()}"
            yield Finding(job.job_arn, good=job.status == "Completed", note=note)
    for router in routers:
        yield Finding(router.prompt_router_arn, good=True, note="prompt router of one's own")
    completed = [(job, name) for job in batches if job.status == "Completed" and (name := model_of(job.model_id))]
    models = {name for _, name in completed}
    for batch, name in completed:
        note = f"batch inference on {name} ({len(models)} different models)"
        yield Finding(batch.job_arn, good=len(models) > 1, note=note)


def model_of(identifier: str) -> str:
    """The model behind an id, an ARN or a regional profile, without its version; empty where the id doesn't tell."""
    if OPAQUE.search(identifier):
        return ""
    return VERSION.sub("", REGIONAL_PROFILE.sub("", identifier.rpartition("/")[2]))


@evidence("2.1-S3")
def jumpstart_model_used(runs: list[TrainingRun], models: list[ModelOrigin]) -> Findings:
    """A JumpStart model was trained or made ready to serve.

    Why: starting from a pre-trained model or a template saves the data and the time that training from nothing takes.
    Fix: In Python, JumpStartModel(model_id="MODEL_ID").deploy() for a small model; then delete the endpoint.
        aws sagemaker delete-endpoint --endpoint-name ENDPOINT
        aws sagemaker list-models --sort-by CreationTime --sort-order Descending
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-jumpstart.html
    Cost: hourly, for as long as the endpoint is up; the model alone is free.
    Survives: A SageMaker model costs nothing to keep, and training jobs stay listed.
    """
    for run in runs:
        if run.jumpstart:
            note = f"trained with JumpStart ({run.jumpstart}), {run.training_job_status.lower()}"
            yield Finding(run.training_job_arn, good=run.completed, note=note)
    for model in models:
        containers = [model.primary_container, *model.containers] if model.primary_container else model.containers
        if any(is_jumpstart(container.uri) for container in containers):
            yield Finding(model.model_arn, good=True, note="its files are JumpStart's")


@practice("2.1-S5", severity="high")
def no_idle_model_capacity(
    capacities: list[ProvisionedThroughput], uses: list[ProvisionedThroughputUse], idle: IdleCapacity, scan: Scan
) -> Findings:
    """Provisioned throughput of Bedrock is used.

    Why: it is paid for by the hour whether anybody asks the model or not; on demand and batch cost nothing when idle.
    Fix: Delete what is not used, unless it is committed to, and invoke on demand or in batches.
        aws bedrock list-provisioned-model-throughputs --status-equals InService
        aws bedrock delete-provisioned-model-throughput --provisioned-model-id NAME
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/prov-throughput.html
    Cost: free; deleting stops a charge by the hour.
    Survives: It judges only what is there now.
    """
    counts = {dimension.value: sum(day.sum for day in use.datapoints) for use in uses for dimension in use.dimensions}
    for capacity in capacities:
        expires = capacity.commitment_expiration_time
        committed = bool(capacity.commitment_duration) and (expires is None or expires > scan.at)
        young = scan.at - capacity.creation_time < datetime.timedelta(hours=idle.grace_hours)
        if capacity.status != "InService" or committed or young:
            continue
        count = counts.get(capacity.provisioned_model_arn, 0.0)
        note = f"{count:.0f} invocations in {IDLE_DAYS} days, {capacity.model_units} model units"
        yield Finding(capacity.provisioned_model_arn, good=count > 0, note=note)
