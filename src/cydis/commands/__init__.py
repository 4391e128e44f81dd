"""The families of commands; importing this package puts them into the table."""
from cydis.commands import strings  # noqa: F401
