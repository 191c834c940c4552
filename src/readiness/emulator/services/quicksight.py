"""QuickSight: the subscription of an account, and its datasets, analyses and dashboards.

What moto says, and what AWS does: an account can use QuickSight without having signed up for it, a dataset is forgotten
as soon as it is made, and neither analyses nor the deletion of dashboards are known. Only who has subscribed can do
anything, and what is made is listed, changed and deleted.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import After, Call, Coded, Elsewhere, Handler, InUse, Invalid, Item, NotFound, model_of
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource, fitting, listed

SERVICE = "quicksight"
OK = {"Status": 200}
AUTHENTICATION = {"IAM_AND_QUICKSIGHT": "IDENTITY_POOL", "IAM_ONLY": "IAM_ONLY"}
"""What QuickSight calls a way of signing in, once it was chosen."""
RECOVERY = 30
"""For how many days a deleted analysis can be had back, unless somebody says."""


def _account(call: Call) -> dict[str, Item]:
    """The subscription, which is that of the account everywhere."""
    if call.parameters["AwsAccountId"] != call.account:
        raise Coded("AccessDeniedException", f"Account {call.parameters['AwsAccountId']} is not yours.")
    return dataclasses.replace(call, region=call.partition).table("Subscription")


def _subscribe(call: Call) -> Item:
    known = _account(call)
    asked = call.parameters
    if known:
        raise Coded("ResourceExistsException", f"Account {call.account} is already subscribed to QuickSight.")
    if asked.get("Edition") == "STANDARD" and asked["AuthenticationMethod"] == "ACTIVE_DIRECTORY":
        raise Invalid("Active Directory needs the Enterprise Edition.")
    method = asked["AuthenticationMethod"]
    known["subscription"] = {
        "AccountName": asked["AccountName"],
        "Edition": asked.get("Edition", "ENTERPRISE"),
        "NotificationEmail": asked["NotificationEmail"],
        "AuthenticationType": AUTHENTICATION.get(method, method),
        "AccountSubscriptionStatus": "ACCOUNT_CREATED",
    }
    iam = method.startswith("IAM")
    return {"SignupResponse": {"IAMUser": iam, "accountName": asked["AccountName"]}, **OK}


def _subscription(call: Call) -> Item:
    found = _account(call).get("subscription")
    if found is None:
        raise NotFound(f"Account {call.account} is not signed up with QuickSight.")
    return {"AccountInfo": found, **OK}


def _unsubscribe(call: Call) -> Item:
    """All that was made goes, everywhere."""
    known = _account(call)
    _subscription(call)
    known.clear()
    for noun in ("DataSet", "Analysis"):
        call.table(noun).clear()
    call.backend(SERVICE).dashboards.clear()
    return OK


def _subscribed(handler: Handler) -> Handler:
    """What only who has subscribed may do."""

    def answer(call: Call) -> Item | None:
        if not _account(call):
            raise Coded("UnsupportedUserEditionException", f"Account {call.account} is not subscribed for QuickSight")
        found = handler(call)
        return found if found is None else {**found, **OK}

    return answer


def _tag(call: Call, item: Item) -> None:
    call.backend(SERVICE).tagger.tag_resource(item["Arn"], item.get("Tags") or [])


def _import(call: Call, item: Item) -> None:
    """A dataset reads from data sources that are there; what SPICE keeps is read at once."""
    for table in item["PhysicalTableMap"].values():
        for source in table.values():
            if (arn := source.get("DataSourceArn")) and arn not in _sources(call):
                raise Coded("InvalidParameterValueException", f"Data source {arn} does not exist.")
    if call.operation == "CreateDataSet":
        _tag(call, item)
    item["OutputColumns"] = [
        {"Name": column["Name"], "Type": column.get("Type", "STRING")}
        for table in item["PhysicalTableMap"].values()
        for source in table.values()
        for column in source.get("InputColumns", source.get("Columns", []))
    ]
    if item["ImportMode"] == "SPICE":
        item["IngestionId"] = str(uuid.uuid4())
        item["IngestionArn"] = f"{item['Arn']}/ingestion/{item['IngestionId']}"


def _sources(call: Call) -> set[str]:
    return {source.arn for source in call.backend(SERVICE).data_sources.values()}


def _analyse(call: Call, item: Item) -> None:
    """An analysis has its sheets, and reads from datasets that are there, or follows a template."""
    if ("Definition" in item) == ("SourceEntity" in item):
        raise Coded("InvalidParameterValueException", "Give either a SourceEntity or a Definition.")
    item["DataSetArns"] = _data_sets(call, item)
    item["Sheets"] = [
        {"SheetId": sheet["SheetId"], "Name": sheet.get("Name", sheet["SheetId"])}
        for sheet in item.get("Definition", {}).get("Sheets", [])
    ]
    if call.operation == "CreateAnalysis":
        item["CreationStatus"] = item["Status"] = "CREATION_SUCCESSFUL"
        _tag(call, item)
    else:
        item["UpdateStatus"] = item["Status"] = "UPDATE_SUCCESSFUL"


def _data_sets(call: Call, item: Mapping[str, Any]) -> list[str]:
    """The datasets that are declared.

    Raises:
        NotFound: one of them is not there.
    """
    declared = item.get("Definition", {}).get("DataSetIdentifierDeclarations", [])
    template = (item.get("SourceEntity") or {}).get("SourceTemplate", {}).get("DataSetReferences", [])
    arns = [one["DataSetArn"] for one in (*declared, *template)]
    known = {one["Arn"] for one in DATA_SETS.items(call).values()}
    for arn in arns:
        if arn not in known:
            raise NotFound(f"Dataset {arn} does not exist.")
    return arns


DATA_SETS = Resource(
    SERVICE,
    "DataSet",
    "DataSetId",
    "dataset/{}",
    arn_member="Arn",
    result="DataSetSummaries",
    created=_import,
    changed=_import,
)
ANALYSES = Resource(
    SERVICE,
    "Analysis",
    "AnalysisId",
    "analysis/{}",
    arn_member="Arn",
    plural="Analyses",
    created=_analyse,
    changed=_analyse,
)


def _describe_data_set(call: Call) -> Item:
    return {"DataSet": _fit(DATA_SETS.find(call), "DataSet")}


def _describe_analysis(call: Call) -> Item:
    return {"Analysis": _fit(ANALYSES.find(call), "Analysis")}


def _fit(item: Item, shape: str) -> Item:
    """The members that a shape of the model has."""
    return fitting(item, model_of(SERVICE).shape_for(shape))


def _delete_analysis(call: Call) -> Item:
    """An analysis that is deleted can be had back for a while, unless that is not wanted."""
    item = ANALYSES.find(call)
    if call.parameters.get("ForceDeleteWithoutRecovery"):
        del ANALYSES.items(call)[item["AnalysisId"]]
        return {"Arn": item["Arn"], "AnalysisId": item["AnalysisId"]}
    item["Status"] = "DELETED"
    days = call.parameters.get("RecoveryWindowInDays", RECOVERY)
    gone = utcnow() + datetime.timedelta(days=days)
    return {"Arn": item["Arn"], "AnalysisId": item["AnalysisId"], "DeletionTime": gone}


def _restore_analysis(call: Call) -> Item:
    item = ANALYSES.find(call)
    if item["Status"] != "DELETED":
        raise Coded("ConflictException", f"Analysis {item['AnalysisId']} is not deleted.")
    item["Status"] = "CREATION_SUCCESSFUL"
    return {"Arn": item["Arn"], "AnalysisId": item["AnalysisId"]}


def _create_dashboard(call: Call) -> None:
    """Names are taken once, and datasets are there; moto makes it."""
    if call.parameters["DashboardId"] in call.backend(SERVICE).dashboards:
        raise InUse(f"Dashboard {call.parameters['DashboardId']} already exists.")
    _data_sets(call, call.parameters)
    raise Elsewhere


def _dated(call: Call) -> None:
    """Moto's times are those of this machine's zone."""
    dashboard = call.backend(SERVICE).dashboards[call.parameters["DashboardId"]]
    dashboard.created_time = dashboard.last_updated_time = dashboard.last_published_time = utcnow()


def _list_dashboards(call: Call) -> Item:
    found = [
        {
            "Arn": one.arn,
            "DashboardId": one.dashboard_id,
            "Name": one.name,
            "CreatedTime": one.created_time,
            "LastUpdatedTime": one.last_updated_time,
            "PublishedVersionNumber": one.version_number,
            "LastPublishedTime": one.last_published_time,
        }
        for one in call.backend(SERVICE).dashboards.values()
    ]
    return listed(call, found, "DashboardId")


def _delete_dashboard(call: Call) -> Item:
    found = call.backend(SERVICE).dashboards.pop(call.parameters["DashboardId"], None)
    if found is None:
        raise NotFound(f"Dashboard {call.parameters['DashboardId']} not found")
    return {"Arn": found.arn, "DashboardId": found.dashboard_id}


def _elsewhere(_: Call) -> None:
    raise Elsewhere


ANSWERS: Mapping[str, Handler] = {
    "CreateAccountSubscription": _subscribe,
    "DescribeAccountSubscription": _subscription,
    "DeleteAccountSubscription": _unsubscribe,
    **{name: _subscribed(handler) for name, handler in DATA_SETS.handlers().items()},
    **{name: _subscribed(handler) for name, handler in ANALYSES.handlers().items()},
    "DescribeDataSet": _subscribed(_describe_data_set),
    "DescribeAnalysis": _subscribed(_describe_analysis),
    "DeleteAnalysis": _subscribed(_delete_analysis),
    "RestoreAnalysis": _subscribed(_restore_analysis),
    "CreateDashboard": _subscribed(_create_dashboard),
    "DescribeDashboard": _subscribed(_elsewhere),
    "ListDashboards": _subscribed(_list_dashboards),
    "DeleteDashboard": _subscribed(_delete_dashboard),
    "CreateDataSource": _subscribed(_elsewhere),
    "ListDataSources": _subscribed(_elsewhere),
}
AFTER: Mapping[str, After] = {"CreateDashboard": _dated}

EXTENSION = Extension(SERVICE, ANSWERS, AFTER)
