"""Queues."""

from readiness import Finding, Findings, Record, evidence, resource


@resource("sqs", "ListQueues")
class Queue(Record):
    """A queue, by its URL."""

    name: str


@evidence("1.1-K11", severity="low")
def queue_made(queues: list[Queue]) -> Findings:
    """A queue exists.

    Why: a queue decouples those who write from those who read.
    Fix: aws sqs create-queue --queue-name NAME
    See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html
    """
    for queue in queues:
        yield Finding(queue.name, good=True)
