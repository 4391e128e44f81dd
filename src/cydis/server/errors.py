"""What can go wrong before a door is open."""
from __future__ import annotations


class StartError(OSError):
    """A server cannot start; `str()` is the one line that says why."""
