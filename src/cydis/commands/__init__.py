"""The families of commands. Importing this package puts every command into the table."""
from importlib import import_module

FAMILIES = (
    "connection", "clients", "server",
    "strings", "counters", "substrings",
    "keys", "expiries", "objects", "databases", "sort", "replicas", "serialization", "migration",
    "lists", "list_moves", "list_waits",                  # a list_ family knows those before it
    "sets", "set_algebra",
    "hashes", "hash_expiries",                            # hash_expiries knows hashes, strings and expiries
    "zsets", "zset_ranges", "zset_pops", "zset_algebra",  # all of them know zsets
    "bitmaps", "hyperloglogs",
    "geo", "geo_search",                                  # they know zsets
    "vectors", "vector_search",
    "cluster",
)

for family in FAMILIES:
    import_module(f"{__name__}.{family}")
