"""The networks that the torch exporters write: torchvision's own, and small ones of the layers that those lack."""
import functools

import torch
from torch import nn
import torchvision.models as tv
from torchvision.models import efficientnet


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.left = nn.Conv2d(squeeze, expand, 1)
        self.right = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = torch.relu(self.squeeze(x))
        return torch.cat([torch.relu(self.left(x)), torch.relu(self.right(x))], 1)


class SqueezeBypass(nn.Module):
    """SqueezeNet with sums around its fire modules: plain ones, or ones through a 1 x 1 convolution."""

    def __init__(self, complex_bypass):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True))
        widths = [32, 64, 64, 128, 128]
        self.fires = nn.ModuleList(Fire(a, b // 8, b // 2) for a, b in zip(widths, widths[1:]))
        self.around = nn.ModuleList(nn.Conv2d(a, b, 1) if a != b and complex_bypass else nn.Identity()
                                    for a, b in zip(widths, widths[1:]))
        self.adds = [complex_bypass or a == b for a, b in zip(widths, widths[1:])]
        self.head = nn.Sequential(nn.Dropout(), nn.Conv2d(128, 20, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        x = self.stem(x)
        for fire, around, add in zip(self.fires, self.around, self.adds):
            x = fire(x) + around(x) if add else fire(x)
        return torch.flatten(self.head(x), 1)


class Recurrent(nn.Module):
    """Sequence to one class and the last state; `kind` is nn.LSTM, nn.GRU or nn.RNN."""

    def __init__(self, kind, layers=1, bidirectional=False, batch_first=True):
        super().__init__()
        self.cell = kind(16, 24, layers, bidirectional=bidirectional, batch_first=batch_first)
        self.head = nn.Linear(48 if bidirectional else 24, 6)
        self.last = -1 if batch_first else None

    def forward(self, x):
        y, state = self.cell(x)
        y = y[:, -1] if self.last else y[-1]
        return self.head(y), state[0] if isinstance(state, tuple) else state


class StreamingGru(nn.Module):
    """The state goes in and comes out, as a program that runs one frame at a time wants it."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRU(16, 24, batch_first=True)
        self.head = nn.Linear(24, 3)

    def forward(self, x, state):
        y, state = self.cell(x, state)
        return torch.sigmoid(self.head(y)), state


def pair(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                         nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, up):
        super().__init__()
        self.down = nn.ModuleList([pair(3, 8), pair(8, 16), pair(16, 32)])
        ups = {"transpose": lambda c: nn.ConvTranspose2d(c, c // 2, 2, 2),
               "transpose3": lambda c: nn.ConvTranspose2d(c, c // 2, 3, 2, padding=1, output_padding=1),
               "nearest": lambda c: nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(c, c // 2, 1)),
               "bilinear": lambda c: nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"),
                                                   nn.Conv2d(c, c // 2, 1)),
               "corners": lambda c: nn.Sequential(
                   nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.Conv2d(c, c // 2, 1))}
        self.up = nn.ModuleList([ups[up](32), ups[up](16)])
        self.join = nn.ModuleList([pair(32, 16), pair(16, 8)])
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        first = self.down[0](x)
        second = self.down[1](nn.functional.max_pool2d(first, 2))
        x = self.down[2](nn.functional.max_pool2d(second, 2))
        x = self.join[0](torch.cat([self.up[0](x), second], 1))
        return torch.softmax(self.head(self.join[1](torch.cat([self.up[1](x), first], 1))), 1)


class ConvNextBlock(nn.Module):
    def __init__(self, width, approximate):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.act, self.gamma = nn.GELU(approximate), nn.Parameter(torch.full((width,), 0.5))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.gamma * self.narrow(self.act(self.wide(y)))
        return x + y.permute(0, 3, 1, 2)


def convnext(approximate="none"):
    return nn.Sequential(nn.Conv2d(3, 24, 4, 4), ConvNextBlock(24, approximate), ConvNextBlock(24, approximate),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(24), nn.Linear(24, 10))


class Attention(nn.Module):
    """A transformer's encoder layer, with scaled_dot_product_attention as torch writes it out."""

    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(32, 96), nn.Linear(32, 32)
        self.first, self.second = nn.LayerNorm(32), nn.LayerNorm(32)
        self.feed = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 32))

    def forward(self, x):
        heads = self.qkv(self.first(x)).reshape(x.shape[0], x.shape[1], 3, 4, 8).permute(2, 0, 3, 1, 4)
        y = nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2])
        x = x + self.out(y.transpose(1, 2).reshape(x.shape))
        return x + self.feed(self.second(x))


def activations():
    kinds = [nn.PReLU(12), nn.PReLU(), nn.LeakyReLU(0.1), nn.Hardswish(), nn.Hardsigmoid(), nn.SiLU(), nn.ELU(),
             nn.SELU(), nn.Softplus(), nn.Mish(), nn.ReLU6(), nn.Hardtanh(-0.5, 0.5), nn.Tanh(),
             nn.Softsign(), nn.LogSigmoid()]
    layers = [nn.Conv2d(3, 12, 3, 2, 1)]
    for kind in kinds:
        layers += [kind, nn.Conv2d(12, 12, 1), nn.BatchNorm2d(12)]
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(8), nn.LogSoftmax(1))


def conv1d():
    return nn.Sequential(nn.Conv1d(2, 16, 9, 2, 4), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
                         nn.Conv1d(16, 16, 5, padding=4, dilation=2, groups=4), nn.ReLU(), nn.AvgPool1d(2),
                         nn.ConstantPad1d((2, 1), 0.0), nn.Conv1d(16, 24, 3, groups=2), nn.InstanceNorm1d(24),
                         nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(24, 5), nn.Softmax(-1))


def autoencoder():
    return nn.Sequential(nn.Linear(160, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 8), nn.ReLU(),
                         nn.Linear(8, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 160))


def conv_autoencoder():
    return nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.GroupNorm(4, 16), nn.ReLU(),
                         nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Sigmoid())


def keyword_net():
    """DS-CNN of keyword spotting: spectrogram in, words out."""
    layers = [nn.Conv2d(1, 32, (10, 4), (2, 2), (5, 1), bias=False), nn.BatchNorm2d(32), nn.ReLU()]
    for _ in range(3):
        layers += [nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
                   nn.Conv2d(32, 32, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 12))


class TwoWays(nn.Module):
    """Two inputs, three outputs, one of them whole numbers."""

    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d((2, 2)), nn.Flatten())
        self.mixed = nn.Linear(32 + 5, 7)

    def forward(self, image, numbers):
        logits = self.mixed(torch.cat([self.image(image), numbers], 1))
        return torch.softmax(logits, 1), torch.argmax(logits, 1), logits.clamp(-1, 1)


class Odds(nn.Module):
    """What detectors and preprocessing leave in a graph: slices, strides, pads, gathers, reductions, shuffles."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(12, 16, 3, padding=1)
        self.fold = nn.PixelShuffle(2)

    def forward(self, x):
        x = torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)
        x = nn.functional.pad(self.conv(x), (1, 2, 1, 2), mode="reflect")
        left, right = x.chunk(2, 1)
        x = torch.where(left > 0, left, right * 0.25) * torch.rsqrt(right.pow(2).mean((2, 3), keepdim=True) + 1e-5)
        x = self.fold(x)
        top, where = torch.topk(x.flatten(2).amax(-1), 2, 1)
        return x.abs().sqrt().sum(1), top, where, x.norm(dim=1).max(-1).values


def bypass(complex_bypass):
    return functools.partial(SqueezeBypass, complex_bypass)


def efficient_b0():
    setting, last = efficientnet._efficientnet_conf("efficientnet_b0", width_mult=0.5, depth_mult=1.0)
    return efficientnet.EfficientNet(setting, 0.2, last_channel=last, num_classes=20)


IMAGE = [("image", (1, 3, 96, 96))]
SMALL = [("image", (1, 3, 64, 64))]
SEQUENCE = [("x", (1, 20, 16))]
NETS = {
    "mobilenet_v2": (lambda: tv.mobilenet_v2(width_mult=0.5, num_classes=20), IMAGE),
    "mobilenet_v3_small": (lambda: tv.mobilenet_v3_small(num_classes=20), IMAGE),
    "mobilenet_v3_large": (lambda: tv.mobilenet_v3_large(width_mult=0.5, num_classes=20), IMAGE),
    "efficientnet_b0": (efficient_b0, IMAGE),
    "squeezenet1_0": (lambda: tv.squeezenet1_0(num_classes=20), IMAGE),
    "squeezenet1_1": (lambda: tv.squeezenet1_1(num_classes=20), IMAGE),
    "resnet18": (lambda: tv.resnet18(num_classes=20), SMALL),
    "squeeze_simple_bypass": (bypass(False), IMAGE),
    "squeeze_complex_bypass": (bypass(True), IMAGE),
    "lstm": (lambda: Recurrent(nn.LSTM), SEQUENCE),
    "lstm_two_layers_both_ways": (lambda: Recurrent(nn.LSTM, 2, True), SEQUENCE),
    "lstm_time_first": (lambda: Recurrent(nn.LSTM, batch_first=False), [("x", (20, 1, 16))]),
    "gru": (lambda: Recurrent(nn.GRU), SEQUENCE),
    "gru_both_ways": (lambda: Recurrent(nn.GRU, 1, True), SEQUENCE),
    "gru_streaming": (StreamingGru, [("x", (1, 1, 16)), ("state", (1, 1, 24))]),
    "rnn": (lambda: Recurrent(nn.RNN), SEQUENCE),
    "unet_transpose": (lambda: UNet("transpose"), SMALL),
    "unet_transpose3": (lambda: UNet("transpose3"), SMALL),
    "unet_nearest": (lambda: UNet("nearest"), SMALL),
    "unet_bilinear": (lambda: UNet("bilinear"), SMALL),
    "unet_corners": (lambda: UNet("corners"), SMALL),
    "convnext": (convnext, SMALL),
    "convnext_tanh": (lambda: convnext("tanh"), SMALL),
    "attention": (Attention, [("x", (1, 16, 32))]),
    "activations": (activations, [("image", (1, 3, 32, 32))]),
    "conv1d": (conv1d, [("signal", (1, 2, 400))]),
    "autoencoder": (autoencoder, [("frame", (1, 160))]),
    "conv_autoencoder": (conv_autoencoder, [("image", (1, 1, 32, 32))]),
    "keyword": (keyword_net, [("spectrogram", (1, 1, 49, 10))]),
    "two_ways": (TwoWays, [("image", (1, 3, 32, 32)), ("numbers", (1, 5))]),
    "odds": (Odds, [("image", (1, 3, 32, 32))]),
}
