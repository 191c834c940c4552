"""AWS Config: a recorder that was started delivers; moto's is PENDING for ever."""

from __future__ import annotations

from readiness.emulator.call import Call
from readiness.emulator.door import Extension


def _deliver(call: Call) -> None:
    """Deliveries reach their bucket, or fail where it is gone."""
    backend = call.backend("config")
    buckets = call.backend("s3").buckets
    there = all(channel.s3_bucket_name in buckets for channel in backend.delivery_channels.values())
    for recorder in backend.recorders.values():
        if recorder.status.recording:
            recorder.status.last_status = "SUCCESS" if there else "FAILURE"


EXTENSION = Extension("config", after={"StartConfigurationRecorder": _deliver})
