"""2.2 Train and refine models: schedules, regularization, frameworks, fine-tuning, tuning, Spot, the Model Registry."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from readiness import Finding, Findings, Scan, Settings, evidence, practice
from readiness.aws.bedrock import CustomizationValidation, ModelCustomizationJob
from readiness.aws.bedrock_imports import ModelImportJob
from readiness.aws.sagemaker.algorithms import ModelOrigin, TrainingRun, account_of, image_of, is_jumpstart
from readiness.aws.sagemaker.compilation import CompilationJob
from readiness.aws.sagemaker.optimization import OptimizationJob
from readiness.aws.sagemaker.registry import ModelPackage, ModelPackageDecision, ModelPackageGroup
from readiness.aws.sagemaker.training import HyperParameters
from readiness.aws.sagemaker.tuning import TuningPlan, TuningRun
from readiness_mla.s24_tune import LESS_IS_BETTER, MORE_IS_BETTER

LENGTH = frozenset(
    {
        "epochs",
        "num_epochs",
        "n_epochs",
        "max_num_epochs",
        "num_train_epochs",
        "num_round",
        "num_boost_round",
        "num_iterations",
        "iterations",
        "max_steps",
        "steps_per_epoch",
    }
)
BATCH = frozenset({"mini_batch_size", "batch_size", "batch-size", "train_batch_size", "per_device_train_batch_size"})
STOPPING = frozenset(
    {"early_stopping", "early_stopping_rounds", "early_stopping_patience", "num_patience_epochs", "patience"}
)
DROPOUT = frozenset(
    {
        "dropout",
        "dropout_rate",
        "dropout-rate",
        "mlp_dropout",
        "attn_dropout",
        "embed_dropout_source",
        "embed_dropout_target",
        "rnn_decoder_hidden_dropout",
        "cnn_hidden_dropout",
        "lora_dropout",
    }
)
PENALTIES = frozenset(
    {
        "alpha",
        "lambda",
        "lambda_bias",
        "reg_alpha",
        "reg_lambda",
        "l1",
        "l2",
        "lambda_l1",
        "lambda_l2",
        "l2_leaf_reg",
        "regularizers_l2",
        "wd",
        "weight_decay",
        "weight-decay",
        "bias_wd",
        "factors_wd",
        "linear_wd",
    }
)
PENALTY_DEFAULTS = {"lambda": 1.0, "reg_lambda": 1.0, "l2_leaf_reg": 3.0}
"""What XGBoost and CatBoost apply by themselves; of the others the default is none, or chosen by the algorithm."""

DISTRIBUTION = frozenset(
    {
        "sagemaker_distributed_dataparallel_enabled",
        "sagemaker_torch_distributed_enabled",
        "sagemaker_pytorch_ddp_enabled",
        "sagemaker_pytorch_xla_multi_worker_enabled",
        "sagemaker_mpi_enabled",
        "sagemaker_parameter_server_enabled",
        "sagemaker_multi_worker_mirrored_strategy_enabled",
    }
)
SINGLE_MACHINE = frozenset({"lda", "object2vec", "semantic-segmentation", "seq2seq"})
"""Built-in algorithms that train on one machine only, so that a second one does the same work again."""

SEVERAL_GPUS = re.compile(r"^ml\.(p\d\w*\.(8|16|24|48)xlarge|g\d\w*\.(12|24|48)xlarge)$")
ENSEMBLES = frozenset({"autogluon", "catboost", "lightgbm", "randomcutforest", "sagemaker-xgboost", "xgboost"})
CHECKPOINT_AFTER = 3600
"""Seconds of training that are too many to lose; AWS lets no algorithm that can't checkpoint wait longer for Spot."""

SHAPE = frozenset(
    {
        "embedding_dim",
        "hidden_dim",
        "k",
        "max_depth",
        "num_cells",
        "num_factors",
        "num_layers",
        "num_leaves",
        "num_topics",
        "num_trees",
        "vector_dim",
    }
)
"""How large a model becomes, by the names that algorithms give it."""

PRUNING = frozenset({"prune", "pruning", "sparsity"})
XGBOOST = frozenset({"sagemaker-xgboost", "xgboost"})
NO = frozenset({"", "0", "0.0", "false", "none"})
"""How a switch is given that is off."""

SIDE = re.compile(r"^(?P<training>train|training)[:_\-. ]|^(validation|valid|val|eval|dev|test)[:_\-. ]")
SCORES_FROM_CHANCE = frozenset({"accuracy", "auc"})
"""What guessing gets half of right, where there are two classes."""

VALIDATION_CHANNELS = re.compile("val|test|eval|dev")


class PendingReview(Settings):
    """How many days a registered version may wait for a decision. Our own figure; AWS names none."""

    days: int = 30


class Generalization(Settings):
    """How far apart scores on training and validation data may be. Our own figures; AWS names none.

    Attributes:
        score_gap: by how much a score, such as accuracy or AUC, may be better on training data.
        loss_gap: by which part of itself a loss or an error may be larger on validation data.
        chance: what a score of two classes must reach, lest the model has learned nothing.
    """

    score_gap: float = 0.1
    loss_gap: float = 0.2
    chance: float = 0.55


def _jobs(count: int) -> str:
    return f"{count} training job{'' if count == 1 else 's'}"


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _listed(given: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(given.items()))


def _configured(runs: list[TrainingRun]) -> list[TrainingRun]:
    """The runs whose hyperparameters somebody chose: JumpStart fills in all of a model's defaults."""
    return [run for run in runs if not run.jumpstart]


def _has_validation(run: TrainingRun) -> bool:
    return any(VALIDATION_CHANNELS.search(channel.channel_name.lower()) for channel in run.input_data_config)


@evidence("2.2-K1")
def training_schedule_set(runs: list[TrainingRun]) -> Findings:
    """The length of training (epochs, rounds or steps) or the batch size was set.

    Why: too few passes underfit, too many overfit and cost; the batch size trades speed for noise in the gradient.
    Fix: Set both in a training job; for XGBoost the length is num_round.
        aws sagemaker create-training-job --cli-input-json file://linear-learner.json --hyper-parameters predictor_type=binary_classifier,epochs=10,mini_batch_size=200
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html
    Cost: cents, for a short job.
    Survives: Training jobs keep their hyperparameters after they end, unless somebody deletes them.
    """  # noqa: E501
    for run in _configured(runs):
        if given := run.hyper_parameters.given(LENGTH | BATCH):
            yield Finding(run.training_job_arn, good=run.completed, note=_listed(given))


@evidence("2.2-K2")
def algorithm_early_stopping(runs: list[TrainingRun]) -> Findings:
    """A training job stops early by its own validation signal.

    Why: training that no longer improves on data it has not seen only costs, and begins to overfit.
    Fix: Give XGBoost many rounds, early stopping and a validation channel.
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --hyper-parameters num_round=500,early_stopping_rounds=10,objective=binary:logistic
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
    Cost: cents, for a short job.
    Survives: Training jobs keep their hyperparameters after they end, unless somebody deletes them.
    """  # noqa: E501
    for run in _configured(runs):
        given = run.hyper_parameters.given(STOPPING)
        on = {name: value for name, value in given.items() if value.lower() not in ("false", "0", "")}
        if on:
            seen = _has_validation(run)
            note = _listed(on) + ("" if seen else ", but no validation channel")
            yield Finding(run.training_job_arn, good=run.completed and seen, note=note)


@evidence("2.2-K3")
def distributed_training_run(runs: list[TrainingRun]) -> Findings:
    """A training job ran over several instances, or over several GPUs of one.

    Why: distribution shortens training that one machine can't do in time, and the exam asks for its two kinds.
    Fix: Train XGBoost on two instances, each of which gets a part of the data (S3DataDistributionType ShardedByS3Key).
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --resource-config InstanceType=ml.m5.large,InstanceCount=2,VolumeSizeInGB=10
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/distributed-training.html
    Cost: cents, for some minutes of two small instances.
    Survives: Training jobs stay listed with their cluster after they end, unless somebody deletes them.
    """  # noqa: E501
    for run in runs:
        switches = {name for name, value in run.hyper_parameters.given(DISTRIBUTION).items() if value.lower() == "true"}
        gpus = any(SEVERAL_GPUS.match(kind) for kind in run.instance_types) and bool(switches)
        if run.instances > 1 or gpus:
            alone = run.built_in in SINGLE_MACHINE
            note = f"{run.instances} x {', '.join(run.instance_types)}, {run.training_job_status.lower()}"
            note += f"; {run.built_in} trains on one machine only" if alone else ""
            yield Finding(run.training_job_arn, good=run.completed and not alone, note=note)


@evidence("2.2-K4", severity="low")
def model_size_varied(runs: list[TrainingRun]) -> Findings:
    """An algorithm was trained twice with another depth, width or number of parts of the model.

    Why: what makes a model large makes it slow and dear to serve, and past a point no better; the exam asks which settings do.
    Fix: Train the same XGBoost again with half the depth of trees, and compare the two archives.
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --training-job-name shallow-1 --hyper-parameters num_round=100,objective=binary:logistic,max_depth=3
        aws s3 ls s3://BUCKET/models/ --recursive --human-readable
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
    Cost: cents, for a short job.
    Survives: Training jobs keep their hyperparameters after they end, unless somebody deletes them.
    """  # noqa: E501
    shaped = [(run, run.hyper_parameters.given(SHAPE)) for run in _standalone(_configured(runs))]
    for run, given in shaped:
        if given:
            others = [other for one, other in shaped if _algorithm(one) == _algorithm(run)]
            varied = any(other.keys() == given.keys() and other != given for other in others)
            note = _listed(given) + ("" if varied else "; no other size was tried")
            yield Finding(run.training_job_arn, good=varied, note=note)


@evidence("2.2-K5")
def metric_improved(runs: list[TrainingRun]) -> Findings:
    """A later training on the same data, or another try of a tuning job, measured better than the first.

    Why: that is how models get better: change one thing, measure the same thing on the same data, keep what wins.
    Fix: Train again on the same data with another learning rate, and compare what both measured.
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --training-job-name slower-1 --hyper-parameters num_round=300,objective=binary:logistic,eta=0.05
        aws sagemaker describe-training-job --training-job-name slower-1 --query FinalMetricDataList
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/training-metrics.html
    Cost: cents, for a short job.
    Survives: Training jobs keep their final metrics after they end, unless somebody deletes them.
    """  # noqa: E501
    for group in _comparable(runs):
        first, *later = group
        start = dict(_measured(first))
        for run in later:
            measured = dict(_measured(run))
            shared = sorted(start.keys() & measured.keys())
            better = [name for name in shared if _is_better(name, measured[name], start[name])]
            if shared:
                name = (better or shared)[0]
                note = f"{name} {measured[name]:g}, {start[name]:g} at first"
                yield Finding(run.training_job_arn, good=bool(better), note=note)


@evidence("2.2-K10")
def hyperparameters_varied(runs: list[TrainingRun], plans: list[TuningPlan], tunings: list[TuningRun]) -> Findings:
    """An algorithm was trained on the same data with other hyperparameters, or a tuning job searched several.

    Why: the exam asks what a hyperparameter does; one that was changed alone, on the same data, shows it.
    Fix: Train the same job again with one hyperparameter changed.
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --training-job-name deeper-1 --hyper-parameters num_round=100,objective=binary:logistic,max_depth=8
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
    Cost: cents, for a short job.
    Survives: Training and tuning jobs keep their hyperparameters after they end, unless somebody deletes them.
    """  # noqa: E501
    for group in _comparable(_standalone(_configured(runs))):
        settings = [_settings(run) for run in group]
        names = {name for one, other in itertools.pairwise(settings) for name, _ in one.items() ^ other.items()}
        for run in group[1:]:
            note = f"varied: {', '.join(sorted(names))}" if names else "the same settings as before"
            yield Finding(run.training_job_arn, good=bool(names), note=note)
    searched = {plan.hyper_parameter_tuning_job_name: plan for plan in plans}
    for tuning in tunings:
        plan = searched.get(tuning.hyper_parameter_tuning_job_name)
        ranges = {name for one in (plan.ranges if plan else ()) for name in one.names}
        if ranges:
            good = len(ranges) > 1 and tuning.training_job_status_counters.completed > 1
            note = f"searched: {', '.join(sorted(ranges))}"
            yield Finding(tuning.hyper_parameter_tuning_job_arn, good=good, note=note)


def _standalone(runs: list[TrainingRun]) -> list[TrainingRun]:
    return [run for run in runs if run.completed and not run.tuning_job_arn]


def _algorithm(run: TrainingRun) -> str:
    return image_of(run.algorithm_specification.training_image)[1]


def _settings(run: TrainingRun) -> dict[str, str]:
    """The hyperparameters that are somebody's choice; the SDK adds some of its own."""
    given = msgspec.to_builtins(run.hyper_parameters).items()
    return {name: value for name, value in given if not name.startswith("sagemaker_")}


def _comparable(runs: list[TrainingRun]) -> Iterator[list[TrainingRun]]:
    """Completed runs of one algorithm on the same data, or of one tuning job, the oldest first, where there are two."""
    groups: dict[object, list[TrainingRun]] = {}
    for run in sorted(runs, key=lambda one: (one.creation_time, one.training_job_name)):
        if run.completed:
            groups.setdefault(run.tuning_job_arn or (_algorithm(run), run.data), []).append(run)
    yield from (group for group in groups.values() if len(group) > 1)


def _measured(run: TrainingRun) -> Iterator[tuple[str, float]]:
    """The metrics that tell how good a model is; on the data that it was trained on they tell less."""
    for metric in run.final_metric_data_list:
        name = metric.metric_name.lower()
        side = SIDE.match(name)
        if not (side and side["training"]) and (LESS_IS_BETTER.search(name) or MORE_IS_BETTER.search(name)):
            yield name, metric.value


def _is_better(name: str, value: float, than: float) -> bool:
    return value > than if MORE_IS_BETTER.search(name) else value < than


@evidence("2.2-K6")
def dropout_set(runs: list[TrainingRun], plans: list[TuningPlan]) -> Findings:
    """Dropout was set for a training job, or searched by a tuning job.

    Why: dropout keeps a network from leaning on single units; it is the regularization that deep models use most.
    Fix: Pass it to an algorithm that has it, such as DeepAR, or to a script of your own.
        aws sagemaker create-training-job --cli-input-json file://deepar.json --hyper-parameters time_freq=D,context_length=14,prediction_length=7,epochs=20,dropout_rate=0.2
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/deepar_hyperparameters.html
    Cost: cents, for a short job.
    Survives: Training and tuning jobs keep their hyperparameters after they end, unless somebody deletes them.
    """  # noqa: E501
    yield from _regularized(runs, plans, DROPOUT)


@evidence("2.2-K7")
def weight_penalty_set(runs: list[TrainingRun], plans: list[TuningPlan]) -> Findings:
    """An L1 or L2 penalty (weight decay) was set for a training job, or searched by a tuning job.

    Why: a penalty on weights keeps a model simple: L1 drops features, L2 shrinks them; the exam asks which does what.
    Fix: Give XGBoost alpha (L1) and lambda (L2).
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --hyper-parameters num_round=100,objective=binary:logistic,alpha=0.5,lambda=2
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
    Cost: cents, for a short job.
    Survives: Training and tuning jobs keep their hyperparameters after they end, unless somebody deletes them.
    """  # noqa: E501
    yield from _regularized(runs, plans, PENALTIES)


def _regularized(runs: list[TrainingRun], plans: list[TuningPlan], names: Collection[str]) -> Findings:
    for run in _configured(runs):
        if given := _away_from_default(run.hyper_parameters, names):
            yield Finding(run.training_job_arn, good=run.completed, note=_listed(given))
    for plan in plans:
        if searched := {name for ranges in plan.ranges for name in ranges.names if name in names}:
            note = f"searched: {', '.join(sorted(searched))}"
            yield Finding(plan.hyper_parameter_tuning_job_arn, good=True, note=note)


def _away_from_default(parameters: HyperParameters, names: Collection[str]) -> dict[str, str]:
    """Those that switch regularization on: a number that is not zero and not what the algorithm applies anyway."""
    return {
        name: value
        for name, value in parameters.given(names).items()
        if (number := _number(value)) is not None and number > 0 and number != PENALTY_DEFAULTS.get(name)
    }


@evidence("2.2-K11")
def external_model_integrated(models: list[ModelOrigin], imports: Sequence[ModelImportJob] = ()) -> Findings:
    """A model from outside SageMaker was brought in: in a container of one's own, from a hub, or imported to Bedrock.

    Why: most models are not trained where they are served; the exam asks for the ways in and what each needs.
    Fix: Serve a small model of Hugging Face's hub in AWS's own container; it is not deployed, so it costs nothing.
        aws sagemaker create-model --model-name from-the-hub --execution-role-arn ROLE_ARN --primary-container 'Image=HUGGINGFACE_IMAGE_URI,Environment={HF_MODEL_ID=distilbert-base-uncased-finetuned-sst-2-english,HF_TASK=text-classification}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/docker-containers-adapt-your-own.html
    Cost: free, as long as the model is not deployed; an imported model of Bedrock costs for its storage.
    Survives: Models cost nothing and stay until they are deleted; import jobs of Bedrock stay listed.
    """  # noqa: E501
    for model in models:
        for container in [model.primary_container] if model.primary_container else model.containers:
            registry, repository = image_of(container.image)
            hub = container.environment.hf_model_id or container.environment.option_model_id or ""
            if registry and registry == account_of(model.model_arn):
                yield Finding(model.model_arn, good=True, note=f"in your own container, {repository}")
            elif hub and not hub.startswith(("/", "s3:")) and not is_jumpstart(container.uri):
                yield Finding(model.model_arn, good=True, note=f"from a hub: {hub}")
    for job in imports:
        note = f"imported to Bedrock, {job.status.lower()}"
        yield Finding(job.job_arn, good=job.status == "Completed", note=note)


@evidence("2.2-S2", severity="high")
def tensorflow_training_run(runs: list[TrainingRun]) -> Findings:
    """A script was trained with TensorFlow to completion.

    Why: script mode in a framework container is how a model of one's own is trained without building an image.
    Fix: In Python, TensorFlow(entry_point="train.py", role="ROLE_ARN", instance_count=1, instance_type="ml.m5.large", framework_version="2.16", py_version="py310").fit("s3://BUCKET/train/"); then look at it.
        aws sagemaker list-training-jobs --status-equals Completed --sort-by CreationTime --sort-order Descending
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/tf.html
    Cost: cents, for an epoch on a small dataset.
    Survives: Training jobs stay listed with their image after they end, unless somebody deletes them.
    """  # noqa: E501
    yield from _trained_with("TensorFlow", runs)


@evidence("2.2-S3", severity="high")
def pytorch_training_run(runs: list[TrainingRun]) -> Findings:
    """A script was trained with PyTorch to completion.

    Why: script mode in a framework container is how a model of one's own is trained without building an image.
    Fix: In Python, PyTorch(entry_point="train.py", role="ROLE_ARN", instance_count=1, instance_type="ml.m5.large", framework_version="2.3", py_version="py311").fit("s3://BUCKET/train/"); then look at it.
        aws sagemaker list-training-jobs --status-equals Completed --sort-by CreationTime --sort-order Descending
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/pytorch.html
    Cost: cents, for an epoch on a small dataset.
    Survives: Training jobs stay listed with their image after they end, unless somebody deletes them.
    """  # noqa: E501
    yield from _trained_with("PyTorch", runs)


def _trained_with(framework: str, runs: list[TrainingRun]) -> Findings:
    for run in runs:
        if run.framework == framework:
            image = "an image of one's own" if run.own_image else "AWS's image"
            note = f"{framework} in {image}, {run.training_job_status.lower()}"
            yield Finding(run.training_job_arn, good=run.completed, note=note)


@evidence("2.2-S4")
def jumpstart_fine_tuning_run(runs: list[TrainingRun]) -> Findings:
    """A pre-trained JumpStart model was fine-tuned on data of one's own.

    Why: fine-tuning adapts what a large model has learned with little data and in little time.
    Fix: In Python, JumpStartEstimator(model_id="tensorflow-ic-imagenet-mobilenet-v2-100-224-classification-4").fit({"training": "s3://BUCKET/images/"}); then look at it.
        aws sagemaker list-training-jobs --sort-by CreationTime --sort-order Descending
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-fine-tune.html
    Cost: cents, for an epoch of a small model on some dozen images.
    Survives: Training jobs stay listed with their tags after they end, unless somebody deletes them.
    """  # noqa: E501
    for run in runs:
        if run.pre_trained:
            own = any(not uri.startswith("s3://jumpstart-") for _, uri in run.data)
            note = f"{run.jumpstart} on {'own data' if own else 'sample data only'}"
            yield Finding(
                run.training_job_arn, good=run.completed and own, note=f"{note}, {run.training_job_status.lower()}"
            )


@evidence("2.2-S5")
def bedrock_model_customized(jobs: list[ModelCustomizationJob]) -> Findings:
    """A foundation model of Bedrock was customized.

    Why: fine-tuning, distillation and continued pre-training are the ways to adapt a model when prompts don't suffice.
    Fix: Fine-tune a small model on a few dozen lines, for one epoch; delete the custom model, the job stays listed.
        aws bedrock create-model-customization-job --job-name JOB --custom-model-name MODEL --role-arn ROLE_ARN --base-model-identifier BASE_MODEL_ID --customization-type FINE_TUNING --training-data-config s3Uri=s3://BUCKET/train.jsonl --validation-data-config 'validators=[{s3Uri=s3://BUCKET/validation.jsonl}]' --output-data-config s3Uri=s3://BUCKET/out/ --hyper-parameters epochCount=1
        aws bedrock delete-custom-model --model-identifier MODEL
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/custom-models.html
    Cost: cents, by tokens and epochs; keeping the model costs storage by the month.
    Survives: Customization jobs stay listed after the model is deleted.
    """  # noqa: E501
    for job in jobs:
        if job.customization_type != "IMPORTED":
            what = (job.customization_type or "customization").lower().replace("_", " ")
            yield Finding(job.job_arn, good=job.status == "Completed", note=f"{what}, {job.status.lower()}")


@practice("2.2-S5", severity="low")
def bedrock_customization_validated(
    jobs: list[ModelCustomizationJob], validations: list[CustomizationValidation]
) -> Findings:
    """A fine-tuning of a Bedrock model is validated on data of its own.

    Why: without validation data there is no validation loss, and nobody sees when the model begins to overfit.
    Fix: Keep some lines of the data back, and name them when you start the next job.
        aws bedrock create-model-customization-job --cli-input-json file://job.json --validation-data-config 'validators=[{s3Uri=s3://BUCKET/validation.jsonl}]'
    See: https://docs.aws.amazon.com/bedrock/latest/userguide/custom-model-fine-tuning.html
    Cost: cents, by tokens and epochs.
    Survives: Customization jobs stay listed after the model is deleted.
    """
    validators = {validation.job_arn: validation.validation_data_config.validators for validation in validations}
    for job in jobs:
        if job.customization_type == "FINE_TUNING" and job.status == "Completed" and job.job_arn in validators:
            count = len(validators[job.job_arn])
            note = f"{count} validation datasets" if count else "no validation dataset"
            yield Finding(job.job_arn, good=count > 0, note=note)


@evidence("2.2-S6", "2.4-K5", severity="high")
def amt_tuning_job_completed(tunings: list[TuningRun]) -> Findings:
    """Automatic model tuning searched hyperparameters and trained to completion.

    Why: tuning by hand does not scale; AMT searches within ranges that you give, and keeps every result.
    Fix: Tune XGBoost with four small jobs, two at once.
        aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name tune-1 --hyper-parameter-tuning-job-config file://tuning.json --training-job-definition file://definition.json
        aws sagemaker describe-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name tune-1 --query BestTrainingJob
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning.html
    Cost: cents, for four short jobs on ml.m5.large.
    Survives: Tuning jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    for tuning in tunings:
        ended = tuning.hyper_parameter_tuning_job_status in ("Completed", "Stopped")
        completed = tuning.training_job_status_counters.completed
        note = f"{tuning.strategy}: {_jobs(completed)} completed, {tuning.hyper_parameter_tuning_job_status.lower()}"
        yield Finding(tuning.hyper_parameter_tuning_job_arn, good=ended and tuning.searched, note=note)


@practice("2.2-S7", "2.4-S2", severity="low")
def generalization_gap_small(runs: list[TrainingRun], limits: Generalization) -> Findings:
    """The newest training of each model measured nearly the same on training and on validation data.

    Why: much better on training data is overfitting, no better than chance on both is underfitting; each has its own cure.
    Fix: Against overfitting train again with a penalty, fewer or shallower trees, early stopping or more data.
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --training-job-name simpler-1 --hyper-parameters num_round=100,objective=binary:logistic,max_depth=3,alpha=1,early_stopping_rounds=5
        aws sagemaker describe-training-job --training-job-name simpler-1 --query FinalMetricDataList
    See: https://docs.aws.amazon.com/machine-learning/latest/dg/model-fit-underfitting-vs-overfitting.html
    Cost: cents, for a short job.
    """  # noqa: E501
    newest: dict[object, TrainingRun] = {}
    for run in sorted(_standalone(runs), key=lambda one: (one.creation_time, one.training_job_name)):
        if _sides(run):
            newest[_algorithm(run), run.data] = run
    for run in newest.values():
        problems: list[str] = []
        seen: list[str] = []
        for name, (trained, validated) in sorted(_sides(run).items()):
            seen.append(f"{name} {trained:g} and {validated:g}")
            problems += _misfit(name, trained, validated, limits)
        note = f"{', '.join(seen)} on training and validation data"
        yield Finding(run.training_job_arn, good=not problems, note="; ".join([note, *problems]))


def _sides(run: TrainingRun) -> dict[str, tuple[float, float]]:
    """Metric -> its value on training and on validation data, where both are known and which is better."""
    sides: dict[bool, dict[str, float]] = {True: {}, False: {}}
    for metric in run.final_metric_data_list:
        name = metric.metric_name.lower()
        if (side := SIDE.match(name)) and (LESS_IS_BETTER.search(name) or MORE_IS_BETTER.search(name)):
            sides[bool(side["training"])][name[side.end() :]] = metric.value
    return {name: (value, sides[False][name]) for name, value in sides[True].items() if name in sides[False]}


def _misfit(name: str, trained: float, validated: float, limits: Generalization) -> Iterable[str]:
    if MORE_IS_BETTER.search(name):
        if trained - validated > limits.score_gap:
            yield f"{name} is overfitted"
        if name in SCORES_FROM_CHANCE and max(trained, validated) < limits.chance:
            yield f"{name} is no better than chance"
    elif validated - trained > limits.loss_gap * abs(trained):
        yield f"{name} is overfitted"


@evidence("2.2-S9", severity="low")
def model_pruned(runs: list[TrainingRun]) -> Findings:
    """Parts of a model that add little were cut off while it was trained.

    Why: pruning makes a model smaller at little loss: branches of trees below a gain, weights near zero in networks.
    Fix: Give XGBoost a gamma: a branch that gains less is cut off.
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --training-job-name pruned-1 --hyper-parameters num_round=100,objective=binary:logistic,gamma=2
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
    Cost: cents, for a short job.
    Survives: Training jobs keep their hyperparameters after they end, unless somebody deletes them.
    """  # noqa: E501
    for run in _configured(runs):
        cut = {name: value for name, value in run.hyper_parameters.given(PRUNING).items() if value.lower() not in NO}
        if run.built_in in XGBOOST or run.framework == "XGBoost":
            trees = run.hyper_parameters.given({"gamma", "updater"})
            if (_number(trees.get("gamma", "")) or 0) > 0:
                cut["gamma"] = trees["gamma"]
            if "prune" in trees.get("updater", ""):
                cut["updater"] = trees["updater"]
        if cut:
            yield Finding(run.training_job_arn, good=run.completed, note=_listed(cut))


@evidence("2.2-S10", severity="low")
def model_compressed(
    optimizations: Sequence[OptimizationJob] = (),
    compilations: Sequence[CompilationJob] = (),
    customizations: Sequence[ModelCustomizationJob] = (),
    models: Sequence[ModelOrigin] = (),
) -> Findings:
    """A model was made smaller after its training: quantized, compiled for its machine, or distilled into another.

    Why: smaller numbers, code made for one chip, or a small model taught by a large one cut what an answer costs.
    Fix: Compile a model for one machine with SageMaker Neo.
        aws sagemaker create-compilation-job --compilation-job-name smaller-1 --role-arn ROLE_ARN --input-config 'S3Uri=s3://BUCKET/models/model.tar.gz,Framework=XGBOOST,DataInputConfig="{}"' --output-config S3OutputLocation=s3://BUCKET/compiled/,TargetDevice=ml_c5 --stopping-condition MaxRuntimeInSeconds=900
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/neo.html
    Cost: free for a compilation; quantization costs the minutes of a GPU, a distillation tens of dollars.
    Survives: Jobs of all three kinds stay listed after they end.
    """  # noqa: E501
    for optimization in optimizations:
        if any("quantiz" in name.lower() for name in optimization.optimization_types):
            status = optimization.optimization_job_status
            note = f"quantization, {status.lower()}"
            yield Finding(optimization.optimization_job_arn, good=status == "COMPLETED", note=note)
    for compilation in compilations:
        status = compilation.compilation_job_status
        yield Finding(
            compilation.compilation_job_arn, good=status == "COMPLETED", note=f"compilation, {status.lower()}"
        )
    for job in customizations:
        if job.customization_type == "DISTILLATION":
            yield Finding(job.job_arn, good=job.status == "Completed", note=f"distillation, {job.status.lower()}")
    for model in models:
        for container in [model.primary_container] if model.primary_container else model.containers:
            if (how := container.environment.option_quantize) and how.lower() not in NO:
                yield Finding(model.model_arn, good=True, note=f"quantized when it is loaded: {how}")


@evidence("2.2-S8")
def ensemble_trained(runs: list[TrainingRun]) -> Findings:
    """A boosting or bagging algorithm was trained.

    Why: ensembles of trees are the strongest default on tables; the exam asks what boosting, bagging and stacking do.
    Fix: Train XGBoost, or LightGBM, CatBoost or AutoGluon through JumpStart.
        aws sagemaker create-training-job --cli-input-json file://xgboost.json --hyper-parameters num_round=100,objective=binary:logistic
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html
    Cost: cents, for a short job.
    Survives: Training jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    for run in runs:
        algorithm = run.built_in or ("xgboost" if run.framework == "XGBoost" else "")
        if algorithm in ENSEMBLES:
            given = run.hyper_parameters.given({"booster", "num_round"})
            single = given.get("booster") == "gblinear" or given.get("num_round") == "1"
            note = f"{algorithm}, {run.training_job_status.lower()}" + ("; it is one single learner" if single else "")
            yield Finding(run.training_job_arn, good=run.completed and not single, note=note)


@evidence("2.1-S5", "2.3-S2", "3.2-S1", "4.2-S11")
def managed_spot_training_used(runs: list[TrainingRun]) -> Findings:
    """Managed Spot training was used.

    Why: spare capacity costs up to 90 % less; training can wait and go on, so it is the work that suits Spot best.
    Fix: Switch it on, allow time to wait for capacity, and keep checkpoints.
        aws sagemaker create-training-job --cli-input-json file://job.json --enable-managed-spot-training --stopping-condition MaxRuntimeInSeconds=600,MaxWaitTimeInSeconds=1200 --checkpoint-config S3Uri=s3://BUCKET/checkpoints/
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
    Cost: cents, less than the same job On-Demand.
    Survives: Training jobs stay listed with the time trained and billed, unless somebody deletes them.
    """  # noqa: E501
    for run in runs:
        if run.enable_managed_spot_training:
            note = run.training_job_status.lower()
            if run.training_time_in_seconds and run.billable_time_in_seconds is not None:
                note += f", saved {1 - run.billable_time_in_seconds / run.training_time_in_seconds:.0%}"
            yield Finding(run.training_job_arn, good=run.completed, note=note)


@practice("3.2-S1", "4.2-S11")
def spot_training_checkpointed(runs: list[TrainingRun]) -> Findings:
    """A Spot training job of more than an hour keeps checkpoints.

    Why: a Spot instance can be taken away at any time; without a checkpoint all that was trained is paid for again.
    Fix: Name a place for checkpoints; a script must write them to /opt/ml/checkpoints and load them from there.
        aws sagemaker create-training-job --cli-input-json file://job.json --checkpoint-config S3Uri=s3://BUCKET/checkpoints/
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
    Cost: cents, for the storage of checkpoints.
    Survives: Training jobs stay listed with their settings, unless somebody deletes them.
    """
    for run in runs:
        seconds = run.training_time_in_seconds or 0
        if not (run.enable_managed_spot_training and run.training_job_status in ("Completed", "Stopped")):
            continue
        if run.checkpoint_config or seconds > CHECKPOINT_AFTER:
            note = f"{seconds // 60} minutes, {'with' if run.checkpoint_config else 'no'} checkpoints"
            yield Finding(run.training_job_arn, good=bool(run.checkpoint_config), note=note)


@evidence("2.2-S11", severity="high")
def registry_versions_kept(groups: list[ModelPackageGroup], packages: list[ModelPackage]) -> Findings:
    """A group in the Model Registry keeps several versions of a model.

    Why: a registry answers which model is in production, where it is from and what to go back to.
    Fix: Make a group and register two versions of a model in it.
        aws sagemaker create-model-package-group --model-package-group-name GROUP
        aws sagemaker create-model-package --model-package-group-name GROUP --model-approval-status PendingManualApproval --inference-specification file://inference.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
    Cost: free.
    Survives: Groups and versions cost nothing to keep.
    """  # noqa: E501
    for group in groups:
        kept = [package for package in _registered(packages, group) if package.model_package_status == "Completed"]
        note = "no version" if not kept else "one version only" if len(kept) == 1 else f"{len(kept)} versions"
        yield Finding(group.model_package_group_arn, good=len(kept) > 1, note=note)


@practice("2.2-S11", "2.3-S1")
def registry_approvals_justified(
    groups: list[ModelPackageGroup],
    packages: list[ModelPackage],
    decisions: list[ModelPackageDecision],
    pending: PendingReview,
    scan: Scan,
) -> Findings:
    """The newest version of each registered model was approved or rejected, for a reason, on its metrics.

    Why: approval is the gate of deployment; without metrics and a reason nobody can tell later why a model went live.
    Fix: Register versions with their metrics (--model-metrics), and write down why you decide.
        aws sagemaker update-model-package --model-package-arn ARN --model-approval-status Approved --approval-description "AUC 0.91, baseline 0.88"
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-approve.html
    Cost: free.
    Survives: Groups and versions cost nothing to keep.
    """  # noqa: E501
    known = {decision.model_package_arn: decision for decision in decisions}
    for group in groups:
        versions = [package for package in _registered(packages, group) if package.model_package_arn in known]
        if not versions:
            continue
        newest = max(versions, key=lambda package: (package.model_package_version or 0, package.creation_time))
        decision = known[newest.model_package_arn]
        if decision.model_approval_status in ("Approved", "Rejected"):
            status = decision.model_approval_status.lower()
            reason = (decision.approval_description or "").strip()
            # A model may be rejected for having no metrics; that it is approved without any is what must not be.
            measured = decision.model_metrics.model_quality is not None or status == "rejected"
            lacks = [] if measured else ["without metrics"]
            lacks += [] if reason else ["without a reason"]
            note = f"{status} {' and '.join(lacks)}" if lacks else f"{status}: {reason}"
            yield Finding(newest.model_package_arn, good=not lacks, note=note)
        elif scan.at - newest.creation_time > datetime.timedelta(days=pending.days):
            days = (scan.at - newest.creation_time).days
            yield Finding(newest.model_package_arn, good=False, note=f"pending for {days} days")


def _registered(packages: list[ModelPackage], group: ModelPackageGroup) -> list[ModelPackage]:
    """The versions of a group that a person or a pipeline registered, not those that MLflow logged by itself."""
    return [
        package
        for package in packages
        if package.model_package_group_name == group.model_package_group_name
        and package.model_package_registration_type != "Logged"
    ]
