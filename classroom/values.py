"""Plain data between the sandboxed worker and the trusted grader: no pickle, nothing evaluated.

A message is any plain value (usually a dictionary): one frame with a JSON tree and the raw bytes
of its arrays. What is not plain data crosses as a reference to a function or as `Unreadable`.
Both sides check every limit, because each must survive whatever the other sends.
"""

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

MAX_DEPTH = 20  # lists within lists
MAX_ITEMS = 200_000  # elements of all lists, tuples, sets and dictionaries of one message
MAX_HASHED = 10_000  # entries of a set or dictionary: colliding keys cost their square
MAX_TREE = 8 * 2**20  # bytes of JSON
MAX_BLOB = 64 * 2**20  # bytes of arrays
MAX_BITS = 8192  # of an integer
DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 "
    "complex64 complex128".split()
)
_FRAME = struct.Struct(">4sIQ")  # magic, bytes of JSON, bytes of arrays
_MAGIC = b"BLv1"


class TooLarge(ValueError):
    """A value that exceeds a limit, so that it is not sent."""


class BadMessage(ValueError):
    """Bytes that are not a message: forged, cut, or beyond a limit."""


class Unreadable:
    """Stands for a value that is not plain data. Equal to nothing, true nor false, no number."""

    def __init__(self, what: str):
        self.what = what

    def _refuse(self, *args, **kwargs):
        raise TypeError(f"cannot be graded: {self.what}. Give numbers, text, lists or arrays")

    __bool__ = __array__ = __len__ = __iter__ = __float__ = __int__ = __index__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse

    def __repr__(self) -> str:
        return f"Unreadable({self.what!r})"


class _Encoder:
    """Turn a value into a JSON tree and a list of byte strings."""

    def __init__(self, other: Callable[[Any], dict]):
        self.other, self.blobs, self.size, self.items = other, [], 0, 0

    def blob(self, content: bytes) -> int:
        self.size += len(content)
        if self.size > MAX_BLOB:
            raise TooLarge(f"more than {MAX_BLOB >> 20} MB of arrays")
        self.blobs.append(content)
        return len(content)

    def all(self, values, count: int, depth: int) -> list:
        self.items += count
        if self.items > MAX_ITEMS:
            raise TooLarge(f"more than {MAX_ITEMS:,} elements in lists; use an array")
        return [self.node(value, depth + 1) for value in values]

    def node(self, value: Any, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise TooLarge(f"nested more than {MAX_DEPTH} deep")
        if value is None or value is True or value is False:
            return value
        if value is Ellipsis:
            return {"ellipsis": 0}
        if isinstance(value, np.generic | np.ndarray):
            return self.array(value, depth)
        if isinstance(value, str):
            if len(value) > MAX_TREE // 8:
                raise TooLarge(f"a text of {len(value):,} characters")
            return str.__str__(value)
        if isinstance(value, int):
            bits = int.bit_length(value)
            if bits > MAX_BITS:
                raise TooLarge(f"an integer of {bits:,} bits")
            value = int.__index__(value)
            return value if bits < 63 else {"int": hex(value)}
        if isinstance(value, float):
            return {"float": float.hex(value)}
        if isinstance(value, complex):
            value = complex.__pos__(value)
            return {"complex": [float.hex(value.real), float.hex(value.imag)]}
        if isinstance(value, bytes | bytearray):
            return {"bytes": self.blob(bytes(value))}
        return self.container(value, depth)

    def container(self, value: Any, depth: int) -> dict | list:
        if isinstance(value, list):
            return self.all(list.__iter__(value), list.__len__(value), depth)
        if isinstance(value, tuple):
            return {"tuple": self.all(tuple.__iter__(value), tuple.__len__(value), depth)}
        if isinstance(value, set | frozenset | dict) and len(value) > MAX_HASHED:
            raise TooLarge(f"a set or dictionary of {len(value):,} entries")
        if isinstance(value, set | frozenset):
            return {"set": self.all(list(value), len(value), depth)}
        if isinstance(value, dict):
            keys = self.all(dict.keys(value), dict.__len__(value), depth)
            return {"dict": [keys, self.all(dict.values(value), dict.__len__(value), depth)]}
        found = self.other(value)
        return self.array(found, depth) if isinstance(found, np.ndarray) else found

    def array(self, value: np.generic | np.ndarray, depth: int) -> dict:
        array = np.asarray(value).view(np.ndarray)
        if array.dtype.kind == "U":
            if array.nbytes > MAX_BLOB:
                raise TooLarge(f"an array of {array.nbytes >> 20:,} MB")
            texts = self.all(array.ravel().tolist(), array.size, depth)
            return {"strings": [list(array.shape), texts]}
        if array.dtype == np.longdouble or array.dtype == np.clongdouble:
            array = array.astype(np.float64 if array.dtype.kind == "f" else np.complex128)
        if array.dtype.name not in DTYPES:
            return {"unreadable": f"a numpy array of type {array.dtype}"[:200]}
        if array.nbytes > MAX_BLOB:
            raise TooLarge(f"an array of {array.nbytes >> 20:,} MB")
        array = array.astype(array.dtype.newbyteorder("<"), order="C")
        size = self.blob(array.tobytes())
        kind = "scalar" if isinstance(value, np.generic) else "array"
        return {kind: [array.dtype.name, list(array.shape), size]}


def pack(value: Any, other: Callable[[Any], dict]) -> bytes:
    """Return `value` as one frame.

    ``other(thing)`` gives the tree node of what is not plain data, or an array that stands for it.

    Raises
    ------
    TooLarge
        If the value is beyond a limit, or contains itself.
    """
    encoder = _Encoder(other)
    tree = json.dumps(encoder.node(value), separators=(",", ":")).encode("ascii")
    if len(tree) > MAX_TREE:
        raise TooLarge(f"more than {MAX_TREE >> 20} MB of lists and text; use an array")
    return b"".join([_FRAME.pack(_MAGIC, len(tree), encoder.size), tree, *encoder.blobs])


def unpack(read: Callable[[int], bytes], other: Callable[[str, Any], Any]) -> Any:
    """Read one frame with ``read(n_bytes)`` and return its value.

    Parameters
    ----------
    read : callable
        Returns exactly as many bytes as asked for, or raises.
    other : callable
        ``other(kind, content)`` returns what stands for a node that is not plain data.

    Raises
    ------
    BadMessage
        If the frame breaks a rule or a limit. Nothing beyond the limits is read or allocated.
    """
    magic, n_tree, n_blob = _FRAME.unpack(read(_FRAME.size))
    if magic != _MAGIC or n_tree > MAX_TREE or n_blob > MAX_BLOB:
        raise BadMessage("a frame with a wrong head")
    tree, blob = read(n_tree), read(n_blob)
    try:
        tree = json.loads(tree, parse_float=_refuse, parse_constant=_refuse, parse_int=_small)
        decoder = _Decoder(blob, other)
        value = decoder.value(tree)
        if decoder.used != len(blob):
            raise BadMessage("bytes that belong to no array")
    except (ValueError, TypeError, LookupError, RecursionError, ArithmeticError) as error:
        raise BadMessage(f"{type(error).__name__}: {error}"[:200]) from None
    return value


def _refuse(text: str) -> None:
    raise BadMessage("a bare float")


def _small(text: str) -> int:
    if len(text) > 20:
        raise BadMessage("a long integer")
    return int(text)


class _Decoder:
    """Turn a JSON tree and its bytes back into a value, believing nothing."""

    def __init__(self, blob: bytes, other: Callable[[str, Any], Any]):
        self.blob, self.other, self.used, self.items = blob, other, 0, 0

    def take(self, size: int) -> bytes:
        if type(size) is not int or not 0 <= size <= len(self.blob) - self.used:
            raise BadMessage("a size beyond the end")
        self.used += size  # in order and only once, so that a small frame stays small
        return self.blob[self.used - size : self.used]

    def all(self, nodes: list, depth: int) -> list:
        if type(nodes) is not list:
            raise BadMessage("not a list")
        self.items += len(nodes)
        if self.items > MAX_ITEMS or depth >= MAX_DEPTH + 1:
            raise BadMessage("too many or too deeply nested elements")
        return [self.value(node, depth + 1) for node in nodes]

    def value(self, node: Any, depth: int = 0) -> Any:
        if type(node) is list:
            return self.all(node, depth)
        if type(node) is not dict:
            return node
        ((kind, content),) = node.items()
        if kind in ("set", "dict"):
            entries = content if kind == "set" else content[0]
            if len(entries) > MAX_HASHED:
                raise BadMessage("a large set or dictionary")
        match kind:
            case "ellipsis":
                return Ellipsis
            case "float":
                return float.fromhex(content)
            case "complex":
                real, imaginary = content
                return complex(float.fromhex(real), float.fromhex(imaginary))
            case "int":
                if len(content) > MAX_BITS // 4 + 4:
                    raise BadMessage("a long integer")
                return int(content, 16)
            case "bytes":
                return self.take(content)
            case "tuple":
                return tuple(self.all(content, depth))
            case "set":
                return set(self.all(content, depth))
            case "dict":
                keys, values = content
                return dict(zip(self.all(keys, depth), self.all(values, depth), strict=True))
            case "array" | "scalar":
                array = self.array(*content)
                return array if kind == "array" else array[()]
            case "strings":
                shape, texts = content
                if not all(type(text) is str for text in texts):
                    raise BadMessage("strings that are none")
                if 4 * len(texts) * max(map(len, texts), default=0) > MAX_BLOB:
                    raise BadMessage("a large array of strings")
                return np.array(self.all(texts, depth), dtype=str).reshape(_shape(shape))
        return self.other(kind, content)

    def array(self, dtype: str, shape: list, size: int) -> np.ndarray:
        if dtype not in DTYPES:
            raise BadMessage("an array of a type that is not allowed")
        raw = self.take(size)
        if dtype == "bool":  # a byte that is neither 0 nor 1 would be neither True nor False
            flat = np.frombuffer(raw, dtype=np.uint8) != 0
        else:
            flat = np.frombuffer(raw, dtype=np.dtype(dtype).newbyteorder("<")).astype(dtype)
        return flat.reshape(_shape(shape))


def _shape(shape: list) -> tuple[int, ...]:
    if len(shape) > 32 or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise BadMessage("a shape that is none")
    return tuple(shape)
