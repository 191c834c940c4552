"""An extension of moto: operations that it lacks, answered from state and checked against botocore's own models.

It knows nothing of any exam. `emulated()` is moto's `mock_aws` with the extension in place; `install()` puts it into
this process, for a server too.
"""

from __future__ import annotations

import functools
from typing import Any

from moto import mock_aws


@functools.cache
def install() -> None:
    """Add the operations to moto's services; more than once does no harm."""
    from readiness.emulator import sagemaker

    sagemaker.install()


def emulated(**options: Any) -> Any:
    """An emulated AWS for this process, as a context manager; the options are those of moto's `mock_aws`."""
    install()
    return mock_aws(**options)
