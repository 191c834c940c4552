"""2.1 Choose a modeling approach: built-in algorithms, JumpStart, Bedrock, AI services, and what capacity costs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence

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
from readiness.aws.bedrock_profiles import InferenceProfile
from readiness.aws.bedrock_use import InvocationEvent, InvokedModel
from readiness.aws.comprehend import DocumentClassifier, EntityRecognizer, PiiJob, SentimentJob
from readiness.aws.databrew import Job as DataBrewJob
from readiness.aws.databrew import JobRun
from readiness.aws.glue_quality import RecommendationRun
from readiness.aws.kendra import Index
from readiness.aws.lex import Bot
from readiness.aws.personalize import SolutionVersion
from readiness.aws.polly import Lexicon, SpeechTask
from readiness.aws.rekognition import CustomLabelsProject, FaceCollection
from readiness.aws.sagemaker.algorithms import ModelOrigin, TrainingRun, account_of, is_jumpstart
from readiness.aws.sagemaker.automl import AutoMLJob
from readiness.aws.sagemaker.cards import ModelCard
from readiness.aws.sagemaker.hubs import HubReference
from readiness.aws.textract import AdapterVersion
from readiness.aws.transcribe import TranscriptionJob, Vocabulary
from readiness.aws.translate import Terminology, TextTranslationJob
from readiness.aws.usage import ApiUse, used

FAMILIES = 3
"""How many families of algorithms show that capabilities were compared."""

AUTOML_FAMILIES = {
    "ImageClassification": "vision",
    "Tabular": "tabular",
    "TextClassification": "text",
    "TextGeneration": "text",
    "TimeSeriesForecasting": "forecasting",
}
"""Kind of problem that Autopilot solved -> the family of the algorithms that it tried."""

STATES_PURPOSE = frozenset({"business_problem", "intended_uses", "purpose_of_model"})
"""Parts of a model card of which one at least must be there; what limits the model is no purpose."""

NOT_GENERATIVE = ("embed", "rerank")
"""In the name of a model that helps another to find documents: one of these and one that answers are no comparison."""

REGIONAL_PROFILE = re.compile(r"^(us-gov|us|eu|apac|ap|au|ca|jp|sa|global)\.(?=[a-z0-9-]+\.)")
OPAQUE = re.compile("(application-inference-profile|provisioned-model)/")
VERSION = re.compile(r"(-v\d+)?(:\d+)*(:[a-z0-9]+)?$")


class IdleCapacity(Settings):
    """When provisioned throughput counts as idle. Our own figure: a day lets somebody set it up and try it."""

    grace_hours: int = 24


class PickedServices(Settings):
    """How many AI services show that one was picked for a task. Our own figure: who knows one only has no choice."""

    at_least: int = 2


def _calls(uses: Iterable[ApiUse], service: str) -> Findings:
    """What CloudWatch counted of a service; the start of a job may have failed, or its job."""
    for use in used(uses, service):
        starts = use.operation.endswith("Job")
        times = f"{use.count:.0f} {'call' if use.count == 1 else 'calls'} in fifteen months"
        note = f"{times}, each to start a job" if starts else times
        yield Finding(f"{service}/{use.operation}", good=not starts, note=note)


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
def algorithm_families_tried(runs: Sequence[TrainingRun] = (), automl: Sequence[AutoMLJob] = ()) -> Findings:
    """Algorithms of at least three families were trained (tabular, clustering, anomalies, forecasting, text ...).

    Why: to pick an algorithm one must know what each family can do; having run several is how that is learned.
    Fix: Train, for instance, XGBoost, k-means and Random Cut Forest on sample data: same request, other image.
        aws sagemaker create-training-job --cli-input-json file://kmeans.json
        aws sagemaker create-training-job --cli-input-json file://randomcutforest.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/algorithms-choose.html
    Cost: cents, for three short jobs.
    Survives: Training jobs stay listed after they end, unless somebody deletes them; Autopilot's can't be deleted.
    """
    tried = [
        *((run.creation_time, run.training_job_arn, run.family, run.built_in) for run in runs if run.completed),
        *(
            (job.creation_time, job.auto_ml_job_arn, AUTOML_FAMILIES.get(name, ""), "Autopilot")
            for job in automl
            if job.auto_ml_job_status == "Completed" and (name := job.auto_ml_problem_type_config_name)
        ),
    ]
    first: dict[str, tuple[str, str]] = {}
    for _, arn, family, by in sorted(tried):
        if family:
            first.setdefault(family, (arn, by))
    for family, (arn, by) in first.items():
        note = f"{family}: {by} ({len(first)} of {FAMILIES} families)"
        yield Finding(arn, good=len(first) >= FAMILIES, note=note)


@evidence("2.1-K2")
def translate_used(
    jobs: Sequence[TextTranslationJob] = (), terminologies: Sequence[Terminology] = (), uses: Sequence[ApiUse] = ()
) -> Findings:
    """Amazon Translate translated a text, ran a batch job, or keeps a terminology.

    Why: for a standard task such as translation a managed AI service beats a model of one's own in time and cost.
    Fix: Import a terminology of a few lines and translate with it; a batch job leaves a trace too.
        aws translate import-terminology --name NAME --merge-strategy OVERWRITE --data-file fileb://terms.csv --terminology-data Format=CSV
        aws translate translate-text --source-language-code en --target-language-code de --terminology-names NAME --text hello
        aws translate start-text-translation-job --job-name JOB --input-data-config S3Uri=s3://BUCKET/in/,ContentType=text/plain --output-data-config S3Uri=s3://BUCKET/out/ --data-access-role-arn ROLE_ARN --source-language-code en --target-language-codes de
    See: https://docs.aws.amazon.com/translate/latest/dg/async.html
    Cost: free for a terminology; cents for a page of text.
    Survives: A terminology costs nothing to keep; CloudWatch counts translated texts for fifteen months.
    """  # noqa: E501
    for job in jobs:
        note = f"batch translation {job.job_name or job.job_id}"
        yield Finding(f"translation-job/{job.job_id}", good=True, note=note)
    for terminology in terminologies:
        yield Finding(terminology.arn, good=True, note=f"terminology of {terminology.term_count} terms")
    yield from _calls(uses, "Translate")


@evidence("2.1-K3")
def transcribe_used(
    scan: Scan,
    jobs: Sequence[TranscriptionJob] = (),
    vocabularies: Sequence[Vocabulary] = (),
    uses: Sequence[ApiUse] = (),
) -> Findings:
    """Amazon Transcribe completed a job, transcribed a stream, or keeps a custom vocabulary.

    Why: speech to text is a standard task, for which a managed AI service beats a model of one's own.
    Fix: Transcribe a clip of some seconds, or make a vocabulary.
        aws transcribe start-transcription-job --transcription-job-name JOB --language-code en-US --media MediaFileUri=s3://BUCKET/clip.mp3
        aws transcribe create-vocabulary --vocabulary-name NAME --language-code en-US --phrases SageMaker Bedrock
    See: https://docs.aws.amazon.com/transcribe/latest/dg/how-it-works.html
    Cost: cents, for a clip of seconds; a vocabulary is free.
    Survives: Jobs are listed for some months only, streams counted for fifteen; a vocabulary stays until it is deleted.
    """
    for job in jobs:
        name = job.transcription_job_name
        arn = scan.arn("transcribe", f"transcription-job/{name}", region=scan.region, account=scan.account)
        yield Finding(arn, good=True, note="transcription completed")
    for vocabulary in vocabularies:
        name = vocabulary.vocabulary_name
        arn = scan.arn("transcribe", f"vocabulary/{name}", region=scan.region, account=scan.account)
        yield Finding(arn, good=True, note="custom vocabulary")
    yield from _calls(uses, "Transcribe")
    yield from _calls(uses, "Transcribe Streaming")


@evidence("2.1-K4")
def rekognition_used(
    scan: Scan,
    collections: Sequence[FaceCollection] = (),
    projects: Sequence[CustomLabelsProject] = (),
    uses: Sequence[ApiUse] = (),
) -> Findings:
    """Amazon Rekognition analysed images, or holds a face collection or a Custom Labels project.

    Why: image analysis is a standard task; Rekognition needs no training, and Custom Labels only some dozen images.
    Fix: Have the things in an image named, or make a collection and index a face.
        aws rekognition detect-labels --image 'S3Object={Bucket=BUCKET,Name=photo.jpg}'
        aws rekognition create-collection --collection-id NAME
        aws rekognition index-faces --collection-id NAME --image 'S3Object={Bucket=BUCKET,Name=face.jpg}'
    See: https://docs.aws.amazon.com/rekognition/latest/dg/collections.html
    Cost: cents; an empty collection is free.
    Survives: CloudWatch counts analysed images for fifteen months; a collection stays until it is deleted.
    """
    for collection in collections:
        name = f"collection/{collection.collection_id}"
        arn = scan.arn("rekognition", name, region=scan.region, account=scan.account)
        yield Finding(arn, good=True, note="face collection")
    for project in projects:
        yield Finding(project.project_arn, good=project.status != "DELETING", note="Custom Labels project")
    yield from _calls(uses, "Rekognition")


@evidence("2.1-K5", severity="high")
def bedrock_used(
    scan: Scan,
    invoked: Sequence[InvokedModel] = (),
    events: Sequence[InvocationEvent] = (),
    batches: Sequence[ModelInvocationJob] = (),
    customizations: Sequence[ModelCustomizationJob] = (),
    evaluations: Sequence[EvaluationJob] = (),
    knowledge_bases: Sequence[KnowledgeBase] = (),
    agents: Sequence[Agent] = (),
) -> Findings:
    """A foundation model was invoked or ran a job by Amazon Bedrock, or answers in a knowledge base or an agent.

    Why: Bedrock is how AWS offers foundation models without servers, and the exam asks when to choose it.
    Fix: Ask a small model something, run a batch of prompts, or let a model be evaluated on a built-in dataset.
        aws bedrock-runtime converse --model-id MODEL_ID --messages '[{"role":"user","content":[{"text":"What is churn?"}]}]'
        aws bedrock create-model-invocation-job --job-name JOB --model-id MODEL_ID --role-arn ROLE_ARN --input-data-config 's3InputDataConfig={s3Uri=s3://BUCKET/in/}' --output-data-config 's3OutputDataConfig={s3Uri=s3://BUCKET/out/}'
        aws bedrock list-model-invocation-jobs --status-equals Completed
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference.html
    Cost: cents; batches are at half the price of single invocations.
    Survives: Jobs stay listed, and agents cost nothing while idle; the event history keeps invocations for 90 days.
    """  # noqa: E501
    for model, note in _invocations(invoked, events):
        yield Finding(model if model.startswith("arn:") else f"model/{model}", good=True, note=note)
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


def _invocations(invoked: Iterable[InvokedModel], events: Iterable[InvocationEvent]) -> Iterator[tuple[str, str]]:
    """Each model that was invoked, by its newest event, or by CloudWatch's count alone."""
    newest = {event.model_id: event for event in sorted(events, key=lambda event: event.event_time)}
    for model in sorted({*newest, *(one.model_id for one in invoked)}):
        yield model, newest[model].title if model in newest else "invoked in the last two weeks"


@evidence("2.1-S4")
def bedrock_models_compared(
    evaluations: Sequence[EvaluationJob] = (),
    batches: Sequence[ModelInvocationJob] = (),
    routers: Sequence[PromptRouter] = (),
    invoked: Sequence[InvokedModel] = (),
    events: Sequence[InvocationEvent] = (),
) -> Findings:
    """Models of Bedrock were evaluated, or several were run, before one was chosen.

    Why: models differ in quality, latency and price; an evaluation on one's own prompts is what a choice rests on.
    Fix: Evaluate a small model on a built-in dataset, then a second one with the same request.
        aws bedrock create-evaluation-job --cli-input-json file://evaluation.json
        aws bedrock list-evaluation-jobs --application-type-equals ModelEvaluation --status-equals Completed
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/evaluation.html
    Cost: cents, for some dozen prompts on small models.
    Survives: Evaluation and batch jobs stay listed; the event history keeps invocations for 90 days.
    """
    for job in evaluations:
        if job.application_type != "RagEvaluation":
            note = f"evaluation of {len(job.model_identifiers)} models, {job.status.lower()}"
            yield Finding(job.job_arn, good=job.status == "Completed", note=note)
    for router in routers:
        yield Finding(router.prompt_router_arn, good=True, note="prompt router of one's own")
    completed = [(job, name) for job in batches if job.status == "Completed" and (name := _answering(job.model_id))]
    asked = sorted({name for model, _ in _invocations(invoked, events) if (name := _answering(model))})
    models = {*asked, *(name for _, name in completed)}
    for batch, name in completed:
        note = f"batch inference on {name} ({len(models)} different models)"
        yield Finding(batch.job_arn, good=len(models) > 1, note=note)
    for name in asked:
        yield Finding(f"model/{name}", good=len(models) > 1, note=f"invoked ({len(models)} different models)")


def _answering(identifier: str) -> str:
    """The model behind an identifier, if it is one that answers."""
    name = model_of(identifier)
    return "" if any(word in name for word in NOT_GENERATIVE) else name


def model_of(identifier: str) -> str:
    """The model behind an id, an ARN or a regional profile, without its version; empty where the id doesn't tell."""
    if OPAQUE.search(identifier):
        return ""
    return VERSION.sub("", REGIONAL_PROFILE.sub("", identifier.rpartition("/")[2]))


@evidence("2.1-S3")
def jumpstart_model_used(
    scan: Scan,
    runs: Sequence[TrainingRun] = (),
    models: Sequence[ModelOrigin] = (),
    references: Sequence[HubReference] = (),
) -> Findings:
    """A JumpStart model was trained, made ready to serve, or put into a hub of one's own.

    Why: starting from a pre-trained model or a template saves the data and the time that training from nothing takes.
    Fix: In Python, JumpStartModel(model_id="MODEL_ID").deploy() for a small model; then delete the endpoint.
        aws sagemaker delete-endpoint --endpoint-name ENDPOINT
        aws sagemaker list-models --sort-by CreationTime --sort-order Descending
        aws sagemaker create-hub --hub-name NAME --hub-description "Models that we may use"
        aws sagemaker create-hub-content-reference --hub-name NAME --sage-maker-public-hub-content-arn arn:aws:sagemaker:REGION:aws:hub-content/SageMakerPublicHub/Model/MODEL_ID
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-jumpstart.html
    Cost: hourly, for as long as the endpoint is up; the model alone is free, and so is a hub.
    Survives: A SageMaker model or a hub costs nothing to keep, and training jobs stay listed.
    """  # noqa: E501
    for run in runs:
        if run.jumpstart:
            note = f"trained with JumpStart ({run.jumpstart}), {run.training_job_status.lower()}"
            yield Finding(run.training_job_arn, good=run.completed, note=note)
    for model in models:
        containers = [model.primary_container, *model.containers] if model.primary_container else model.containers
        if any(is_jumpstart(container.uri) for container in containers):
            yield Finding(model.model_arn, good=True, note="its files are JumpStart's")
    for reference in references:
        # A hub that another account shares is that account's work.
        if account_of(reference.hub_content_arn) == scan.account:
            note = f"offered in a hub, {reference.hub_content_status.lower()}"
            good = reference.hub_content_status == "Available"
            yield Finding(reference.hub_content_arn, good=good, note=note)


@evidence("2.1-S1")
def data_profiled(
    jobs: Sequence[DataBrewJob] = (),
    runs: Sequence[JobRun] = (),
    recommendations: Sequence[RecommendationRun] = (),
    automl: Sequence[AutoMLJob] = (),
) -> Findings:
    """Data was profiled before a model was chosen: by DataBrew, Glue Data Quality or Autopilot.

    Why: missing values, skew and rare classes decide which model can work at all; a profile shows them in minutes.
    Fix: Profile a dataset, or have rules recommended for a table: both read all of its columns.
        aws databrew create-profile-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN --output-location Bucket=BUCKET,Key=profile/
        aws databrew start-job-run --name JOB
        aws glue start-data-quality-rule-recommendation-run --data-source 'GlueTable={DatabaseName=DATABASE,TableName=TABLE}' --role ROLE_ARN
    See: https://docs.aws.amazon.com/databrew/latest/dg/jobs.profile.html
    Cost: cents, for a few minutes of a small dataset.
    Survives: DataBrew's jobs keep their runs, and Autopilot's jobs can't be deleted; Glue lists runs for 90 days.
    """  # noqa: E501
    for job in jobs:
        if job.type == "PROFILE":
            states = [str(run.state) for run in runs if run.name == job.name]
            done = states.count("SUCCEEDED")
            note = f"profile job, {done} of {len(states)} runs succeeded"
            yield Finding(job.resource_arn or f"databrew-job/{job.name}", good=done > 0, note=note)
    for recommendation in recommendations:
        status = str(recommendation.status)
        note = f"rules recommended for {recommendation.table}, {status.lower()}"
        yield Finding(f"rule-recommendation-run/{recommendation.run_id}", good=status == "SUCCEEDED", note=note)
    for study in automl:
        artifacts = study.auto_ml_job_artifacts
        if artifacts and artifacts.data_exploration_notebook_location:
            status = study.auto_ml_job_status
            note = f"Autopilot explored the data, {status.lower()}"
            yield Finding(study.auto_ml_job_arn, good=status == "Completed", note=note)


@evidence("2.1-S2", severity="low")
def model_card_states_problem(cards: list[ModelCard]) -> Findings:
    """A model card says which business problem a model is to solve, or what it is for.

    Why: whether machine learning is worth it is decided by the problem and its limits; what is not written down is
        neither agreed nor checked.
    Fix: Write the business problem and the purpose into a card.
        aws sagemaker create-model-card --model-card-name NAME --model-card-status Draft --content '{"business_details":{"business_problem":"Customers leave unnoticed"},"intended_uses":{"purpose_of_model":"Tells who is likely to leave","factors_affecting_model_efficiency":"New customers are not known well"}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html
    Cost: free.
    Survives: a card is free to keep, with all of its versions.
    """  # noqa: E501
    for card in cards:
        stated = [part.replace("_", " ") for part in card.stated]
        note = f"states {', '.join(stated)}" if stated else "states neither the problem nor the purpose"
        yield Finding(card.model_card_arn, good=not STATES_PURPOSE.isdisjoint(card.stated), note=note)


@evidence("2.1-S5", severity="low")
def bedrock_cost_modes_used(
    batches: Sequence[ModelInvocationJob] = (), profiles: Sequence[InferenceProfile] = ()
) -> Findings:
    """Bedrock was asked in batches, at half the price, or by a profile that tells apart what an application costs.

    Why: what need not be answered at once is cheaper by night, and what nobody can tell apart nobody can weigh.
    Fix: Make a profile with the tags by which you bill, and ask by its ARN; run in batches what can wait.
        aws bedrock create-inference-profile --inference-profile-name NAME --model-source copyFrom=MODEL_ARN --tags key=CostCenter,value=NAME
        aws bedrock create-model-invocation-job --job-name JOB --model-id MODEL_ID --role-arn ROLE_ARN --input-data-config 's3InputDataConfig={s3Uri=s3://BUCKET/in/}' --output-data-config 's3OutputDataConfig={s3Uri=s3://BUCKET/out/}'
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-create.html
    Cost: free for a profile; cents for a batch.
    Survives: a profile is free to keep, and batch jobs stay listed.
    """  # noqa: E501
    for batch in batches:
        status = str(batch.status)
        yield Finding(batch.job_arn, good=status == "Completed", note=f"batch inference, {status.lower()}")
    for profile in profiles:
        note = f"profile of an application, {profile.status.lower()}"
        yield Finding(profile.inference_profile_arn, good=profile.status == "ACTIVE", note=note)


@evidence("2.1-S6", severity="low")
def other_ai_services_used(
    picked: PickedServices,
    sentiment_jobs: Sequence[SentimentJob] = (),
    pii_jobs: Sequence[PiiJob] = (),
    classifiers: Sequence[DocumentClassifier] = (),
    recognizers: Sequence[EntityRecognizer] = (),
    adapters: Sequence[AdapterVersion] = (),
    tasks: Sequence[SpeechTask] = (),
    lexicons: Sequence[Lexicon] = (),
    bots: Sequence[Bot] = (),
    solutions: Sequence[SolutionVersion] = (),
    indices: Sequence[Index] = (),
    uses: Sequence[ApiUse] = (),
) -> Findings:
    """Two further AI services were picked for tasks, of Comprehend, Textract, Polly, Lex, Personalize and Kendra.

    Why: the exam asks which service fits a need; each of them replaces a model that nobody then has to train.
    Fix: Have a text judged, a document read, or a text read out; and keep a lexicon of your own words.
        aws comprehend detect-sentiment --language-code en --text 'I have been waiting for a week'
        aws textract detect-document-text --document 'S3Object={Bucket=BUCKET,Name=bill.pdf}'
        aws polly synthesize-speech --voice-id Joanna --output-format mp3 --text 'Thank you' thanks.mp3
        aws polly put-lexicon --name terms --content file://terms.pls
    See: https://docs.aws.amazon.com/machine-learning/
    Cost: cents; an index of Kendra is hourly.
    Survives: CloudWatch counts calls for fifteen months; bots, lexicons and trained recognizers are free to keep.
    """
    trained = ("TRAINED", "TRAINED_WITH_WARNING")
    traces = [
        *(("Comprehend", "sentiment job") for job in sentiment_jobs if job.job_status == "COMPLETED"),
        *(("Comprehend", "job that finds personal data") for job in pii_jobs if job.job_status == "COMPLETED"),
        *(("Comprehend", "classifier of one's own") for one in classifiers if one.status in trained),
        *(("Comprehend", "recognizer of one's own") for one in recognizers if one.status in trained),
        *(("Textract", "trained adapter") for one in adapters if one.status in ("ACTIVE", "AT_RISK")),
        *(("Polly", "text read out into a file") for task in tasks if task.task_status == "completed"),
        *(("Polly", "lexicon") for _ in lexicons),
        *(("Lex", "bot") for bot in bots if bot.bot_status == "Available" and bot.latest_bot_version.isdigit()),
        *(("Personalize", "trained solution") for one in solutions if one.status == "ACTIVE"),
        *(("Kendra", "index") for one in indices if one.status in ("ACTIVE", "UPDATING", "SYSTEM_UPDATING")),
        *(
            (service, f"{use.operation} in the last fifteen months")
            for service in ("Comprehend", "Kendra", "Polly", "Textract")
            for use in used(uses, service)
        ),
    ]
    services = {service: sorted({what for one, what in traces if one == service}) for service, _ in traces}
    for service, found in services.items():
        note = f"{', '.join(found)} ({len(services)} of {picked.at_least} services)"
        yield Finding(service, good=len(services) >= picked.at_least, note=note)


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
