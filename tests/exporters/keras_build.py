"""One Keras network with seeded weights and calibrated batch norms, tame enough to be quantized; its inputs."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import numpy

import nets_keras
import seeded
import store
from nets_keras import keras


def build(name):
    keras.backend.clear_session()
    keras.utils.set_random_seed(store.seed_of(name))
    net = nets_keras.NETS[name]()
    random = numpy.random.default_rng(store.seed_of(name))
    norms = [layer for layer in net.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in norms:
        layer.momentum = 0.0
        for values, low, high in ((layer.gamma, 0.4, 0.8), (layer.beta, 0.3, 1.2)):
            if values is not None:
                values.assign(random.uniform(low, high, values.shape))
    if norms:
        net(list(inputs(net, f"{name} calibration", 8).values()), training=True)
    return net


def inputs(net, name, count=1):
    """{input name: values}; pictures are 0 to 255 where the net scales them itself."""
    scaled = any(isinstance(layer, keras.layers.Rescaling) for layer in net.layers)
    low, high = (0.0, 255.0) if scaled else (-1.0, 1.0)
    return {x.name: seeded.array(f"{name} {i}",
                                 (count,) + tuple(x.shape[1:]), low, high) for i, x in enumerate(net.inputs)}
