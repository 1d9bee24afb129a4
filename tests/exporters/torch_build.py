"""One network with seeded weights, its batch norms calibrated so that activations stay in a sane range."""
import torch
from torch import nn

import nets_torch
import seeded
import store


def build(name):
    make, shapes = nets_torch.NETS[name]
    torch.manual_seed(store.seed_of(name))
    net = make()
    calibrate(net, shapes, name)
    return net, shapes


def level(conv, _, y):
    """Where no batch norm follows: every channel of the convolution gets mean 0 and deviation 1."""
    mean, deviation = y.mean((0, 2, 3)), y.std((0, 2, 3)) + 1e-6
    conv.weight /= deviation[:, None, None, None]
    conv.bias.copy_((conv.bias - mean) / deviation)
    return (y - mean[:, None, None]) / deviation[:, None, None]


def calibrate_convolutions(net, shapes, name):
    hooks = [m.register_forward_hook(level) for m in net.modules() if isinstance(m, nn.Conv2d)]
    net(*batch(shapes, f"{name} calibration", 8))
    for hook in hooks:
        hook.remove()


def calibrate(net, shapes, name):
    net.eval()
    with torch.no_grad():
        net(*batch(shapes, name + " lazy", 1))
        norms = [m for m in net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        for norm in norms:
            norm.weight.uniform_(0.4, 0.8)
            norm.bias.uniform_(0.3, 1.2)
            norm.momentum = None
            norm.reset_running_stats()
            norm.train()
        if name.startswith("squeeze"):
            calibrate_convolutions(net, shapes, name)
        if norms:
            for i in range(4):
                net(*batch(shapes, f"{name} calibration {i}", 8))
    net.eval()


def batch(shapes, name, count):
    return tuple(torch.from_numpy(seeded.array(f"{name} {n}", (count * s[0],) + tuple(s[1:]))) for n, s in shapes)
