"""The networks: a whitening convolution, three blocks of 3x3 convolutions, a global maximum, a linear layer.

The design follows Keller Jordan's airbench (arXiv 2404.00498): frozen whitening of 2x2 patches, convolutions
that start as identities, batch norm with a trained bias only, GELU, and a small scale on the logits.
"""

import torch
from torch import nn
from torch.nn import functional as F

# Mean and standard deviation of each channel over the training images, in [0, 1].
MEAN = (0.4914, 0.4822, 0.4465)
DEVIATION = (0.2470, 0.2435, 0.2616)


def normalise(pictures):
    """uint8 [N, 32, 32, 3] to a channels-last float tensor [N, 3, 32, 32] of about unit variance."""
    tensor = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)
    return tensor.sub_(torch.tensor(MEAN).view(1, 3, 1, 1)).div_(torch.tensor(DEVIATION).view(1, 3, 1, 1))


def norm(channels):
    layer = nn.BatchNorm2d(channels, eps=1e-6, momentum=0.4)
    layer.weight.requires_grad = False
    return layer


def conv(inputs, outputs):
    layer = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    nn.init.dirac_(layer.weight.data[:inputs])
    return layer


class Block(nn.Module):
    """conv, 2x2 maximum, norm, GELU; then one conv, norm, GELU, or two of them with a shortcut around."""

    def __init__(self, inputs, outputs, depth):
        super().__init__()
        self.convs = nn.ModuleList([conv(inputs if i == 0 else outputs, outputs) for i in range(depth)])
        self.norms = nn.ModuleList([norm(outputs) for _ in range(depth)])

    def forward(self, x):
        x = F.gelu(self.norms[0](F.max_pool2d(self.convs[0](x), 2)))
        if len(self.convs) == 2:
            return F.gelu(self.norms[1](self.convs[1](x)))
        inner = F.gelu(self.norms[1](self.convs[1](x)))
        return F.gelu(self.norms[2](self.convs[2](inner)) + x)


class Net(nn.Module):
    """Normalised pictures [N, 3, 32, 32] to logits [N, 10]."""

    def __init__(self, widths, depth):
        super().__init__()
        self.widths, self.depth = list(widths), depth
        self.whiten = nn.Conv2d(3, 24, 2, bias=True)
        self.whiten.weight.requires_grad = False
        inputs = [24, *widths[:-1]]
        self.blocks = nn.ModuleList([Block(i, o, depth) for i, o in zip(inputs, widths)])
        self.head = nn.Linear(widths[-1], 10, bias=False)
        self.logit_scale = 1 / 9

    @torch.no_grad()
    def set_whitening(self, pictures):
        """The 12 principal axes of 2x2 patches, scaled to unit variance, and their negatives."""
        patches = F.unfold(pictures.contiguous(), 2).transpose(1, 2).reshape(-1, 12)
        patches = patches - patches.mean(0)
        variances, axes = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = (axes / torch.sqrt(variances + 5e-4)).T.flip(0).reshape(12, 3, 2, 2)
        self.whiten.weight.copy_(torch.cat([filters, -filters]))
        self.whiten.bias.zero_()

    def forward(self, x):
        x = F.gelu(self.whiten(x))
        for block in self.blocks:
            x = block(x)
        return self.head(x.amax((2, 3))) * self.logit_scale
