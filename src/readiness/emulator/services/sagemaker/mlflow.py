"""MLflow: tracking servers, and apps that need none."""

from __future__ import annotations

from readiness.emulator.call import Call, Handler, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource

SERVICE = "sagemaker"


def _track(_: Call, item: Item) -> None:
    """A new server is up, and of the newest version where none was asked for."""
    item.setdefault("MlflowVersion", "3.0")
    item["IsActive"] = "Active"


SERVERS = Resource(
    SERVICE,
    "MlflowTrackingServer",
    "TrackingServerName",
    "mlflow-tracking-server/{}",
    arn_member="TrackingServerArn",
    status=("TrackingServerStatus", "Created"),
    equals={"TrackingServerStatus": "TrackingServerStatus", "MlflowVersion": "MlflowVersion"},
    created=_track,
)


def _turned(*, on: bool) -> Handler:
    """What starts or stops a server, which keeps its runs meanwhile."""

    def turn(call: Call) -> Item:
        server = SERVERS.find(call)
        server["TrackingServerStatus"] = "Started" if on else "Stopped"
        server["IsActive"] = "Active" if on else "Inactive"
        return server

    return turn


def _default(_: Call, item: Item) -> None:
    item.setdefault("AccountDefaultStatus", "DISABLED")
    item.setdefault("MlflowVersion", "3.0")


APPS = Resource(
    SERVICE,
    "MlflowApp",
    "Name",
    "mlflow-app/{}",
    arn_member="Arn",
    status=("Status", "Created"),
    equals={name: name for name in ("Status", "MlflowVersion", "AccountDefaultStatus")},
    created=_default,
)

EXTENSION = Extension(
    SERVICE,
    {
        **SERVERS.handlers(),
        **APPS.handlers(),
        "StartMlflowTrackingServer": _turned(on=True),
        "StopMlflowTrackingServer": _turned(on=False),
    },
)
