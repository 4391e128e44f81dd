# cython: binding=False, embedsignature.format=clinic
"""Commands kept to be run at once: one lock, one turn away from the interpreter, no other client in between.

    Queued     | command first argc shape | command first argc shape | ...
                          v
    RespArg    | data size | data size | data size | ...
                  v
    bytes      | GETk1SETk2value...

What a method is given is copied: the caller's objects may change before run(). run() first takes the whole batch out
of the Pipeline, so that nothing another thread adds meanwhile can move it.

Costs: about 50 ns to keep a command, and its bytes; running costs as in a Store, without the lock.
"""
from libc.stdint cimport uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

cimport cython

from cydis.core.buffer cimport buffer_append, buffer_close, buffer_init
from cydis.core.clock cimport clock_ticks
from cydis.core.lock cimport lock_release
from cydis.engine.call cimport Call, call_begin
from cydis.engine.database cimport Engine, engine_tick_coarse
from cydis.engine.door cimport engine_enter
from cydis.engine.gate cimport execute
from cydis.engine.ahead cimport key_hash, prefetch_bucket, prefetch_record
from cydis.store.database cimport Store, is_brief, mend_client
from cydis.store.replies cimport shape_reply
from cydis.engine.door import CommandError

cdef enum:
    BRIEF_COMMANDS = 64                   # with more commands, or more bytes, the interpreter is let go
    BRIEF_BYTES = 32768
    AHEAD = 16                            # commands whose keys are asked for before the first of them runs


cdef void batch_begin(Batch* b) noexcept nogil:
    memset(b, 0, sizeof(Batch))
    buffer_init(&b.queue, NULL, 0)
    buffer_init(&b.args, NULL, 0)
    buffer_init(&b.bytes, NULL, 0)


cdef void batch_end(Batch* b) noexcept nogil:
    buffer_close(&b.queue)
    buffer_close(&b.args)
    buffer_close(&b.bytes)


cdef void fetch(Store store, const Queued* queue, const RespArg* args, size_t count, size_t* hashes) noexcept nogil:
    """Asks for the memory of the first keys of some commands: all buckets, then all records."""
    cdef size_t i
    cdef int first
    db = &store.engine.engine.dbs[store.client.db]
    for i in range(count):
        first = queue[i].command.row.keys.first if queue[i].command != NULL else 0
        hashes[i] = 0
        if 0 < first < queue[i].argc:
            hashes[i] = key_hash(db, &args[queue[i].first + first])
            prefetch_bucket(db, hashes[i])
    for i in range(count):
        if hashes[i]:
            prefetch_record(db, hashes[i])


cdef void run_batch(Store store, Batch* b, Buffer* out, size_t* starts) noexcept nogil:
    """Runs all commands; starts[i] is where the reply of command i stands in `out`, starts[count] the end."""
    cdef const Queued* queue = <const Queued*>b.queue.data
    cdef RespArg* args = <RespArg*>b.args.data
    cdef size_t[AHEAD] hashes
    cdef size_t i
    cdef Call call
    cdef uint64_t began = clock_ticks()
    engine_tick_coarse(store.engine.engine)
    for i in range(b.args.used // sizeof(RespArg)):
        args[i].data = b.bytes.data + <size_t>args[i].data
    for i in range(b.count):
        if i % AHEAD == 0:
            fetch(store, &queue[i], args, min(<size_t>AHEAD, b.count - i), hashes)
        starts[i] = out.used
        call_begin(&call, &store.client, &args[queue[i].first], queue[i].argc, out)
        execute(&call, queue[i].command)
        mend_client(&store.client)
    starts[b.count] = out.used
    store.between(clock_ticks() - began)


cdef class Pipeline(ServerMethods):
    """Commands that wait for run(), which runs them at once and answers a list of their results.

        with store.pipeline() as p:
            p.set("a", 1).incr("a")
            p.get("a")
            done, number, text = p.run()

    It has the same methods as the Store, and execute(); each answers the Pipeline itself. No other thread and no
    client sees the data between two of its commands. It may be filled and run again, by one thread at a time. Leaving
    the ``with`` statement drops commands that were not run.

    Args:
        store: the Store to run them in.
    """

    def __cinit__(self, Store store not None):
        self.store = store
        batch_begin(&self.batch)

    def __init__(self, store):
        """The argument is read by __cinit__, so that there is no Pipeline without a Store."""

    def __dealloc__(self):
        batch_end(&self.batch)

    def __len__(self):
        return self.batch.count

    def __bool__(self):
        return True

    def __repr__(self):
        return f"<cydis.Pipeline commands={self.batch.count} of {self.store!r}>"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.clear()

    @cython.critical_section
    cdef object perform(self, const Command* command, RespArg* argv, int argc, int shape):
        cdef Batch* b = &self.batch
        cdef Queued queued
        cdef RespArg arg
        cdef int i
        queued.command = command
        queued.first = b.args.used // sizeof(RespArg)
        queued.argc = argc
        queued.shape = shape
        for i in range(argc):
            arg.data = <const uint8_t*>b.bytes.used
            arg.size = argv[i].size
            buffer_append(&b.bytes, argv[i].data, arg.size)
            buffer_append(&b.args, &arg, sizeof(RespArg))
        buffer_append(&b.queue, &queued, sizeof(Queued))
        if b.bytes.failed or b.args.failed or b.queue.failed:
            batch_end(b)
            batch_begin(b)
            raise MemoryError("no memory for the pipeline; its commands are dropped")
        b.count += 1
        if b.count > BRIEF_COMMANDS or b.bytes.used > BRIEF_BYTES or not is_brief(command, argv, argc):
            b.long = True
        return self

    @cython.critical_section
    def clear(self):
        """Drops the commands that wait."""
        batch_end(&self.batch)
        batch_begin(&self.batch)

    @cython.critical_section
    cdef void take(self, Batch* b) noexcept:
        """Moves what waits into `b`."""
        b[0] = self.batch
        batch_begin(&self.batch)

    def run(self, bint raise_on_error=True):
        """Runs the commands that wait; a list of their results, in order. O(all of them).

        Args:
            raise_on_error: after all have run, raise the first error reply; otherwise it stands in the list.

        Raises:
            CommandError: a command answered with an error; the others ran. The error's ``results`` is the list.
        """
        cdef Store store = self.store
        cdef Engine* e = store.engine.engine
        cdef Batch batch
        cdef Buffer out
        cdef size_t* starts
        cdef bint nested
        self.take(&batch)
        buffer_init(&out, NULL, 0)
        starts = <size_t*>malloc((batch.count + 1) * sizeof(size_t))
        try:
            if starts == NULL:
                raise MemoryError("no memory for the pipeline; its commands are dropped")
            nested = engine_enter(e)
            if batch.long:
                with nogil:
                    run_batch(store, &batch, &out, starts)
                    if not nested:
                        lock_release(&e.lock)
            else:
                run_batch(store, &batch, &out, starts)
                if not nested:
                    lock_release(&e.lock)
            if out.failed:
                raise MemoryError("no memory for the replies; the commands have run")
            return results_of(store.decode, &batch, &out, starts, raise_on_error)
        finally:
            free(starts)
            buffer_close(&out)
            batch_end(&batch)


cdef list results_of(bint decode, const Batch* b, const Buffer* out, const size_t* starts, bint raise_on_error):
    cdef const Queued* queue = <const Queued*>b.queue.data
    cdef list results = []
    cdef size_t i
    first_error = None
    for i in range(b.count):
        if starts[i] == starts[i + 1]:    # CLIENT REPLY
            results.append(None)
            continue
        try:
            results.append(shape_reply(out.data + starts[i], decode, queue[i].shape))
        except CommandError as error:
            error.__traceback__ = None
            results.append(error)
            first_error = first_error or error
    if raise_on_error and first_error is not None:
        first_error.results = results
        raise first_error
    return results
