"""TensorFlow's TensorProto into numpy, after tensorflow/core/framework/tensor.proto."""

from __future__ import annotations

import numpy as np

from runpages.codecs.wire import Message, WireError
from runpages.model import Floats

LARGEST = 1 << 24  # numbers; a longer tensor in a log is damage
_CONTENT = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 5: "<i2", 6: "i1", 9: "<i8", 10: "?", 17: "<u2", 19: "<f2", 22: "<u4", 23: "<u8"
}  # fmt: skip


def tensor_numbers(tensor: Message) -> Floats:
    """The numbers of a TensorProto as float64 in its shape; empty when it holds text. Raises WireError if they do not fit."""
    dtype = tensor.unsigned(1)
    content = tensor.raw(4)
    if dtype == 14 and content:  # bfloat16 is the upper half of a float32
        flat = (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    elif content and dtype in _CONTENT:
        item = np.dtype(_CONTENT[dtype])
        if len(content) % item.itemsize:
            raise WireError("a tensor is cut off")
        flat = np.frombuffer(content, item).astype(np.float64)
    else:
        flat = _listed(tensor, dtype)
    shape = [part.integer(1) for part in tensor.child(2).children(2)]
    size = int(np.prod(shape, dtype=object)) if shape else 1
    if 0 < len(flat) < size <= LARGEST:
        flat = np.concatenate([flat, np.full(size - len(flat), flat[-1])])
    if not len(flat) and size:
        flat = np.zeros(size if 0 < size <= LARGEST and dtype != 7 else 0)
    if len(flat) != size or min(shape, default=0) < 0:
        raise WireError("a tensor has another size than its shape")
    return flat.reshape(shape)


def _listed(tensor: Message, dtype: int) -> Floats:
    if dtype in (1, 2):
        return tensor.floats(5) if dtype == 1 else tensor.doubles(6)
    if dtype in (14, 19):
        bits = tensor.integers(13).astype(np.uint16)
        wide = bits.view(np.float16) if dtype == 19 else (bits.astype(np.uint32) << 16).view(np.float32)
        return wide.astype(np.float64)
    number = {9: 10, 10: 11, 22: 16, 23: 17}.get(dtype, 7)
    return tensor.integers(number).astype(np.float64)


def tensor_texts(tensor: Message) -> tuple[list[bytes], list[int]]:
    """The strings of a TensorProto, and its shape."""
    shape = [part.integer(1) for part in tensor.child(2).children(2)]
    return [tensor.data[a:b] for a, b in tensor.spans(8)], shape
