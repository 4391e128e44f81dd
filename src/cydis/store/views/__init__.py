"""Live views: what is under one key of a Store, by Python's own protocols.

    store.hash("user:1")["name"] = "Ada"      a MutableMapping of fields and values
    store.list("queue") += ["a", "b"]         a MutableSequence
    store.members("tags") & store.members("seen")   a MutableSet; the name `set` is the command's
    store.zset("board")["ann"]                a mapping member -> score, in order of (score, member)
    store.bitmap("days")[42] = 1              a row of bits that knows no end
    store.hll("visitors").add("ann")          a set of which only the size is known

A view is a Store and a key, nothing else: it holds no data and no pointer, it sees every change at once, from whatever
side, and it stays good when the key goes, comes again or expires. A key that is not there is an empty collection, and
the key goes with the last element. Under a key of another type every operation raises CommandError (WRONGTYPE).

**In and out.** What is given to a view (also to ``in`` and ``==``) is an argument as for the Store's methods: str, int
and float mean the bytes they are stored as. What comes out is bytes, or str with ``decode=True``.

**Errors** are those of the protocol: KeyError, IndexError, ValueError.

**One operation is one step** for everybody else. Most are one command. Those marked *alone* are several, during which
other threads and clients wait.

**Iteration** never fails, ends, and gives every element that is there from start to end, whoever changes the key:

    hash, set       by scan, page by page: what comes or goes meanwhile may be given or not, and when the table
                    shrinks an element may be given twice. No more than a page is held.
    list            a picture of the moment in which the iteration begins.
    sorted set      in order, each member once: the first 128, and when these are used up a picture of the others.
    bitmap          page by page, each bit as it is when its page of 64 Kbit is read.

**Numbers in bulk** (`scores`, `columns`, `numbers`, `update_from`, `extend_from`) travel as arrays: see
cydis.store.numbers.
"""
from cydis.store.views.bitmaps import BitmapView
from cydis.store.views.hashes import HashView
from cydis.store.views.hyperloglogs import HyperLogLogView
from cydis.store.views.lists import ListView
from cydis.store.views.sets import SetView
from cydis.store.views.view import View
from cydis.store.views.zsets import ZSetView

__all__ = ["BitmapView", "HashView", "HyperLogLogView", "ListView", "SetView", "View", "ZSetView"]
