"""Fixtures for examples of commands."""
import pytest
from doors import Door
from wire_client import WireClient

import cydis


@pytest.fixture(params=["resp2", "resp3", "execute"])
def door(request):
    """Each door in turn, onto an empty engine of its own whose clock a test may stop."""
    store = cydis.Store()
    if request.param == "execute":
        yield Door("execute", store)
        return
    with store.serve(port=0) as service, WireClient(service.port, protocol=int(request.param[-1])) as client:
        yield Door(request.param, store, client)
