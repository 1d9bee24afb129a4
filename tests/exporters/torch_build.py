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


def calibrate(net, shapes, name):
    net.eval()
    with torch.no_grad():
        net(*batch(shapes, name + " lazy", 1))
        norms = [m for m in net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        for norm in norms:
            norm.weight.uniform_(0.6, 1.4)
            norm.bias.uniform_(-0.3, 0.3)
            norm.momentum = None
            norm.reset_running_stats()
            norm.train()
        if norms:
            for i in range(4):
                net(*batch(shapes, f"{name} calibration {i}", 8))
    net.eval()


def batch(shapes, name, count):
    return tuple(torch.from_numpy(seeded.array(f"{name} {n}", (count * s[0],) + tuple(s[1:]))) for n, s in shapes)
