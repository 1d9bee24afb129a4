"""Random inputs that look like data (coarse blocks and noise), the same for the same name."""
import numpy

import store


def array(name, shape, low=-1.0, high=1.0):
    random = numpy.random.default_rng(store.seed_of(name))
    coarse = random.uniform(-1, 1, shape)
    for axis, size in enumerate(shape):
        if size >= 8:
            picks = numpy.arange(size) // max(1, size // 5)
            coarse = numpy.take(coarse, picks, axis)
    mixed = numpy.clip(0.8 * coarse + 0.2 * random.standard_normal(shape), -1, 1)
    return (low + (mixed + 1) / 2 * (high - low)).astype("float32")
