"""The families of commands. Importing this package puts every command into the table."""
from importlib import import_module

FAMILIES = (
    "connection", "clients", "server",
    "strings", "counters", "substrings",
    "keys", "expiries", "objects", "databases",
    "lists", "list_moves", "sets", "set_algebra",         # list_moves knows lists
    "hashes", "zsets", "zset_ranges",
    "vectors", "vector_search",
    "cluster",
)

for family in FAMILIES:
    import_module(f"{__name__}.{family}")
