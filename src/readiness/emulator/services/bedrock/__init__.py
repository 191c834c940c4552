"""Bedrock: its models and profiles, the jobs that run on them, capacity, guardrails and tags.

Moto knows the customization jobs and custom models of Bedrock only, and they are taken over whole, because of what moto
says of them where AWS says otherwise:

- a job stays InProgress for ever, yet has an end time, a failure message, and a model that can be used;
- the losses are 0 for every training, and there is a validation loss where nothing was validated on;
- a base model that AWS does not have is customized like any other, for every type of customization;
- a KMS key is told that nobody named, and the key that somebody did name is lost;
- a job is not found by its ARN, although that is what AWS's own answers name it by;
- times are of the machine's own zone, and say nothing below a second.
"""

SERVICE = "bedrock"
