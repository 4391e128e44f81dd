"""Every command about data has a method of its own in the Store, and in the Pipeline."""
import cydis
from cydis.store import Pipeline

# Groups of commands that are not about data; what is useful of them inside a process has a method as well.
NOT_DATA = {"connection", "server", "pubsub", "transactions", "scripting", "cluster", "sentinel", "replication"}

# Commands whose method has another name.
RENAMED = {"del": "delete"}

# Commands of other groups without a method, and why.
WITHOUT = {}


def data_commands(store):
    """The names of all commands about data, subcommands as "container|name"."""
    groups = {name.decode(): entry[b"group"].decode() for name, entry in store.execute("COMMAND", "DOCS").items()}
    names = [name.decode() for name in store.execute("COMMAND", "LIST")]
    containers = {name.partition("|")[0] for name in names if "|" in name}
    for name in names:
        if groups[name.partition("|")[0]] not in NOT_DATA and name not in containers and not name.endswith("|help"):
            yield name


def test_every_data_command_has_a_method():
    found = list(data_commands(cydis.Store()))
    assert len(found) > 150
    missing = []
    for name in found:
        method = RENAMED.get(name, name.replace("|", "_").replace(".", "_").replace("-", "_"))
        for door in (cydis.Store, Pipeline):
            if not callable(getattr(door, method, None)) and name not in WITHOUT:
                missing.append(f"{door.__name__}.{method}")
    assert not missing, missing


def test_exceptions_are_still_needed():
    assert set(WITHOUT) <= set(data_commands(cydis.Store()))
