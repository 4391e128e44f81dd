"""cydis: Redis' data structures, as a server and as a library inside a Python process.

    import cydis

    store = cydis.Store()
    store.set("k", "v")                       # embedded: no socket, no copy of the data elsewhere
    with store.serve(port=0) as service:      # the same live data for any Redis client
        print(service.url)

``cydis-server`` (or ``python -m cydis``) runs it as a server of its own.
"""
from cydis.embedded import Store
from cydis.engine.door import CommandError
from cydis.server.errors import StartError
from cydis.version import VERSION as __version__

__all__ = ["CommandError", "StartError", "Store", "__version__"]
