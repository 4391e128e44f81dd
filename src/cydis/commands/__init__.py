"""The families of commands: the table of contents. Importing one registers its rows."""
from cydis.commands import strings  # noqa: F401
from cydis.commands import connection, clients, server  # noqa: F401, I001  CLIENT's files know CONNECTION's
