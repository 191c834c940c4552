"""SageMaker AI: training, hosting, monitoring and the registry."""

from __future__ import annotations

import datetime

from readiness.record import Record
from readiness.resource import resource


