"""The families of commands. Importing this package puts every command into the table."""
from importlib import import_module

FAMILIES = ("connection", "clients", "server", "strings")

for family in FAMILIES:
    import_module(f"{__name__}.{family}")
from cydis.commands import lists, list_moves, sets, set_algebra  # noqa: F401, I001  list_moves knows lists
