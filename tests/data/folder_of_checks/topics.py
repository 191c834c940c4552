"""Topics."""

from readiness import Call, Finding, Findings, Record, practice, resource


@resource("sns", "ListTopics", Call(operation="GetTopicAttributes", by={"TopicArn": "TopicArn"}, take="Attributes"))
class NamedTopic(Record):
    """A topic with its display name."""

    topic_arn: str
    display_name: str = ""


@practice("4.2-S2", severity="low")
def topic_has_a_name(topics: list[NamedTopic]) -> Findings:
    """Topics tell whose they are.

    Why: who gets a message should see from whom it comes.
    Fix: aws sns set-topic-attributes --topic-arn ARN --attribute-name DisplayName --attribute-value NAME
    See: https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html
    """
    for topic in topics:
        yield Finding(topic.topic_arn, good=bool(topic.display_name), note=topic.display_name or "has no display name")
