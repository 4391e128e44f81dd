"""Digests of data. See digest.pxd for what they are."""
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.string cimport memset

from cydis.core.hashtable cimport HashtableIter, hashtable_next, hashtable_size
from cydis.core.listpack cimport LISTPACK_INT_DIGITS, ListpackValue, listpack_value_text
from cydis.core.hnsw cimport Hnsw, HnswNode, QuantKind, hnsw_at, hnsw_name, quantise_saved_bytes
from cydis.core.number cimport NUMBER_DOUBLE_MAX, NUMBER_INT_MAX, number_format_int, number_format_shortest
from cydis.core.record cimport RECORD_EXPIRES, record_key
from cydis.core.resp cimport RespArg
from cydis.core.sha1 cimport SHA1_BYTES, sha1_of
from cydis.engine.database cimport Db
from cydis.engine.keyspace cimport record_string
from cydis.engine.value cimport TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_VECTORSET, TYPE_ZSET
from cydis.types.hashes cimport HashWalk, hash_next, hash_walk
from cydis.types.lists cimport ListWalk, list_next, list_walk
from cydis.types.sets cimport SetWalk, set_next, set_walk
from cydis.types.vectors cimport VectorSet, vectors_attribute, vectors_of
from cydis.types.zsets cimport ZsetWalk, zset_next, zset_walk

cdef enum:
    INT_TEXT = 24                         # bytes that a string's integer may take


cdef void xor(uint8_t* digest, const void* data, size_t size) noexcept nogil:
    cdef uint8_t[SHA1_BYTES] own
    cdef int i
    sha1_of(data, size, own)
    for i in range(SHA1_BYTES):
        digest[i] ^= own[i]


cdef void mix(uint8_t* digest, const void* data, size_t size) noexcept nogil:
    xor(digest, data, size)
    sha1_of(digest, SHA1_BYTES, digest)


cdef void mix_number(uint8_t* digest, uint32_t number) noexcept nogil:
    cdef uint8_t[4] big
    cdef int i
    for i in range(4):
        big[i] = <uint8_t>(number >> (24 - 8 * i))
    mix(digest, big, 4)


cdef void mix_element(uint8_t* digest, const ListpackValue* element) noexcept nogil:
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef size_t size
    cdef const uint8_t* text = listpack_value_text(element, digits, &size)
    mix(digest, text, size)


cdef void digest_string(const Record* record, uint8_t* digest) noexcept nogil:
    cdef char[INT_TEXT] digits
    cdef const uint8_t* text
    cdef size_t size
    record_string(record, digits, &text, &size)
    mix(digest, text, size)


cdef void digest_list(const Record* record, uint8_t* digest) noexcept nogil:
    cdef ListWalk walk
    cdef ListpackValue element
    list_walk(record, 0, &walk)
    while list_next(&walk, &element):
        mix_element(digest, &element)


cdef void digest_set(const Record* record, uint8_t* digest) noexcept nogil:
    cdef SetWalk walk
    cdef ListpackValue member
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef size_t size
    cdef const uint8_t* text
    set_walk(record, &walk)
    while set_next(&walk, &member):
        text = listpack_value_text(&member, digits, &size)
        xor(digest, text, size)


cdef void digest_zset(const Record* record, uint8_t* digest) noexcept nogil:
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    cdef char[NUMBER_DOUBLE_MAX] text
    cdef uint8_t[SHA1_BYTES] one
    zset_walk(record, 0, False, &walk)
    while zset_next(&walk, &member, &score):
        memset(one, 0, SHA1_BYTES)
        mix_element(one, &member)
        mix(one, text, number_format_shortest(score, text))
        xor(digest, one, SHA1_BYTES)


cdef void digest_hash(const Record* record, uint8_t* digest) noexcept nogil:
    cdef HashWalk walk
    cdef ListpackValue field, value
    cdef uint8_t[SHA1_BYTES] one
    hash_walk(record, &walk)
    while hash_next(&walk, &field, &value):
        memset(one, 0, SHA1_BYTES)
        mix_element(one, &field)
        mix_element(one, &value)
        xor(digest, one, SHA1_BYTES)


cdef void mix_decimal(uint8_t* digest, int64_t number) noexcept nogil:
    cdef char[NUMBER_INT_MAX] text
    mix(digest, text, number_format_int(number, text))


cdef void digest_vectors(const Record* record, uint8_t* digest) noexcept nogil:
    """As a module's: size and dimensions, each element apart; all of it xored into one, and that into the digest."""
    cdef const VectorSet* vset = vectors_of(record)
    cdef const Hnsw* h = &vset.index
    cdef uint8_t[SHA1_BYTES] whole, one
    cdef const HnswNode* node
    cdef const uint8_t* name
    cdef RespArg text
    cdef size_t size
    cdef uint32_t slot
    memset(whole, 0, SHA1_BYTES)
    memset(one, 0, SHA1_BYTES)
    mix_decimal(one, h.size)
    mix_decimal(one, h.dim)
    xor(whole, one, SHA1_BYTES)
    for slot in range(h.used):
        node = hnsw_at(h, slot)
        if node == NULL:
            continue
        memset(one, 0, SHA1_BYTES)
        mix(one, &node.vector[0], quantise_saved_bytes(<QuantKind>h.kind, h.dim))
        name = hnsw_name(node, &size)
        mix(one, name, size)
        if vectors_attribute(node, &text):
            mix(one, text.data, text.size)
        xor(whole, one, SHA1_BYTES)
    xor(digest, whole, SHA1_BYTES)


cdef void digest_value(Engine* engine, const Record* record, uint8_t* digest) noexcept nogil:
    cdef int type = record.type
    mix_number(digest, type)
    if type == TYPE_STRING:
        digest_string(record, digest)
    elif type == TYPE_LIST:
        digest_list(record, digest)
    elif type == TYPE_SET:
        digest_set(record, digest)
    elif type == TYPE_ZSET:
        digest_zset(record, digest)
    elif type == TYPE_HASH:
        digest_hash(record, digest)
    elif type == TYPE_VECTORSET:
        digest_vectors(record, digest)
    if record.flags & RECORD_EXPIRES:
        xor(digest, b"!!expire!!", 10)


cdef void digest_db(Db* db, uint8_t* digest) noexcept nogil:
    cdef HashtableIter walk
    cdef uint8_t[SHA1_BYTES] one
    cdef const uint8_t* key
    cdef Record* record
    cdef size_t size
    mix_number(digest, db.id)
    memset(&walk, 0, sizeof(walk))
    record = <Record*>hashtable_next(&db.keys, &walk)
    while record != NULL:
        memset(one, 0, SHA1_BYTES)
        key = record_key(record, &size)
        mix(one, key, size)
        digest_value(db.engine, record, one)
        xor(digest, one, SHA1_BYTES)
        record = <Record*>hashtable_next(&db.keys, &walk)


cdef void digest_data(Engine* engine, uint8_t* digest) noexcept nogil:
    cdef int i
    for i in range(engine.db_count):
        if hashtable_size(&engine.dbs[i].keys):
            digest_db(&engine.dbs[i], digest)
