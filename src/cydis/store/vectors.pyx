# cython: binding=False, embedsignature.format=clinic
"""Methods of vector sets: elements with a vector each, found by nearness.

A vector is any sequence of numbers, a one-dimensional buffer of floats or doubles (array.array, a NumPy array), or the
bytes of 32-bit floats. A buffer of floats is copied as a whole, one of doubles number by number without making objects.
"""
from cpython.buffer cimport (
    PyBUF_FORMAT, PyBUF_STRIDED_RO, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.string cimport memcpy, strcmp

import json

from cydis.engine.call cimport Command
from cydis.store.geo cimport GeoMethods
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, BYTES, TEXTS

cdef const Command* VADD = row(b"VADD")
cdef const Command* VSIM = row(b"VSIM")
cdef const Command* VREM = row(b"VREM")
cdef const Command* VCARD = row(b"VCARD")
cdef const Command* VDIM = row(b"VDIM")
cdef const Command* VEMB = row(b"VEMB")
cdef const Command* VINFO = row(b"VINFO")
cdef const Command* VLINKS = row(b"VLINKS")
cdef const Command* VRANDMEMBER = row(b"VRANDMEMBER")
cdef const Command* VISMEMBER = row(b"VISMEMBER")
cdef const Command* VSETATTR = row(b"VSETATTR")
cdef const Command* VGETATTR = row(b"VGETATTR")


cdef bytes floats_of_buffer(vector):
    """The numbers of a buffer as 32-bit floats, or None: it holds others."""
    cdef Py_buffer view
    cdef bytes packed = None
    cdef float* to
    cdef const char* at
    cdef Py_ssize_t i
    PyObject_GetBuffer(vector, &view, PyBUF_FORMAT | PyBUF_STRIDED_RO)
    try:
        if view.ndim == 1 and view.format != NULL and (
                strcmp(view.format, b"f") == 0 or strcmp(view.format, b"d") == 0):
            packed = PyBytes_FromStringAndSize(NULL, view.shape[0] * sizeof(float))
            to = <float*>PyBytes_AS_STRING(packed)
            at = <const char*>view.buf
            if view.itemsize == sizeof(float) and view.strides[0] == sizeof(float):
                memcpy(to, at, view.shape[0] * sizeof(float))
            else:
                for i in range(view.shape[0]):
                    to[i] = (<const float*>at)[0] if view.itemsize == sizeof(float) else <float>(<const double*>at)[0]
                    at += view.strides[0]
    finally:
        PyBuffer_Release(&view)
    return packed


cdef bytes floats_of(vector):
    """A vector as the bytes of 32-bit floats."""
    cdef bytes packed = None
    cdef float* to
    cdef list numbers
    cdef Py_ssize_t i
    if isinstance(vector, (bytes, bytearray)):
        return bytes(vector)
    if isinstance(vector, str):
        raise TypeError("a vector is a sequence of numbers, a buffer of floats, or bytes; not a str")
    if PyObject_CheckBuffer(vector):
        packed = floats_of_buffer(vector)
    if packed is None:
        numbers = list(vector)
        packed = PyBytes_FromStringAndSize(NULL, len(numbers) * sizeof(float))
        to = <float*>PyBytes_AS_STRING(packed)
        for i in range(len(numbers)):
            to[i] = <float><double>numbers[i]
    return packed


cdef object attribute_text(attributes):
    """Attributes as text: a str or bytes as it is, all else as JSON."""
    if isinstance(attributes, (str, bytes, bytearray)):
        return attributes
    return json.dumps(attributes)


cdef class VectorMethods(GeoMethods):
    """Methods of vector sets."""

    def vadd(self, key, vector, element, reduce_dim=None, bint cas=False, quantization=None, ef=None, attributes=None,
             numlinks=None):
        """Adds an element with its vector, or gives it another one; whether it is new. O(ef * d * log n).

        Args:
            reduce_dim: project vectors to so many dimensions; like the next but one, for all of a set alike.
            cas: accepted for Redis' sake.
            quantization: how vectors are kept: "Q8" (the default), "NOQUANT" or "BIN".
            ef: how many candidates a search for neighbours keeps, 200 by itself.
            attributes: what `filter` of vsim reads: JSON text, or what json.dumps makes it of.
            numlinks: links of a node, 16 by itself; for all of a set alike.
        """
        cdef list arguments = [key]
        if reduce_dim is not None:
            arguments += ["REDUCE", reduce_dim]
        arguments += ["FP32", floats_of(vector), element]
        if cas:
            arguments.append("CAS")
        if quantization is not None:
            arguments.append(quantization)
        if ef is not None:
            arguments += ["EF", ef]
        if attributes is not None:
            arguments += ["SETATTR", attribute_text(attributes)]
        if numlinks is not None:
            arguments += ["M", numlinks]
        return self.run_list(VADD, arguments, ANY)

    def vsim(self, key, input, bint with_scores=False, bint with_attribs=False, count=None, ef=None, filter=None,
             filter_ef=None, bint truth=False, bint no_thread=False, epsilon=None):
        """The most similar elements, best first, as a list. O(ef * d * log n), O(n * d) with `truth`.

        Args:
            input: an element's name as str, or a vector. Bytes are the bytes of a vector.
            with_scores: a dict of element -> similarity, from 0 to 1.
            with_attribs: a dict of element -> attributes; with both, of element -> [similarity, attributes].
            count: at most so many, 10 by itself.
            ef: how many candidates a search keeps, 100 by itself.
            filter: an expression over the attributes, such as ``.year > 1980 and .genre in ["noir"]``.
            filter_ef: look at no more than so many elements for those that pass.
            truth: look at all elements.
            no_thread: accepted for Redis' sake.
            epsilon: none less similar than 1 - epsilon.
        """
        cdef list arguments = [key]
        if isinstance(input, str):
            arguments += ["ELE", input]
        else:
            arguments += ["FP32", floats_of(input)]
        if with_scores:
            arguments.append("WITHSCORES")
        if with_attribs:
            arguments.append("WITHATTRIBS")
        if count is not None:
            arguments += ["COUNT", count]
        if epsilon is not None:
            arguments += ["EPSILON", epsilon]
        if ef is not None:
            arguments += ["EF", ef]
        if filter is not None:
            arguments += ["FILTER", filter]
        if filter_ef is not None:
            arguments += ["FILTER-EF", filter_ef]
        if truth:
            arguments.append("TRUTH")
        if no_thread:
            arguments.append("NOTHREAD")
        return self.run_list(VSIM, arguments, ANY)

    def vrem(self, key, element):
        """Removes an element; whether it was there. O(d * M**2)."""
        return self.run2(VREM, key, element, ANY)

    def vcard(self, key):
        """How many elements, 0 for a missing key. O(1)."""
        return self.run1(VCARD, key, ANY)

    def vdim(self, key):
        """How many dimensions the vectors have. CommandError for a missing key. O(1)."""
        return self.run1(VDIM, key, ANY)

    def vemb(self, key, element, bint raw=False):
        """The vector of an element as a list of float, as near as it is kept, or None. O(d).

        Args:
            raw: how it is kept: a list of the kind, the bytes of the vector of length 1, the length, and with "Q8"
                the largest component; kind and vector are bytes whatever `decode` says.
        """
        if raw:
            return self.run3(VEMB, key, element, "RAW", BYTES)
        return self.run2(VEMB, key, element, ANY)

    def vinfo(self, key):
        """What the set is like, a dict; None for a missing key. O(1)."""
        return self.run1(VINFO, key, TEXTS)

    def vlinks(self, key, element, bint with_scores=False):
        """The neighbours of an element, a list per level; with `with_scores` a dict. None for no element. O(d * M)."""
        if with_scores:
            return self.run3(VLINKS, key, element, "WITHSCORES", ANY)
        return self.run2(VLINKS, key, element, ANY)

    def vrandmember(self, key, count=None):
        """A random element, or None; `count`: a list of up to so many, or of -`count` with repetitions. O(count)."""
        if count is None:
            return self.run1(VRANDMEMBER, key, ANY)
        return self.run2(VRANDMEMBER, key, count, ANY)

    def vismember(self, key, element):
        """Whether there is such an element. O(1)."""
        return self.run2(VISMEMBER, key, element, ANY)

    def vsetattr(self, key, element, attributes):
        """Sets an element's attributes: JSON text, or what json.dumps makes it of. Whether it is there. O(1)."""
        return self.run3(VSETATTR, key, element, attribute_text(attributes), ANY)

    def vgetattr(self, key, element):
        """An element's attributes as text, or None. O(1)."""
        return self.run2(VGETATTR, key, element, ANY)
