"""A depthwise separable CNN (MobileNet's building block) on 49 x 40 log-mel cells."""

import torch
from torch import nn

from frontend import BANDS, FRAMES
from labels import LABELS

STEM = 48                   # channels after the first convolution, 10 x 4 cells, stride 2
BLOCKS = [(64, 1), (96, 2), (96, 1), (96, 1), (96, 1), (96, 1)]     # channels, stride


def same_pad(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME: the odd cell of padding comes at the end."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Conv(nn.Sequential):
    """Padding as in TensorFlow, convolution, batch normalisation, ReLU."""

    def __init__(self, size, cin, cout, kernel, stride=1, groups=1):
        rows, columns = (same_pad(n, k, stride) for n, k in zip(size, kernel))
        super().__init__(
            nn.ZeroPad2d((*columns, *rows)),
            nn.Conv2d(cin, cout, kernel, stride, groups=groups, bias=False),
            nn.BatchNorm2d(cout), nn.ReLU())
        self.size = tuple(-(-n // stride) for n in size)

    def folded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weights and bias with the normalisation folded in."""
        conv, norm = self[1], self[2]
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        return conv.weight * scale.reshape(-1, 1, 1, 1), norm.bias - norm.running_mean * scale


class Separable(nn.Module):
    """Depthwise 3 x 3, then 1 x 1; with an identity around it where the shapes allow one."""

    def __init__(self, size, cin, cout, stride):
        super().__init__()
        self.depthwise = Conv(size, cin, cin, (3, 3), stride, groups=cin)
        self.size = self.depthwise.size
        self.pointwise = Conv(self.size, cin, cout, (1, 1))
        self.residual = cin == cout and stride == 1

    def forward(self, x):
        y = self.pointwise(self.depthwise(x))
        return x + y if self.residual else y


class Network(nn.Module):
    def __init__(self, dropout: float = 0.1):
        super().__init__()
        self.stem = Conv((FRAMES, BANDS), 1, STEM, (10, 4), 2)
        size, cin = self.stem.size, STEM
        self.blocks = nn.ModuleList()
        for cout, stride in BLOCKS:
            self.blocks.append(Separable(size, cin, cout, stride))
            size, cin = self.blocks[-1].size, cout
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(cin, len(LABELS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[clips, FRAMES, BANDS] features to [clips, labels] logits."""
        x = self.stem(x[:, None].contiguous(memory_format=torch.channels_last))
        for block in self.blocks:
            x = block(x)
        return self.classifier(self.dropout(x.mean(dim=(2, 3))))
