from __future__ import annotations

from collections.abc import Callable
from typing import Any

Client = Callable[..., Any]
SERVICES = {"MonitorName": "services", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
BY_MAIL = {"Address": "learner@example.com", "Type": "EMAIL"}


def test_monitors(aws: Client, refused: Callable[..., str]) -> None:
    ce = aws("ce")
    arn = ce.create_anomaly_monitor(AnomalyMonitor=SERVICES, ResourceTags=[{"Key": "team", "Value": "ml"}])[
        "MonitorArn"
    ]
    [found] = ce.get_anomaly_monitors()["AnomalyMonitors"]
    assert (found["MonitorArn"], found["MonitorName"]) == (arn, "services")
    assert ce.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == [{"Key": "team", "Value": "ml"}]
    ce.update_anomaly_monitor(MonitorArn=arn, MonitorName="all services")
    [found] = ce.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"]
    assert found["MonitorName"] == "all services"
    create = ce.create_anomaly_monitor
    assert refused(create, AnomalyMonitor=SERVICES) == "LimitExceededException"
    assert refused(create, AnomalyMonitor={"MonitorName": "c", "MonitorType": "CUSTOM"}) == "ValidationException"
    missing = f"{arn}-none"
    assert refused(ce.get_anomaly_monitors, MonitorArnList=[missing]) == "UnknownMonitorException"
    assert refused(ce.delete_anomaly_monitor, MonitorArn=missing) == "UnknownMonitorException"
    tagged = {"Tags": {"Key": "team", "Values": ["ml"]}}
    custom = {"MonitorName": "c", "MonitorType": "CUSTOM", "MonitorSpecification": tagged}
    create(AnomalyMonitor=custom)
    page = ce.get_anomaly_monitors(MaxResults=1)
    rest = ce.get_anomaly_monitors(MaxResults=1, NextPageToken=page["NextPageToken"])
    assert {one["MonitorName"] for one in page["AnomalyMonitors"] + rest["AnomalyMonitors"]} == {"all services", "c"}
    ce.delete_anomaly_monitor(MonitorArn=arn)
    assert len(ce.get_anomaly_monitors()["AnomalyMonitors"]) == 1


def test_subscriptions(aws: Client, refused: Callable[..., str]) -> None:
    ce = aws("ce")
    monitor = ce.create_anomaly_monitor(AnomalyMonitor=SERVICES)["MonitorArn"]
    wanted: dict[str, Any] = {
        "SubscriptionName": "daily",
        "MonitorArnList": [monitor],
        "Subscribers": [BY_MAIL],
        "Frequency": "DAILY",
        "Threshold": 10.0,
    }
    create = ce.create_anomaly_subscription
    arn = create(AnomalySubscription=wanted)["SubscriptionArn"]
    [found] = ce.get_anomaly_subscriptions(MonitorArn=monitor)["AnomalySubscriptions"]
    assert found["SubscriptionArn"] == arn
    assert found["Subscribers"] == [{**BY_MAIL, "Status": "CONFIRMED"}]
    assert ce.get_anomaly_subscriptions(MonitorArn=f"{monitor}-none")["AnomalySubscriptions"] == []
    ce.update_anomaly_subscription(SubscriptionArn=arn, Frequency="WEEKLY")
    [found] = ce.get_anomaly_subscriptions(SubscriptionArnList=[arn])["AnomalySubscriptions"]
    assert found["Frequency"] == "WEEKLY"
    at_once = {**wanted, "Frequency": "IMMEDIATE"}
    assert refused(create, AnomalySubscription=at_once) == "ValidationException"
    nowhere = {**wanted, "MonitorArnList": [f"{monitor}-none"]}
    assert refused(create, AnomalySubscription=nowhere) == "UnknownMonitorException"
    ce.delete_anomaly_subscription(SubscriptionArn=arn)
    assert ce.get_anomaly_subscriptions()["AnomalySubscriptions"] == []
    assert refused(ce.delete_anomaly_subscription, SubscriptionArn=arn) == "UnknownSubscriptionException"


def test_the_keys_of_tags_are_inactive_until_they_are_activated(aws: Client) -> None:
    ce = aws("ce")
    assert ce.list_cost_allocation_tags()["CostAllocationTags"] == []
    tags = [{"Key": "project", "Value": "churn"}]
    aws("sagemaker").create_model_package_group(ModelPackageGroupName="churn", Tags=tags)
    aws("sns", "eu-west-1").create_topic(Name="alerts", Tags=[{"Key": "team", "Value": "ml"}])
    found = {one["TagKey"]: one for one in ce.list_cost_allocation_tags(Type="UserDefined")["CostAllocationTags"]}
    assert {key: one["Status"] for key, one in found.items()} == {"project": "Inactive", "team": "Inactive"}
    wanted = [{"TagKey": "project", "Status": "Active"}, {"TagKey": "unknown", "Status": "Active"}]
    errors = ce.update_cost_allocation_tags_status(CostAllocationTagsStatus=wanted)["Errors"]
    assert [one["TagKey"] for one in errors] == ["unknown"]
    [active] = ce.list_cost_allocation_tags(Status="Active")["CostAllocationTags"]
    assert active["TagKey"] == "project"
    [one] = ce.list_cost_allocation_tags(TagKeys=["team"])["CostAllocationTags"]
    assert one["Status"] == "Inactive"
    page = ce.list_cost_allocation_tags(MaxResults=1)
    assert len(ce.list_cost_allocation_tags(NextToken=page["NextToken"])["CostAllocationTags"]) == 1


def test_where_nothing_is_spent_every_period_costs_nothing(aws: Client, refused: Callable[..., str]) -> None:
    ce = aws("ce")
    asked = {"TimePeriod": {"Start": "2026-01-15", "End": "2026-03-10"}, "Metrics": ["UnblendedCost", "UsageQuantity"]}
    months = ce.get_cost_and_usage(**asked, Granularity="MONTHLY")["ResultsByTime"]
    assert [one["TimePeriod"]["Start"] for one in months] == ["2026-01-15", "2026-02-01", "2026-03-01"]
    assert months[0]["Total"]["UnblendedCost"] == {"Amount": "0", "Unit": "USD"}
    assert len(ce.get_cost_and_usage(**asked, Granularity="DAILY")["ResultsByTime"]) == 54
    grouped = ce.get_cost_and_usage(**asked, Granularity="MONTHLY", GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}])
    assert grouped["ResultsByTime"][0]["Groups"] == []
    backwards = {**asked, "TimePeriod": {"Start": "2026-03-10", "End": "2026-01-15"}}
    assert refused(ce.get_cost_and_usage, **backwards, Granularity="DAILY") == "ValidationException"


def test_questions_about_what_might_be_spent(aws: Client, refused: Callable[..., str]) -> None:
    ce = aws("ce")
    period = {"TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"}}
    forecast = {**period, "Metric": "UNBLENDED_COST", "Granularity": "MONTHLY"}
    assert refused(ce.get_cost_forecast, **forecast) == "DataUnavailableException"
    assert refused(ce.get_savings_plans_utilization, **period) == "DataUnavailableException"
    assert refused(ce.get_reservation_utilization, **period) == "DataUnavailableException"
    assert ce.get_dimension_values(**period, Dimension="SERVICE")["DimensionValues"] == []
    assert ce.get_tags(**period)["Tags"] == []
    assert ce.get_anomalies(DateInterval={"StartDate": "2026-01-01"})["Anomalies"] == []
    assert ce.get_reservation_purchase_recommendation(Service="Amazon EC2")["Recommendations"] == []
    plan = {"SavingsPlansType": "SAGEMAKER_SP", "TermInYears": "ONE_YEAR", "PaymentOption": "NO_UPFRONT"}
    found = ce.get_savings_plans_purchase_recommendation(**plan, LookbackPeriodInDays="THIRTY_DAYS")
    assert found["SavingsPlansPurchaseRecommendation"]["SavingsPlansType"] == "SAGEMAKER_SP"


def test_cost_categories_are_listed(aws: Client) -> None:
    ce = aws("ce")
    rule = {"Value": "ml", "Rule": {"Tags": {"Key": "team", "Values": ["ml"]}}}
    ce.create_cost_category_definition(Name="teams", RuleVersion="CostCategoryExpression.v1", Rules=[rule])
    [found] = ce.list_cost_category_definitions()["CostCategoryReferences"]
    assert (found["Name"], found["NumberOfRules"], found["Values"]) == ("teams", 1, ["ml"])
