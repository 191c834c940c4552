"""An extension of moto: operations that it lacks, answered from state and checked against botocore's own models.

It knows nothing of any exam. `emulated()` is moto's `mock_aws` with the extension in place; `install()` puts it into
this process; `serve()` lets any AWS client talk to it over HTTP.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import socket
import threading
from collections.abc import Iterator
from typing import Any

import time_machine
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from readiness.emulator import authorization, bucket_policies
from readiness.emulator.door import Door, open_door


@functools.cache
def install() -> Door:
    """Let every client that is made from now on find the extension; more than once does no harm."""
    from readiness.emulator.services import told

    authorization.correct()
    bucket_policies.correct()
    return open_door(extension for _, extension in told())


def emulated(**options: Any) -> Any:
    """An emulated AWS for this process, as a context manager; the options are those of moto's `mock_aws`."""
    install()
    return mock_aws(**options)


def ago(since: datetime.timedelta) -> contextlib.AbstractContextManager[object]:
    """Within it, time in this process is that long ago: what is made then has a past."""
    return time_machine.travel(datetime.datetime.now(datetime.UTC) - since)


@contextlib.contextmanager
def serve(host: str, port: int) -> Iterator[str]:
    """Serve an emulated AWS: gives the URL of its endpoint.

    Args:
        host: the address to listen at.
        port: where to listen, or 0 for any free port.

    Raises:
        OSError: the port is taken.
    """
    application = install().serve(DomainDispatcherApplication(create_backend_app))
    # werkzeug ends the whole process where it can't bind; a socket that listens already is taken as it is.
    with socket.create_server((host, port)) as listening:
        server = make_server(
            host, port, application, threaded=True, request_handler=MotoRequestHandler, fd=listening.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
