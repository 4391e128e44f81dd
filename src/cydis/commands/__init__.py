"""The families of commands. Importing this package puts every command into the table."""
from importlib import import_module

FAMILIES = (
    "connection", "clients", "server",
    "strings", "counters", "substrings",
    "keys", "expiries", "objects", "databases", "sort", "replicas",
    "lists", "list_moves", "list_waits", "sets", "set_algebra",         # a list_ family knows those before it
    "hashes", "zsets", "zset_ranges",
    "cluster",
)

for family in FAMILIES:
    import_module(f"{__name__}.{family}")
