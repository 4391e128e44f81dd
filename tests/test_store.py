"""The embedded door: types in and out, every typed method beside execute(), dict-like use, pipelines, threads."""
import collections
import contextlib
import datetime
import doctest
import gc
import inspect
import random
import resource
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import cydis
from cydis.store import Pipeline

NOW = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
NOW_S = int(NOW.timestamp())

# What is there before each of EXAMPLES; commands as one line.
FILL = """
SET n 5|SET f 1.5|SET s hello|SET t going PX 100000|SET u hallo
RPUSH l a b c b a|RPUSH l2 x|SADD s1 a b c|SADD s2 b c d|HSET h f1 1 f2 2.5|ZADD z 1 a 2 b 3 c|ZADD lex 0 a 0 b 0 c
GEOADD geo 13.361389 38.115556 a 15.087269 37.502669 b
VADD v VALUES 2 1 0 a|VADD v VALUES 2 0 2 b SETATTR {"n":2}
"""

# method, arguments, keyword arguments, the same for execute(), what the method answers (SAME: what execute answers)
SAME = object()
EXAMPLES = [
    # keys
    ("delete", ("n",), {}, "DEL n", 1),
    ("delete", ("n", "s", "gone"), {}, "DEL n s gone", 2),
    ("unlink", ("n", "l"), {}, "UNLINK n l", 2),
    ("exists", ("n",), {}, "EXISTS n", 1),
    ("exists", ("n", "n", "gone"), {}, "EXISTS n n gone", 2),
    ("type", ("z",), {}, "TYPE z", "zset"),
    ("type", ("gone",), {}, "TYPE gone", "none"),
    ("touch", ("n", "gone"), {}, "TOUCH n gone", 1),
    ("copy", ("s", "new"), {}, "COPY s new", True),
    ("copy", ("s", "n"), {}, "COPY s n", False),
    ("copy", ("s", "n"), {"replace": True, "db": 1}, "COPY s n DB 1 REPLACE", True),
    ("move", ("s", 1), {}, "MOVE s 1", True),
    ("move", ("gone", 1), {}, "MOVE gone 1", False),
    ("rename", ("s", "new"), {}, "RENAME s new", None),
    ("renamenx", ("s", "n"), {}, "RENAMENX s n", False),
    ("keys", ("s?",), {}, "KEYS s?", {b"s1", b"s2"}),
    ("scan", (), {"match": "s?", "count": 1000, "type": "set"}, "SCAN 0 MATCH s? COUNT 1000 TYPE set", None),
    ("expire", ("s", 100), {}, "EXPIRE s 100", True),
    ("expire", ("s", datetime.timedelta(minutes=1)), {"nx": True}, "EXPIRE s 60 NX", True),
    ("expire", ("t", 10), {"gt": True}, "EXPIRE t 10 GT", False),
    ("pexpire", ("t", datetime.timedelta(seconds=1)), {"lt": True}, "PEXPIRE t 1000 LT", True),
    ("expireat", ("t", NOW), {"xx": True}, f"EXPIREAT t {NOW_S} XX", True),
    ("pexpireat", ("gone", NOW), {}, f"PEXPIREAT gone {NOW_S}000", False),
    ("ttl", ("t",), {}, "TTL t", 100),
    ("ttl", ("s",), {}, "TTL s", -1),
    ("pttl", ("gone",), {}, "PTTL gone", -2),
    ("expiretime", ("s",), {}, "EXPIRETIME s", -1),
    ("pexpiretime", ("t",), {}, "PEXPIRETIME t", SAME),
    ("persist", ("t",), {}, "PERSIST t", True),
    ("persist", ("s",), {}, "PERSIST s", False),
    ("object_encoding", ("n",), {}, "OBJECT ENCODING n", "int"),
    ("object_encoding", ("gone",), {}, "OBJECT ENCODING gone", None),
    ("object_idletime", ("n",), {}, "OBJECT IDLETIME n", 0),
    ("object_refcount", ("s",), {}, "OBJECT REFCOUNT s", 1),
    ("memory_usage", ("s",), {}, "MEMORY USAGE s", SAME),
    ("memory_usage", ("l", 0), {}, "MEMORY USAGE l SAMPLES 0", SAME),
    ("dump", ("s",), {}, "DUMP s", SAME),
    ("dump", ("gone",), {}, "DUMP gone", None),
    ("dbsize", (), {}, "DBSIZE", 14),
    ("flushdb", (), {}, "FLUSHDB", None),
    ("flushall", (False,), {}, "FLUSHALL SYNC", None),
    ("swapdb", (0, 1), {}, "SWAPDB 0 1", None),
    # strings
    ("get", ("s",), {}, "GET s", b"hello"),
    ("get", ("gone",), {}, "GET gone", None),
    ("set", ("s", "v"), {}, "SET s v", True),
    ("set", ("s", "v"), {"nx": True}, "SET s v NX", False),
    ("set", ("s", "v"), {"ifeq": "hello", "ex": 10}, "SET s v IFEQ hello EX 10", True),
    ("set", ("s", "v"), {"px": datetime.timedelta(seconds=2), "xx": True}, "SET s v XX PX 2000", True),
    ("set", ("s", "v"), {"exat": NOW, "get": True}, f"SET s v GET EXAT {NOW_S}", b"hello"),
    ("set", ("t", "v"), {"keepttl": True}, "SET t v KEEPTTL", True),
    ("set", ("new", "v"), {"pxat": NOW_S * 1000, "get": True}, f"SET new v GET PXAT {NOW_S}000", None),
    ("setnx", ("s", "v"), {}, "SETNX s v", False),
    ("setex", ("s", 10, "v"), {}, "SETEX s 10 v", None),
    ("psetex", ("s", 10000, "v"), {}, "PSETEX s 10000 v", None),
    ("getset", ("s", "v"), {}, "GETSET s v", b"hello"),
    ("getdel", ("s",), {}, "GETDEL s", b"hello"),
    ("getex", ("s",), {"ex": 10}, "GETEX s EX 10", b"hello"),
    ("getex", ("t",), {"persist": True}, "GETEX t PERSIST", b"going"),
    ("delifeq", ("s", "no"), {}, "DELIFEQ s no", False),
    ("mget", ("s", "gone", "l"), {}, "MGET s gone l", [b"hello", None, None]),
    ("mget", (["s", "n"],), {}, "MGET s n", [b"hello", b"5"]),
    ("mset", ({"a": 1, "b": 2.5},), {}, "MSET a 1 b 2.5", None),
    ("msetnx", ([("a", 1), ("s", 2)],), {}, "MSETNX a 1 s 2", False),
    ("msetex", ({"a": 1},), {"ex": 10, "nx": True}, "MSETEX 1 a 1 NX EX 10", True),
    ("incr", ("n",), {}, "INCR n", 6),
    ("incr", ("n", 4), {}, "INCRBY n 4", 9),
    ("incrby", ("n", -4), {}, "INCRBY n -4", 1),
    ("incrbyfloat", ("f", 1.25), {}, "INCRBYFLOAT f 1.25", 2.75),
    ("decr", ("n",), {}, "DECR n", 4),
    ("decr", ("n", 2), {}, "DECRBY n 2", 3),
    ("decrby", ("n", 2), {}, "DECRBY n 2", 3),
    ("append", ("s", "!"), {}, "APPEND s !", 6),
    ("strlen", ("s",), {}, "STRLEN s", 5),
    ("getrange", ("s", 1, -2), {}, "GETRANGE s 1 -2", b"ell"),
    ("substr", ("s", 0, 1), {}, "SUBSTR s 0 1", b"he"),
    ("setrange", ("s", 1, "a"), {}, "SETRANGE s 1 a", 5),
    ("lcs", ("s", "u"), {}, "LCS s u", b"hllo"),
    ("lcs", ("s", "u"), {"len": True}, "LCS s u LEN", 4),
    ("lcs", ("s", "u"), {"idx": True, "minmatchlen": 2, "withmatchlen": True},
     "LCS s u IDX MINMATCHLEN 2 WITHMATCHLEN", ([((2, 4), (2, 4), 3)], 4)),
    # bits
    ("setbit", ("s", 1, 0), {}, "SETBIT s 1 0", 1),
    ("getbit", ("s", 2), {}, "GETBIT s 2", 1),
    ("bitcount", ("s",), {}, "BITCOUNT s", 21),
    ("bitcount", ("s", 0, 7), {"mode": "BIT"}, "BITCOUNT s 0 7 BIT", 3),
    ("bitpos", ("s", 0), {}, "BITPOS s 0", 0),
    ("bitpos", ("s", 1, 2, -1, "BIT"), {}, "BITPOS s 1 2 -1 BIT", 2),
    ("bitop", ("XOR", "new", "s", "u"), {}, "BITOP XOR new s u", 5),
    ("bitop", ("NOT", "new", ["s"]), {}, "BITOP NOT new s", 5),
    ("bitfield_ro", ("s", "u8", 0, "u4", "#2"), {}, "BITFIELD_RO s GET u8 0 GET u4 #2", [104, 6]),
    # HyperLogLogs
    ("pfadd", ("new", "a", "b"), {}, "PFADD new a b", True),
    ("pfadd", ("new", ["a"]), {}, "PFADD new a", True),
    ("pfcount", ("gone",), {}, "PFCOUNT gone", 0),
    ("pfmerge", ("new", "gone"), {}, "PFMERGE new gone", None),
    # lists
    ("lpush", ("l", "x"), {}, "LPUSH l x", 6),
    ("lpush", ("l", "x", 1, 2.5), {}, "LPUSH l x 1 2.5", 8),
    ("rpush", ("l", "x"), {}, "RPUSH l x", 6),
    ("rpush", ("l", "x", "y"), {}, "RPUSH l x y", 7),
    ("lpushx", ("gone", "x"), {}, "LPUSHX gone x", 0),
    ("rpushx", ("l", "x"), {}, "RPUSHX l x", 6),
    ("lpop", ("l",), {}, "LPOP l", b"a"),
    ("lpop", ("gone", 2), {}, "LPOP gone 2", None),
    ("rpop", ("l", 2), {}, "RPOP l 2", [b"a", b"b"]),
    ("rpop", ("gone",), {}, "RPOP gone", None),
    ("llen", ("l",), {}, "LLEN l", 5),
    ("lindex", ("l", -1), {}, "LINDEX l -1", b"a"),
    ("lrange", ("l", 1, 2), {}, "LRANGE l 1 2", [b"b", b"c"]),
    ("lset", ("l", 0, "x"), {}, "LSET l 0 x", None),
    ("ltrim", ("l", 0, 1), {}, "LTRIM l 0 1", None),
    ("lrem", ("l", 0, "b"), {}, "LREM l 0 b", 2),
    ("linsert", ("l", "BEFORE", "c", "x"), {}, "LINSERT l BEFORE c x", 6),
    ("lpos", ("l", "b"), {}, "LPOS l b", 1),
    ("lpos", ("l", "b"), {"rank": -1, "count": 0, "maxlen": 9}, "LPOS l b RANK -1 COUNT 0 MAXLEN 9", [3, 1]),
    ("lmove", ("l", "l2", "RIGHT", "LEFT"), {}, "LMOVE l l2 RIGHT LEFT", b"a"),
    ("rpoplpush", ("l", "l2"), {}, "RPOPLPUSH l l2", b"a"),
    ("lmpop", ("gone", "l"), {"count": 2}, "LMPOP 2 gone l LEFT COUNT 2", [b"l", [b"a", b"b"]]),
    ("blpop", ("gone", "l"), {}, "BLPOP gone l 0", [b"l", b"a"]),
    ("brpop", (["l", "gone"],), {"timeout": 0.5}, "BRPOP l gone 0.5", [b"l", b"a"]),
    ("blmove", ("l", "l2"), {"src": "RIGHT"}, "BLMOVE l l2 RIGHT RIGHT 0", b"a"),
    ("brpoplpush", ("l", "l2", 1), {}, "BRPOPLPUSH l l2 1", b"a"),
    ("blmpop", ("gone", "l"), {"count": 2, "timeout": 1}, "BLMPOP 1 2 gone l LEFT COUNT 2", [b"l", [b"a", b"b"]]),
    # sorting, waiting
    ("sort", ("l",), {"alpha": True}, "SORT l ALPHA", [b"a", b"a", b"b", b"b", b"c"]),
    ("sort", ("l",), {"by": "x_*", "start": 1, "num": 2, "get": ["#", "y_*"], "desc": True, "store": "new"},
     "SORT l BY x_* LIMIT 1 2 GET # GET y_* DESC STORE new", 4),
    ("sort_ro", ("l",), {"by": "nosort", "num": 1, "get": "#"}, "SORT_RO l BY nosort LIMIT 0 1 GET #", [b"a"]),
    ("wait", (0, 1), {}, "WAIT 0 1", 0),
    ("waitaof", (0, 1, 1), {}, "WAITAOF 0 1 1", [0, 0]),
    # sets
    ("sadd", ("s1", "x"), {}, "SADD s1 x", 1),
    ("sadd", ("s1", "a", "x", "y"), {}, "SADD s1 a x y", 2),
    ("srem", ("s1", "a"), {}, "SREM s1 a", 1),
    ("srem", ("s1", "a", "x"), {}, "SREM s1 a x", 1),
    ("spop", ("gone",), {}, "SPOP gone", None),
    ("spop", ("s1", 3), {}, "SPOP s1 3", {b"a", b"b", b"c"}),
    ("srandmember", ("gone",), {}, "SRANDMEMBER gone", None),
    ("srandmember", ("gone", -2), {}, "SRANDMEMBER gone -2", []),
    ("sismember", ("s1", "a"), {}, "SISMEMBER s1 a", True),
    ("smismember", ("s1", "a", "x"), {}, "SMISMEMBER s1 a x", [True, False]),
    ("smembers", ("s1",), {}, "SMEMBERS s1", {b"a", b"b", b"c"}),
    ("scard", ("s1",), {}, "SCARD s1", 3),
    ("smove", ("s1", "s2", "a"), {}, "SMOVE s1 s2 a", True),
    ("sinter", ("s1", "s2"), {}, "SINTER s1 s2", {b"b", b"c"}),
    ("sunion", (["s1", "s2"],), {}, "SUNION s1 s2", {b"a", b"b", b"c", b"d"}),
    ("sdiff", ("s1", "s2"), {}, "SDIFF s1 s2", {b"a"}),
    ("sinterstore", ("new", "s1", "s2"), {}, "SINTERSTORE new s1 s2", 2),
    ("sunionstore", ("new", ["s1", "s2"]), {}, "SUNIONSTORE new s1 s2", 4),
    ("sdiffstore", ("new", "s1", "s2"), {}, "SDIFFSTORE new s1 s2", 1),
    ("sintercard", ("s1", "s2"), {"limit": 1}, "SINTERCARD 2 s1 s2 LIMIT 1", 1),
    ("sscan", ("s1",), {"match": "a"}, "SSCAN s1 0 MATCH a", (0, {b"a"})),
    # hashes
    ("hset", ("h", "f", "v"), {}, "HSET h f v", 1),
    ("hset", ("h", "f", "v", {"g": 1, "f1": 2}), {}, "HSET h f v g 1 f1 2", 2),
    ("hset", ("h",), {"mapping": {"g": 1}}, "HSET h g 1", 1),
    ("hsetnx", ("h", "f1", "v"), {}, "HSETNX h f1 v", False),
    ("hget", ("h", "f1"), {}, "HGET h f1", b"1"),
    ("hget", ("h", "gone"), {}, "HGET h gone", None),
    ("hmget", ("h", "f1", "gone"), {}, "HMGET h f1 gone", [b"1", None]),
    ("hmset", ("h", {"f": "v"}), {}, "HMSET h f v", None),
    ("hgetall", ("h",), {}, "HGETALL h", {b"f1": b"1", b"f2": b"2.5"}),
    ("hdel", ("h", "f1"), {}, "HDEL h f1", 1),
    ("hdel", ("h", "f1", "f2", "x"), {}, "HDEL h f1 f2 x", 2),
    ("hlen", ("h",), {}, "HLEN h", 2),
    ("hexists", ("h", "f1"), {}, "HEXISTS h f1", True),
    ("hkeys", ("h",), {}, "HKEYS h", [b"f1", b"f2"]),
    ("hgetdel", ("h", "f1", "gone"), {}, "HGETDEL h FIELDS 2 f1 gone", [b"1", None]),
    ("hexpire", ("h", 10, "f1", "gone"), {}, "HEXPIRE h 10 FIELDS 2 f1 gone", [1, -2]),
    ("hexpire", ("h", datetime.timedelta(seconds=9), ["f1"]), {"nx": True}, "HEXPIRE h 9 NX FIELDS 1 f1", [1]),
    ("hpexpire", ("h", datetime.timedelta(seconds=9), "f1"), {"xx": True, "gt": True},
     "HPEXPIRE h 9000 XX GT FIELDS 1 f1", [0]),
    ("hexpireat", ("h", NOW, "f1"), {"lt": True}, f"HEXPIREAT h {NOW_S} LT FIELDS 1 f1", [1]),
    ("hpexpireat", ("h", NOW, ("f1", "f2")), {}, f"HPEXPIREAT h {NOW_S}000 FIELDS 2 f1 f2", [1, 1]),
    ("hpexpireat", ("h", 1, "f1"), {}, "HPEXPIREAT h 1 FIELDS 1 f1", [2]),
    ("httl", ("h", "f1", "gone"), {}, "HTTL h FIELDS 2 f1 gone", [-1, -2]),
    ("hpttl", ("h", ["f1"]), {}, "HPTTL h FIELDS 1 f1", [-1]),
    ("hexpiretime", ("h", "f1"), {}, "HEXPIRETIME h FIELDS 1 f1", [-1]),
    ("hpexpiretime", ("h", "f1"), {}, "HPEXPIRETIME h FIELDS 1 f1", [-1]),
    ("hpersist", ("h", "f1", "gone"), {}, "HPERSIST h FIELDS 2 f1 gone", [-1, -2]),
    ("hgetex", ("h", "f1", "gone"), {}, "HGETEX h FIELDS 2 f1 gone", [b"1", None]),
    ("hgetex", ("h", ["f1"]), {"ex": datetime.timedelta(minutes=1)}, "HGETEX h EX 60 FIELDS 1 f1", [b"1"]),
    ("hgetex", ("h", "f1"), {"pxat": NOW}, f"HGETEX h PXAT {NOW_S}000 FIELDS 1 f1", [b"1"]),
    ("hgetex", ("h", "f1"), {"persist": True}, "HGETEX h PERSIST FIELDS 1 f1", [b"1"]),
    ("hsetex", ("h", "f", "v"), {"ex": 10}, "HSETEX h EX 10 FIELDS 1 f v", True),
    ("hsetex", ("h", "f", "v", {"g": 1}), {"px": 10_000, "fnx": True}, "HSETEX h FNX PX 10000 FIELDS 2 f v g 1", True),
    ("hsetex", ("h",), {"mapping": {"f1": 1}, "keepttl": True, "fxx": True},
     "HSETEX h FXX KEEPTTL FIELDS 1 f1 1", True),
    ("hsetex", ("h", "f", "v"), {"exat": NOW, "nx": True}, f"HSETEX h NX EXAT {NOW_S} FIELDS 1 f v", False),
    ("hsetex", ("gone", "f", "v"), {"xx": True}, "HSETEX gone XX FIELDS 1 f v", False),
    ("hvals", ("h",), {}, "HVALS h", [b"1", b"2.5"]),
    ("hstrlen", ("h", "f2"), {}, "HSTRLEN h f2", 3),
    ("hincrby", ("h", "f1", 2), {}, "HINCRBY h f1 2", 3),
    ("hincrbyfloat", ("h", "f2", 0.5), {}, "HINCRBYFLOAT h f2 0.5", 3.0),
    ("hrandfield", ("gone",), {}, "HRANDFIELD gone", None),
    ("hrandfield", ("h", 9), {}, "HRANDFIELD h 9", [b"f1", b"f2"]),
    ("hrandfield", ("h", 9, True), {}, "HRANDFIELD h 9 WITHVALUES", [(b"f1", b"1"), (b"f2", b"2.5")]),
    ("hscan", ("h",), {}, "HSCAN h 0", (0, {b"f1": b"1", b"f2": b"2.5"})),
    ("hscan", ("h",), {"novalues": True}, "HSCAN h 0 NOVALUES", (0, {b"f1", b"f2"})),
    # sorted sets
    ("zadd", ("z", {"d": 4}), {}, "ZADD z 4 d", 1),
    ("zadd", ("z", {"a": 5, "d": 1.5}), {"ch": True}, "ZADD z CH 5 a 1.5 d", 2),
    ("zadd", ("z", {"a": 0}), {"gt": True, "xx": True}, "ZADD z XX GT 0 a", 0),
    ("zadd", ("z", {"a": 1}), {"incr": True}, "ZADD z INCR 1 a", 2.0),
    ("zadd", ("z", [("a", 1)]), {"incr": True, "nx": True}, "ZADD z NX INCR 1 a", None),
    ("zadd", ("z", {"a": 0}), {"lt": True, "ch": True}, "ZADD z LT CH 0 a", 1),
    ("zincrby", ("z", 2.5, "a"), {}, "ZINCRBY z 2.5 a", 3.5),
    ("zrem", ("z", "a", "x"), {}, "ZREM z a x", 1),
    ("zscore", ("z", "b"), {}, "ZSCORE z b", 2.0),
    ("zscore", ("z", "gone"), {}, "ZSCORE z gone", None),
    ("zmscore", ("z", ["a", "gone"]), {}, "ZMSCORE z a gone", [1.0, None]),
    ("zcard", ("z",), {}, "ZCARD z", 3),
    ("zcount", ("z", "-inf", "(3"), {}, "ZCOUNT z -inf (3", 2),
    ("zlexcount", ("lex", "-", "[b"), {}, "ZLEXCOUNT lex - [b", 2),
    ("zrank", ("z", "b"), {}, "ZRANK z b", 1),
    ("zrank", ("z", "a", True), {}, "ZRANK z a WITHSCORE", (0, 1.0)),
    ("zrank", ("z", "gone", True), {}, "ZRANK z gone WITHSCORE", None),
    ("zrevrank", ("z", "a"), {}, "ZREVRANK z a", 2),
    ("zrevrank", ("z", "a"), {"withscore": True}, "ZREVRANK z a WITHSCORE", (2, 1.0)),
    ("zrange", ("z", 0, -1), {}, "ZRANGE z 0 -1", [b"a", b"b", b"c"]),
    ("zrange", ("z", 0, 0), {"desc": True, "withscores": True}, "ZRANGE z 0 0 REV WITHSCORES", [(b"c", 3.0)]),
    ("zrange", ("z", "(1", "+inf"), {"byscore": True, "offset": 1, "num": 5},
     "ZRANGE z (1 +inf BYSCORE LIMIT 1 5", [b"c"]),
    ("zrange", ("lex", "[b", "+"), {"bylex": True}, "ZRANGE lex [b + BYLEX", [b"b", b"c"]),
    ("zrevrange", ("z", 0, 0, True), {}, "ZREVRANGE z 0 0 WITHSCORES", [(b"c", 3.0)]),
    ("zrangebyscore", ("z", 1, 2), {"withscores": True}, "ZRANGEBYSCORE z 1 2 WITHSCORES",
     [(b"a", 1.0), (b"b", 2.0)]),
    ("zrangebyscore", ("z", 1, 3, 1), {}, "ZRANGEBYSCORE z 1 3 LIMIT 1 -1", [b"b", b"c"]),
    ("zrevrangebyscore", ("z", 3, 1, 0, 1), {}, "ZREVRANGEBYSCORE z 3 1 LIMIT 0 1", [b"c"]),
    ("zrangebylex", ("lex", "-", "(c"), {}, "ZRANGEBYLEX lex - (c", [b"a", b"b"]),
    ("zrevrangebylex", ("lex", "+", "(a"), {}, "ZREVRANGEBYLEX lex + (a", [b"c", b"b"]),
    ("zpopmin", ("z",), {}, "ZPOPMIN z 1", [(b"a", 1.0)]),
    ("zpopmax", ("z", 2), {}, "ZPOPMAX z 2", [(b"c", 3.0), (b"b", 2.0)]),
    ("zremrangebyrank", ("z", 0, 1), {}, "ZREMRANGEBYRANK z 0 1", 2),
    ("zremrangebyscore", ("z", "(1", 3), {}, "ZREMRANGEBYSCORE z (1 3", 2),
    ("zremrangebylex", ("lex", "[a", "[b"), {}, "ZREMRANGEBYLEX lex [a [b", 2),
    # vector sets; a vector's bytes are no words of a line, so it is compared with one of numbers
    ("vadd", ("v", [1, 1], "c"), {}, "VADD v VALUES 2 1 1 c", True),
    ("vadd", ("v", [1, 1], "a"), {"attributes": [1], "ef": 9, "quantization": "Q8", "cas": True},
     'VADD v VALUES 2 1 1 a CAS Q8 EF 9 SETATTR [1]', False),
    ("vadd", ("new", [1, 1], "a"), {"reduce_dim": 1, "numlinks": 5}, "VADD new REDUCE 1 VALUES 2 1 1 a M 5", True),
    ("vsim", ("v", "a"), {}, "VSIM v ELE a", [b"a", b"b"]),
    ("vsim", ("v", "a"), {"with_scores": True}, "VSIM v ELE a WITHSCORES", {b"a": 1.0, b"b": 0.5}),
    ("vsim", ("v", [0, 1]), {"filter": ".n > 1", "with_attribs": True, "count": 1, "truth": True},
     "VSIM v VALUES 2 0 1 WITHATTRIBS COUNT 1 FILTER .n>1 TRUTH", {b"b": b'{"n":2}'}),
    ("vrem", ("v", "a"), {}, "VREM v a", True),
    ("vcard", ("v",), {}, "VCARD v", 2),
    ("vdim", ("v",), {}, "VDIM v", 2),
    ("vemb", ("v", "b"), {}, "VEMB v b", [0.0, 2.0]),
    ("vemb", ("v", "b"), {"raw": True}, "VEMB v b RAW", [b"int8", b"\0\x7f", 2.0, 1.0]),
    ("vlinks", ("v", "a"), {}, "VLINKS v a", SAME),
    ("vlinks", ("v", "a"), {"with_scores": True}, "VLINKS v a WITHSCORES", SAME),
    ("vrandmember", ("v",), {}, "VRANDMEMBER v", SAME),
    ("vrandmember", ("v", 0), {}, "VRANDMEMBER v 0", []),
    ("vismember", ("v", "x"), {}, "VISMEMBER v x", False),
    ("vsetattr", ("v", "a", "text"), {}, "VSETATTR v a text", True),
    ("vgetattr", ("v", "b"), {}, "VGETATTR v b", b'{"n":2}'),
    ("zscan", ("z",), {"noscores": True}, "ZSCAN z 0 NOSCORES", (0, {b"a", b"b", b"c"})),
    ("zscan", ("z",), {}, "ZSCAN z 0", (0, [(b"a", 1.0), (b"b", 2.0), (b"c", 3.0)])),
    ("zrandmember", ("gone",), {}, "ZRANDMEMBER gone", None),
    ("zrandmember", ("z", 9), {}, "ZRANDMEMBER z 9", [b"a", b"b", b"c"]),
    ("zrandmember", ("z", 9, True), {}, "ZRANDMEMBER z 9 WITHSCORES", [(b"a", 1.0), (b"b", 2.0), (b"c", 3.0)]),
    ("zrangestore", ("new", "z", "(1", "+inf"), {"byscore": True, "offset": 1, "num": 5},
     "ZRANGESTORE new z (1 +inf BYSCORE LIMIT 1 5", 1),
    ("zrangestore", ("new", "z", 0, 0), {"desc": True}, "ZRANGESTORE new z 0 0 REV", 1),
    ("zunion", ("z", "lex"), {}, "ZUNION 2 z lex", [b"a", b"b", b"c"]),
    ("zunion", (["z", "s1"],), {"weights": [1, 0.5], "aggregate": "MAX", "withscores": True},
     "ZUNION 2 z s1 WEIGHTS 1 0.5 AGGREGATE MAX WITHSCORES", [(b"a", 1.0), (b"b", 2.0), (b"c", 3.0)]),
    ("zunionstore", ("new", "z", "s1"), {"aggregate": "MIN"}, "ZUNIONSTORE new 2 z s1 AGGREGATE MIN", 3),
    ("zinter", ("z", "s2"), {"withscores": True}, "ZINTER 2 z s2 WITHSCORES", [(b"b", 3.0), (b"c", 4.0)]),
    ("zinterstore", ("new", ["z", "s2"]), {"weights": (1, 2)}, "ZINTERSTORE new 2 z s2 WEIGHTS 1 2", 2),
    ("zintercard", ("z", "s2"), {"limit": 1}, "ZINTERCARD 2 z s2 LIMIT 1", 1),
    ("zdiff", ("z", "s2"), {}, "ZDIFF 2 z s2", [b"a"]),
    ("zdiff", ("z", "s2"), {"withscores": True}, "ZDIFF 2 z s2 WITHSCORES", [(b"a", 1.0)]),
    ("zdiffstore", ("new", "z", "s2"), {}, "ZDIFFSTORE new 2 z s2", 1),
    ("zmpop", ("gone", "z"), {"max": True, "count": 2}, "ZMPOP 2 gone z MAX COUNT 2",
     (b"z", [(b"c", 3.0), (b"b", 2.0)])),
    ("zmpop", ("gone",), {}, "ZMPOP 1 gone MIN COUNT 1", None),
    ("bzpopmin", ("gone", "z"), {}, "BZPOPMIN gone z 0", (b"z", b"a", 1.0)),
    ("bzpopmax", (["z", "gone"],), {"timeout": 0.5}, "BZPOPMAX z gone 0.5", (b"z", b"c", 3.0)),
    ("bzmpop", ("gone", "z"), {"max": True, "timeout": 1}, "BZMPOP 1 2 gone z MAX COUNT 1", (b"z", [(b"c", 3.0)])),
    # places
    ("geoadd", ("geo", {"c": (17.2, 38.7)}), {}, "GEOADD geo 17.2 38.7 c", 1),
    ("geoadd", ("geo", [(17.2, 38.7, "a"), (1, 2, "d")]), {"xx": True, "ch": True},
     "GEOADD geo XX CH 17.2 38.7 a 1 2 d", 1),
    ("geoadd", ("geo", [(17.2, 38.7, "a")]), {"nx": True}, "GEOADD geo NX 17.2 38.7 a", 0),
    ("geodist", ("geo", "a", "b", "km"), {}, "GEODIST geo a b km", 166.2742),
    ("geodist", ("geo", "a", "gone"), {}, "GEODIST geo a gone m", None),
    ("geohash", ("geo", "a", "gone"), {}, "GEOHASH geo a gone", [b"sqc8b49rny0", None]),
    ("geopos", ("geo", ["a", "gone"]), {}, "GEOPOS geo a gone", [(13.361389338970184, 38.1155563954963), None]),
    ("geosearch", ("geo",), {"longitude": 15, "latitude": 37, "radius": 200, "unit": "km", "sort": "ASC"},
     "GEOSEARCH geo FROMLONLAT 15 37 BYRADIUS 200 km ASC", [b"b", b"a"]),
    ("geosearch", ("geo",), {"member": "a", "width": 400, "height": 400.5, "unit": "km", "count": 1, "any": True,
                             "withdist": True, "withhash": True, "withcoord": True},
     "GEOSEARCH geo FROMMEMBER a BYBOX 400 400.5 km COUNT 1 ANY WITHCOORD WITHDIST WITHHASH",
     [(b"a", 0.0, 3479099956230698, (13.361389338970184, 38.1155563954963))]),
    ("geosearch", ("geo",), {"polygon": [(13, 38), (14, 38), (13.5, 39)], "withdist": True},
     "GEOSEARCH geo BYPOLYGON 3 13 38 14 38 13.5 39 WITHDIST", [(b"a", 27152.0923)]),
    ("geosearchstore", ("new", "geo"), {"member": "a", "radius": 1, "storedist": True},
     "GEOSEARCHSTORE new geo FROMMEMBER a BYRADIUS 1 m STOREDIST", 1),
    ("georadius", ("geo", 15, 37, 200, "km"), {"sort": "DESC", "count": 1},
     "GEORADIUS geo 15 37 200 km DESC COUNT 1", [b"a"]),
    ("georadius", ("geo", 15, 37, 200, "km"), {"store": "new"}, "GEORADIUS geo 15 37 200 km STORE new", 2),
    ("georadius_ro", ("geo", 15, 37, 100, "km"), {"withdist": True}, "GEORADIUS_RO geo 15 37 100 km WITHDIST",
     [(b"b", 56.4413)]),
    ("georadiusbymember", ("geo", "a", 1), {"store_dist": "new"}, "GEORADIUSBYMEMBER geo a 1 m STOREDIST new", 1),
    ("georadiusbymember_ro", ("geo", "a", 1), {"withhash": True}, "GEORADIUSBYMEMBER_RO geo a 1 m WITHHASH",
     [(b"a", 3479099956230698)]),
    # about the engine
    ("ping", (), {}, "PING", b"PONG"),
    ("ping", ("hi",), {}, "PING hi", b"hi"),
    ("echo", ("hi",), {}, "ECHO hi", b"hi"),
    ("select", (3,), {}, "SELECT 3", None),
    ("config_set", ("maxclients", 77), {}, "CONFIG SET maxclients 77", None),
    ("config_resetstat", (), {}, "CONFIG RESETSTAT", None),
]
SEEN_ELSEWHERE = {"restore", "execute", "randomkey", "object_freq", "time", "info", "config_get"}
# In tests/commands: bitmaps, HyperLogLogs, vector sets, MIGRATE.
SEEN_ELSEWHERE |= {"bitfield", "pfdebug", "pfselftest", "vadd", "vcard", "vdim", "vemb", "vgetattr", "vinfo",
                   "vismember", "vlinks", "vrandmember", "vrem", "vsetattr", "vsim", "migrate"}


def filled(**options):
    """A store that holds what FILL says, its clock stopped, everything random repeatable."""
    store = cydis.Store(seed=b"0123456789abcdef", **options)
    store.engine.freeze_clock(NOW_S * 1000 - 1_000_000_000)
    for line in FILL.replace("\n", "|").split("|"):
        if line:
            store.execute(*line.split())
    return store


def contents(store):
    """All there is, by database and key."""
    found = {}
    for db in range(2):
        store.select(db)
        for key in store.scan_iter():
            kind = store.type(key)
            read = {"string": lambda k: store.get(k), "list": lambda k: store.lrange(k, 0, -1),
                    "set": lambda k: store.smembers(k), "hash": lambda k: store.hgetall(k),
                    "zset": lambda k: store.zrange(k, 0, -1, withscores=True),
                    "vectorset": lambda k: {e: (store.vemb(k, e), store.vgetattr(k, e))
                                            for e in store.vrandmember(k, 100)}}[kind]
            found[db, key] = kind, read(key), store.pexpiretime(key)
    return found


def public_methods(cls):
    return {name for name, method in inspect.getmembers(cls, callable) if not name.startswith("_")}


# ---- every method

@pytest.mark.parametrize(("method", "arguments", "options", "words", "answer"), EXAMPLES,
                         ids=[f"{example[0]}-{number}" for number, example in enumerate(EXAMPLES)])
def test_a_method_does_what_its_command_does(method, arguments, options, words, answer):
    typed, plain, queued = filled(), filled(), filled()
    said = getattr(typed, method)(*arguments, **options)
    raw = plain.execute(*words.split())
    if method == "scan":
        assert said[0] == 0
        assert set(said[1]) == set(raw[1]) == {b"s1", b"s2"}
    elif isinstance(answer, set):
        assert set(said) == answer
    else:
        expected = raw if answer is SAME else answer
        assert said == expected
        assert type(said) is type(expected)
    pipeline = queued.pipeline()
    assert getattr(pipeline, method)(*arguments, **options) is pipeline
    [result] = pipeline.run()
    assert result == said
    assert type(result) is type(said)
    assert contents(typed) == contents(plain) == contents(queued)


def test_every_method_has_an_example():
    shared = public_methods(Pipeline) & public_methods(cydis.Store) - {"clear"}
    assert shared == {example[0] for example in EXAMPLES} | SEEN_ELSEWHERE


def test_store_and_pipeline_take_the_same_arguments():
    for name in public_methods(Pipeline) & public_methods(cydis.Store) - {"clear", "get"}:
        of_store, of_pipeline = getattr(cydis.Store, name), getattr(Pipeline, name)
        assert inspect.signature(of_store) == inspect.signature(of_pipeline), name
        assert of_store.__doc__, name


def test_what_a_store_says_about_itself():
    store = filled()
    assert store.time() == (NOW_S - 1_000_000, 0)
    assert store.randomkey() in store
    info = store.info("server", "keyspace")
    assert info["redis_mode"] == "standalone"
    assert info["db0"]["keys"] == len(store)
    assert store.config_get("maxclients", "databases") == {"maxclients": "10000", "databases": "16"}
    store.config_set({"maxmemory-policy": "allkeys-lfu", "maxclients": 5})
    assert store.config_get("maxcl*") == {"maxclients": "5"}
    assert store.object_freq("n") >= 0
    assert repr(store).startswith("<cydis.Store keys=14 used=")
    assert repr(store.pipeline().get("a")).startswith("<cydis.Pipeline commands=1 of <cydis.Store ")


def test_the_page_s_examples():
    page = Path(__file__).parents[1] / "docs" / "embedded.md"
    failed, run = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert run > 20
    assert not failed


# ---- arguments and answers

@pytest.mark.parametrize(("value", "stored"), [
    (b"raw\x00\xff", b"raw\x00\xff"), ("text", b"text"), ("h\u00e9", "h\u00e9".encode()), ("", b""),
    (5, b"5"), (-(1 << 63), b"-9223372036854775808"), (1 << 63, b"9223372036854775808"), (10**40, b"%d" % 10**40),
    (1.5, b"1.5"), (1e100, b"1e+100"), (float("-inf"), b"-inf"), (0.1, b"0.1"),
    (bytearray(b"ba"), b"ba"), (memoryview(b"abcdef")[::2], b"ace"),
    (collections.UserString("no"), None), ("\udcff", b"\xff"),
    (type("Text", (str,), {})("sub"), b"sub"), (type("Number", (int,), {})(7), b"7"),
])
def test_values_of_python(value, stored):
    store = cydis.Store()
    if stored is None:
        with pytest.raises(TypeError, match="UserString"):
            store.set("k", value)
        return
    store.set("k", value)
    assert store.get("k") == stored
    assert store.pipeline().set(value, value).get(value).run() == [True, stored]


@pytest.mark.parametrize("value", [None, True, False, [1], {}, object(), 1j])
@pytest.mark.parametrize("call", ["set", "lpush", "sadd", "echo", "execute", "pipeline"])
def test_what_is_no_argument_is_refused(value, call):
    store = cydis.Store()
    with pytest.raises(TypeError, match="bytes, str, int or float is needed"):
        if call == "echo":
            store.echo(value)
        elif call == "execute":
            store.execute("SET", "k", value)
        elif call == "pipeline":
            store.pipeline().set("k", value)
        else:
            getattr(store, call)("k", value)
    assert len(store) == 0


def test_decode_gives_text_back_as_it_was():
    store = cydis.Store(decode=True)
    store.set("h\u00e9", "w\u00f6rld")
    assert store["h\u00e9"] == "w\u00f6rld"
    store.hset("h", mapping={"f": 1})
    store.rpush("l", b"\xff\xfe")
    broken = store.lpop("l")
    assert isinstance(broken, str)
    store.set("again", broken)
    assert store.strlen("again") == 2
    assert store.hgetall("h") == {"f": "1"}
    assert store.ping() == "PONG"
    assert sorted(store) == ["again", "h", "h\u00e9"]
    assert store.mget("h\u00e9", "gone") == ["w\u00f6rld", None]
    assert store.pipeline().get("h\u00e9").type("h").run() == ["w\u00f6rld", "hash"]


def test_errors_are_the_server_s():
    store = cydis.Store()
    store.lpush("l", 1)
    with pytest.raises(cydis.CommandError, match=r"^WRONGTYPE Operation against a key") as error:
        store.get("l")
    assert error.value.kind == "WRONGTYPE"
    with pytest.raises(cydis.CommandError, match=r"^ERR unknown command 'NOPE', with args beginning with: 'a' "):
        store.execute("NOPE", "a")
    with pytest.raises(cydis.CommandError, match=r"^ERR wrong number of arguments for 'get' command$"):
        store.execute("GET")
    with pytest.raises(cydis.CommandError, match=r"^ERR value is not an integer or out of range$"):
        store.expire("l", "soon")
    assert store.execute("object encoding", "l") == store.execute(b"OBJECT", "encoding", b"l") == b"listpack"


def test_what_concerns_a_connection_leaves_the_store_usable():
    store = cydis.Store()
    store.set("k", "v")
    for words in ("HELLO 2", "RESET", "CLIENT REPLY OFF", "CLIENT REPLY SKIP", "QUIT", "CLIENT REPLY ON"):
        store.execute(*words.split())
        assert store.get("k") == b"v", words
    store.execute("CONFIG", "SET", "requirepass", "secret")
    store.execute("RESET")
    assert store.get("k") == b"v"


@pytest.mark.parametrize("size", [0, 400, 500, 511, 512, 513, 5000, 100_000, 3_000_000])
def test_replies_of_every_size(size):
    store = cydis.Store()
    value = random.Random(size).randbytes(size)
    store.set("k", value)
    assert store.get("k") == value
    assert store.mget("k", "k") == [value, value]
    assert store.pipeline().get("k").get("k").run() == [value, value]


def test_stores_are_independent():
    one, two = cydis.Store(databases=2), cydis.Store()
    one.set("k", 1)
    assert two.get("k") is None
    one.select(1)
    assert len(one) == 0
    with pytest.raises(cydis.CommandError, match="DB index is out of range"):
        one.select(2)
    beside = cydis.Store(engine=one.engine)
    assert beside.get("k") == b"1"


@pytest.mark.parametrize("arguments", [{"databases": 0}, {"seed": b"short"}])
def test_bad_arguments_of_a_store(arguments):
    with pytest.raises(ValueError, match="16 bytes and at least one database"):
        cydis.Store(**arguments)


# ---- scanning and strings as in a dict

def test_scans_go_on_while_keys_change():
    store = cydis.Store()
    for number in range(1000):
        store.set(f"k{number}", number)
    for key in store:
        store.set(b"new" + key, 1)
        del store[key]
        if len(store) > 5000:
            break
    assert not any(store.exists(f"k{number}") for number in range(1000))
    store.sadd("s", *range(1000))
    store.hset("h", mapping={n: n for n in range(1000)})
    store.zadd("z", {n: n for n in range(1000)})
    assert {int(member) for member in store.sscan_iter("s", count=7)} == set(range(1000))
    assert {int(f): int(v) for f, v in store.hscan_iter("h", match="*1")} == {n: n for n in range(1, 1000, 10)}
    assert sorted(store.zscan_iter("z"), key=lambda pair: pair[1])[-1] == (b"999", 999.0)
    assert set(store.scan_iter(type="hash")) == {b"h"}


def test_only_strings_are_values():
    store = cydis.Store()
    store.sadd("s", 1)
    assert "s" in store
    with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
        store["s"]
    store["s"] = "a string now"
    assert store["s"] == b"a string now"


KEY = st.sampled_from([b"a", b"b", b"c", b"d", b"", b"\xff" * 70])
VALUE = st.binary(max_size=20) | st.integers(-(10**20), 10**20).map(lambda n: b"%d" % n) | st.just(b"x" * 600)


class LikeADict(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.store, self.model = cydis.Store(), {}

    @rule(key=KEY, value=VALUE)
    def put(self, key, value):
        self.store[key] = self.model[key] = value

    @rule(key=KEY)
    def read(self, key):
        assert self.store.get(key) == self.model.get(key)
        assert self.store.get(key, 5) == self.model.get(key, 5)
        assert (key in self.store) == (key in self.model)
        for mapping in (self.store, self.model):
            try:
                found = mapping[key]
            except KeyError:
                found = None
            assert found == self.model.get(key)

    @rule(key=KEY)
    def remove(self, key):
        if key in self.model:
            del self.store[key], self.model[key]
        else:
            with pytest.raises(KeyError):
                del self.store[key]

    @rule(key=KEY, fallback=st.booleans())
    def pop(self, key, fallback):
        if key in self.model or fallback:
            assert self.store.pop(key, *[None] * fallback) == self.model.pop(key, None)
        else:
            with pytest.raises(KeyError):
                self.store.pop(key)

    @rule(key=KEY, value=VALUE)
    def setdefault(self, key, value):
        assert self.store.setdefault(key, value) == self.model.setdefault(key, value)

    @rule(pairs=st.dictionaries(KEY, VALUE, max_size=3))
    def update(self, pairs):
        self.store.update(pairs)
        self.model.update(pairs)

    @rule()
    def clear(self):
        self.store.clear()
        self.model.clear()

    @invariant()
    def same(self):
        if hasattr(self, "store"):
            assert len(self.store) == len(self.model)
            assert dict(self.store) == self.model
            assert sorted(self.store) == sorted(self.model)


TestLikeADict = LikeADict.TestCase
TestLikeADict.settings = settings(max_examples=30, stateful_step_count=30, deadline=None,
                                  suppress_health_check=[HealthCheck.too_slow])


# ---- pipelines

def test_a_pipeline_runs_in_order_and_may_be_used_again():
    store = cydis.Store()
    with store.pipeline() as p:
        value = bytearray(b"before")
        p.set("a", value).append("a", "!")
        value[:] = b"after!"
        p.execute("GET", "a").execute("object encoding", "a")
        assert len(p) == 4
        assert store.get("a") is None
        assert p.run() == [True, 7, b"before!", b"raw"]
        assert len(p) == 0
        assert p.run() == []
        assert p.get("a").run() == [b"before!"]
        p.set("a", "never")
    assert p.run() == []
    assert store["a"] == b"before!"


def test_errors_in_a_pipeline():
    store = cydis.Store()
    p = store.pipeline().set("a", "x").incr("a").get("a")
    with pytest.raises(cydis.CommandError, match="not an integer") as raised:
        p.run()
    assert raised.value.results == [True, raised.value, b"x"]
    done = p.execute("NOPE").lpush("a", 1).get("a").run(raise_on_error=False)
    assert [type(each) for each in done] == [cydis.CommandError, cydis.CommandError, bytes]
    assert done[1].kind == "WRONGTYPE"
    with pytest.raises(TypeError):
        p.get("a").set("a", None)
    assert p.run() == [b"x"]


@pytest.mark.parametrize("count", [1, 15, 16, 17, 64, 65, 1000])
def test_pipelines_of_every_length(count):
    store = cydis.Store()
    p = store.pipeline()
    for number in range(count):
        p.set(f"k{number}", number).get(f"k{number}").select(number % 3)
    results = p.run()
    assert results[1::3] == [b"%d" % number for number in range(count)]
    in_first = sum(number == 0 or number % 3 == 1 for number in range(count))     # each select serves the next set
    assert store.pipeline().select(0).dbsize().run() == [None, in_first]


def test_replies_held_back_in_a_pipeline():
    store = cydis.Store()
    assert store.pipeline().set("a", 1).execute("CLIENT", "REPLY", "SKIP").get("a").run() == [True, None, b"1"]


def test_a_pipeline_needs_a_store():
    with pytest.raises(TypeError):
        Pipeline(None)


# ---- threads, finalizers, memory

def run_together(work, count=8):
    """Run work(number) in threads; raise what one of them raised."""
    errors = []

    def guarded(number):
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


@pytest.mark.parametrize("served", [False, True])
def test_one_store_in_many_threads(served):
    store = cydis.Store()
    redis = pytest.importorskip("redis", reason="redis-py is not installed") if served else None
    service = store.serve(port=0) if served else None
    rounds = 300

    def work(number):
        client = redis.Redis(port=service.port) if served and number < 3 else None
        for turn in range(rounds):
            if client is not None:
                client.incr("n")
                continue
            store.incr("n")
            store.set(f"own{number}", turn)
            assert store.get(f"own{number}") == b"%d" % turn
            store.mset({f"{number}:{turn}:{n}": "x" * 600 for n in range(4)})
            assert len(store.mget(*[f"{number}:{turn}:{n}" for n in range(4)])) == 4
            with store.pipeline() as p:
                for _ in range(70):
                    p.incr(f"p{number}")
                results = p.run()
            assert results[-1] - results[0] == 69
            store.config_get("maxclients")
        if client is not None:
            client.close()

    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        run_together(work)
    finally:
        sys.setswitchinterval(switch)
        if service:
            service.close()
    assert int(store["n"]) == 8 * rounds


def test_a_finalizer_may_use_the_store_at_any_moment():
    """Garbage is collected wherever Python allocates: inside a reply, and inside a command written in Python."""
    store = cydis.Store()

    class Gone:
        def __init__(self):
            self.itself = self

        def __del__(self):
            store.incr("gone")
            store.lpush("list", *range(20))

    before = gc.get_threshold()
    gc.set_threshold(5, 5, 5)
    try:
        for number in range(300):
            Gone()
            store.info()
            store.config_get("*max*")
            store.hset("h", number, number)
            store.hgetall("h")
            store.pipeline().lrange("list", 0, 10).config_get("list*").run()
    finally:
        gc.set_threshold(*before)
        gc.collect()
    assert int(store["gone"]) == 300
    assert store.llen("list") == 6000


def test_nothing_is_kept_by_calls():
    store = cydis.Store()
    store.lpush("l", *range(50))
    store.hset("h", mapping={n: "v" * 50 for n in range(30)})

    def calls(count):
        for number in range(count):
            store.set("k", number)
            store.get("k")
            store.set("k", "v", ex=100, get=True)
            store.mget("k", "gone", 5, 2.5, bytearray(b"k"))
            store.lrange("l", 0, -1)
            store.hgetall("h")
            store.execute("PING", "h\u00e9" * 200)
            for wrong in (lambda: store.incr("l"), lambda: store.set("k", None), lambda: store.mget(*range(20), [])):
                with contextlib.suppress(cydis.CommandError, TypeError):
                    wrong()
            p = store.pipeline().set("k", "v" * 1000).get("k").incr("k").lrange("l", 0, -1)
            p.run(raise_on_error=False)

    calls(2000)
    gc.collect()
    objects, resident = len(gc.get_objects()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    blocks = sys.getallocatedblocks()
    calls(20_000)
    gc.collect()
    assert len(gc.get_objects()) - objects < 100
    assert sys.getallocatedblocks() - blocks < 1000
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident) * unit < 8 << 20


def test_a_store_dies_with_its_last_name():
    store = cydis.Store()
    store.mset({n: "x" * 100 for n in range(1000)})
    p, scan = store.pipeline().get(1), store.scan_iter()
    next(scan)
    del store
    assert p.run() == [b"x" * 100]
    assert len(list(scan)) == 999
