"""Models that others have trained: AI services for standard tasks, and foundation models by Bedrock."""

from __future__ import annotations

import json

from readiness_mla.accounts.place import Do, allow, policy
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import OWNED_MAP, put, s3

MICRO = "amazon.nova-micro-v1:0"
LITE = "amazon.nova-lite-v1:0"
EMBEDDING = "amazon.titan-embed-text-v2:0"
TUNED = "churn-notes"

LABELLED = [{"key": tag["Key"], "value": tag["Value"]} for tag in OWNED]
"""The tags as Bedrock takes them."""

TERMS = "en,de\nSageMaker,SageMaker\nchurn,Kündigung\n"


def use_services(do: Do, base: Foundation) -> None:
    """What need not be trained: speech, translation and images by AI services, text by foundation models."""
    _hear(do, base)
    _translate(do, base)
    _look(do)
    _write_notes(do, base)
    _adapt(do, base)
    _compare(do, base)
    _route(do, base)
    _answer_in_batches(do, base)
    _ground(do, base)
    _host(do)


def _hear(do: Do, base: Foundation) -> None:
    """Calls of customers as text, with the words of the trade, and without what identifies people."""
    words = ["churn", "SageMaker"]
    do("transcribe", "CreateVocabulary", VocabularyName="telecom", LanguageCode="en-US", Phrases=words, Tags=OWNED)
    do(
        "transcribe",
        "StartTranscriptionJob",
        TranscriptionJobName="support-call",
        LanguageCode="en-US",
        Media={"MediaFileUri": s3(base, "recordings/support-call.mp3")},
        OutputBucketName=base.here.data,
        OutputKey="recordings/text/",
        OutputEncryptionKMSKeyId=base.key,
        Settings={"VocabularyName": "telecom"},
        ContentRedaction={"RedactionType": "PII", "RedactionOutput": "redacted"},
        Tags=OWNED,
    )
    for _ in range(3):  # an emulated job moves on when it is asked for
        do("transcribe", "GetVocabulary", VocabularyName="telecom")
        do("transcribe", "GetTranscriptionJob", TranscriptionJobName="support-call")


def _translate(do: Do, base: Foundation) -> None:
    """Complaints in other languages, with the lab's own words for its terms."""
    do(
        "translate",
        "ImportTerminology",
        Name="telecom",
        MergeStrategy="OVERWRITE",
        Description="How we call things",
        TerminologyData={"File": TERMS.encode(), "Format": "CSV"},
        EncryptionKey={"Type": "KMS", "Id": base.key},
        Tags=OWNED,
    )
    put(do, base, "complaints/abroad/1.txt", "Kein Empfang seit Montag.\n")
    do(
        "translate",
        "StartTextTranslationJob",
        JobName="complaints-from-abroad",
        InputDataConfig={"S3Uri": s3(base, "complaints/abroad/"), "ContentType": "text/plain"},
        OutputDataConfig={
            "S3Uri": s3(base, "complaints/translated/"),
            "EncryptionKey": {"Type": "KMS", "Id": base.key},
        },
        DataAccessRoleArn=base.here.role("ml-translate"),
        SourceLanguageCode="de",
        TargetLanguageCodes=["en"],
        TerminologyNames=["telecom"],
        ClientToken="complaints-from-abroad-of-the-first-week",
    )


def _look(do: Do) -> None:
    """Photos of returned devices: some dozen of them are enough to tell broken ones; and faces that need a consent."""
    do("rekognition", "CreateCollection", CollectionId="staff-with-consent", Tags=OWNED_MAP)
    do("rekognition", "CreateProject", ProjectName="returned-devices", Feature="CUSTOM_LABELS", Tags=OWNED_MAP)


def _write_notes(do: Do, base: Foundation) -> None:
    """Notes of agents, each with its topic: to learn from, to validate on, to compare models by, and to sort."""
    for name, note in (("train", "Wants to leave"), ("validation", "Asks for the bill")):
        asked = [{"role": "user", "content": [{"text": note}]}, {"role": "assistant", "content": [{"text": "churn"}]}]
        line = {"schemaVersion": "bedrock-conversation-2024", "messages": asked}
        put(do, base, f"notes/{name}.jsonl", f"{json.dumps(line)}\n")
    prompt = {"prompt": "Will the customer leave? Asks how to end the contract.", "referenceResponse": "yes"}
    put(do, base, "notes/prompts.jsonl", f"{json.dumps(prompt)}\n")
    of_the_month = {"recordId": "1", "modelInput": {"messages": [{"role": "user", "content": [{"text": "No signal"}]}]}}
    put(do, base, "notes/month/1.jsonl", f"{json.dumps(of_the_month)}\n")


def _adapt(do: Do, base: Foundation) -> None:
    """A small foundation model, fine-tuned on notes of agents, and validated on notes that it did not see."""
    do(
        "bedrock",
        "CreateModelCustomizationJob",
        jobName="churn-notes-1",
        customModelName=TUNED,
        roleArn=base.here.role("ml-bedrock"),
        baseModelIdentifier=f"{MICRO}:128k",
        customizationType="FINE_TUNING",
        trainingDataConfig={"s3Uri": s3(base, "notes/train.jsonl")},
        validationDataConfig={"validators": [{"s3Uri": s3(base, "notes/validation.jsonl")}]},
        outputDataConfig={"s3Uri": s3(base, "notes/tuned/")},
        hyperParameters={"epochCount": "2", "learningRate": "0.00001", "learningRateWarmupSteps": "10"},
        customModelKmsKeyId=base.key,
        vpcConfig={"subnetIds": list(base.subnets), "securityGroupIds": [base.group]},
        jobTags=LABELLED,
        customModelTags=LABELLED,
    )


def _model(base: Foundation, name: str) -> str:
    return base.here.arn("bedrock", f"foundation-model/{name}", region=base.here.region)


def _compare(do: Do, base: Foundation) -> None:
    """Which model sorts notes well enough? Two are evaluated on the same prompts of the lab, before one is chosen."""
    ask = policy(allow("bedrock:InvokeModel", [_model(base, MICRO), _model(base, LITE)]))
    do("iam", "PutRolePolicy", RoleName="ml-bedrock", PolicyName="evaluate", PolicyDocument=ask)
    own = {"name": "notes", "datasetLocation": {"s3Uri": s3(base, "notes/prompts.jsonl")}}
    measured = {
        "taskType": "Classification",
        "dataset": own,
        "metricNames": ["Builtin.Accuracy", "Builtin.Robustness"],
    }
    for size, model in (("micro", MICRO), ("lite", LITE)):
        do(
            "bedrock",
            "CreateEvaluationJob",
            jobName=f"notes-{size}",
            jobDescription="How well it sorts the notes of agents",
            roleArn=base.here.role("ml-bedrock"),
            customerEncryptionKeyId=base.key,
            applicationType="ModelEvaluation",
            evaluationConfig={"automated": {"datasetMetricConfigs": [measured]}},
            inferenceConfig={
                "models": [
                    {
                        "bedrockModel": {
                            "modelIdentifier": _model(base, model),
                            "inferenceParams": json.dumps({"inferenceConfig": {"maxTokens": 20, "temperature": 0.0}}),
                        }
                    }
                ]
            },
            outputDataConfig={"s3Uri": s3(base, "notes/evaluated/")},
            jobTags=LABELLED,
        )


def _route(do: Do, base: Foundation) -> None:
    """The larger model only where the small one would answer noticeably worse."""
    do(
        "bedrock",
        "CreatePromptRouter",
        promptRouterName="notes",
        models=[{"modelArn": _model(base, name)} for name in (MICRO, LITE)],
        fallbackModel={"modelArn": _model(base, MICRO)},
        routingCriteria={"responseQualityDifference": 25.0},
        tags=LABELLED,
    )


def _ground(do: Do, base: Foundation) -> None:
    """An assistant for agents on the phone that answers from the lab's own documents and from nothing else."""
    here = base.here
    index = here.arn("s3vectors", "bucket/churn-manuals/index/manuals", region=here.region, account=here.account)
    do(
        "bedrock-agent",
        "CreateKnowledgeBase",
        name="manuals",
        roleArn=here.role("ml-bedrock"),
        knowledgeBaseConfiguration={
            "type": "VECTOR",
            "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": _model(base, EMBEDDING)},
        },
        storageConfiguration={"type": "S3_VECTORS", "s3VectorsConfiguration": {"indexArn": index}},
        tags=OWNED_MAP,
    )
    do(
        "bedrock-agent",
        "CreateAgent",
        agentName="help-on-the-phone",
        foundationModel=LITE,
        instruction="Answer agents' questions on contracts from the manuals; say so where they are silent.",
        agentResourceRoleArn=here.role("ml-bedrock"),
        customerEncryptionKeyArn=base.key,
        tags=OWNED_MAP,
    )


def _answer_in_batches(do: Do, base: Foundation) -> None:
    """A month of notes, sorted by night at half the price of single calls."""
    do(
        "bedrock",
        "CreateModelInvocationJob",
        jobName="notes-of-the-month",
        modelId=MICRO,
        roleArn=base.here.role("ml-bedrock"),
        inputDataConfig={"s3InputDataConfig": {"s3InputFormat": "JSONL", "s3Uri": s3(base, "notes/month/")}},
        outputDataConfig={"s3OutputDataConfig": {"s3Uri": s3(base, "notes/sorted/"), "s3EncryptionKeyId": base.key}},
        vpcConfig={"subnetIds": list(base.subnets), "securityGroupIds": [base.group]},
        timeoutDurationInHours=24,
        tags=LABELLED,
    )


def _host(do: Do) -> None:
    """The tuned model on capacity that is paid for by the hour: bound to no term, and kept only while it is asked."""
    do(
        "bedrock",
        "CreateProvisionedModelThroughput",
        provisionedModelName=TUNED,
        modelId=TUNED,
        modelUnits=1,
        tags=LABELLED,
    )


def ask(do: Do) -> None:
    """What agents ask each day: a complaint in their own words, how it is meant, what to say, and the tuned model."""
    do("translate", "TranslateText", Text="Kein Empfang", SourceLanguageCode="de", TargetLanguageCode="en")
    do("comprehend", "DetectSentiment", Text="I have had no signal since Monday.", LanguageCode="en")
    do("polly", "SynthesizeSpeech", Text="Please hold the line.", OutputFormat="mp3", VoiceId="Joanna")
    bought = do("bedrock", "GetProvisionedModelThroughput", provisionedModelId=TUNED)
    do(
        "bedrock-runtime",
        "Converse",
        modelId=bought["provisionedModelArn"],
        messages=[{"role": "user", "content": [{"text": "Customer asks how to end the contract."}]}],
        inferenceConfig={"maxTokens": 20, "temperature": 0.0},
    )
