"""What every command owes where memory is refused: done or not done, nothing between, and nothing lost."""
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

import cydis

EMPTY = 16_384  # bytes that the tables of an empty engine keep at most
MOST = 2_000  # allocations of a command


def check_refusals(filled: Callable[[], cydis.Store], command: tuple, picture: Callable[[cydis.Store], Any],
                   by_chance: bool = False):
    """Runs a command on fresh stores, with its first allocation refused, its second, and so on, until it succeeds.

    `filled` makes a store, `picture` tells what is in one. A refused command answers OOM and leaves the picture as
    it was; the one that succeeds gives the picture of a store without refusals, unless it works `by_chance`.
    """
    expected = filled()
    expected.execute(*command)
    for failing in count(1):
        store = filled()
        before = picture(store)
        store.engine.fail_allocations(failing)
        try:
            store.execute(*command)
            refused = False
        except cydis.CommandError as error:
            assert str(error).startswith("OOM ")
            refused = True
        store.engine.fail_allocations(0)
        assert picture(store) == (before if refused or by_chance else picture(expected))
        assert store.engine.check()
        store.execute("FLUSHALL", "SYNC")
        while store.engine.cron(1_000_000):
            pass
        assert store.engine.stats()["heap_used"] <= EMPTY
        if not refused:
            return
        if failing == MOST:
            pytest.fail(f"{MOST} allocations and still refused")
