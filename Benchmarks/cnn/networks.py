"""The networks of `scripts/bench cnn`, with seeded weights.

    python networks.py FOLDER

writes NAME.onnx for each.
"""

import sys
from pathlib import Path

import torch
from torch import nn

from sizes import NETWORKS


def normalized(inputs, outputs, kernel=3, stride=1, groups=1, activation=nn.ReLU):
    """Convolution, batch normalisation and, unless None, an activation."""
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([activation()] if activation else []))


class Residual(nn.Module):
    """act(body(x) + shortcut(x))."""

    def __init__(self, body, shortcut=None, activation=True):
        super().__init__()
        self.body, self.shortcut = body, shortcut or nn.Identity()
        self.activation = nn.ReLU() if activation else nn.Identity()

    def forward(self, x):
        return self.activation(self.body(x) + self.shortcut(x))


def basic(inputs, outputs, stride=1):
    body = nn.Sequential(
        normalized(inputs, outputs, 3, stride), normalized(outputs, outputs, activation=None)
    )
    changes = stride != 1 or inputs != outputs
    return Residual(body, normalized(inputs, outputs, 1, stride, activation=None) if changes else None)


def bottleneck(inputs, width, stride=1):
    outputs = 4 * width
    body = nn.Sequential(
        normalized(inputs, width, 1),
        normalized(width, width, 3, stride),
        normalized(width, outputs, 1, activation=None),
    )
    changes = stride != 1 or inputs != outputs
    return Residual(body, normalized(inputs, outputs, 1, stride, activation=None) if changes else None)


def classifier(channels, classes):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def resnet(block, counts, expansion):
    layers = [normalized(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, count in enumerate(counts):
        for index in range(count):
            width, stride = 64 << stage, 2 if stage > 0 and index == 0 else 1
            layers.append(block(channels, width, stride))
            channels = width * expansion
    return nn.Sequential(*layers, *classifier(channels, 1000))


def resnet20():
    layers, channels = [normalized(3, 16)], 16
    for stage, width in enumerate([16, 32, 64]):
        for index in range(3):
            layers.append(basic(channels, width, 2 if stage > 0 and index == 0 else 1))
            channels = width
    return nn.Sequential(*layers, *classifier(64, 10))


def resnet9():
    def pooled(inputs, outputs):
        return nn.Sequential(normalized(inputs, outputs), nn.MaxPool2d(2))

    def pair(width):
        return Residual(nn.Sequential(normalized(width, width), normalized(width, width)), activation=False)

    return nn.Sequential(
        normalized(3, 64),
        pooled(64, 128),
        pair(128),
        pooled(128, 256),
        pooled(256, 512),
        pair(512),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(512, 10),
    )


def airbench():
    """Keller Jordan's airbench94: 2x2 whitening, three groups of pooled GELU convolutions, a scaled head."""
    layers, channels = [nn.Conv2d(3, 24, 2), nn.GELU()], 24
    for width in [64, 256, 256]:
        layers += [
            nn.Conv2d(channels, width, 3, padding=1, bias=False),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(width),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.GELU(),
        ]
        channels = width
    return nn.Sequential(*layers, nn.MaxPool2d(3), nn.Flatten(), nn.Linear(channels, 10, bias=False))


def vgg():
    layers, channels = [], 3
    for width in [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0]:
        layers.append(normalized(channels, width) if width else nn.MaxPool2d(2))
        channels = width or channels
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


def inverted(inputs, outputs, stride, expansion):
    hidden = inputs * expansion
    layers = [normalized(inputs, hidden, 1, activation=nn.ReLU6)] if expansion != 1 else []
    body = nn.Sequential(
        *layers,
        normalized(hidden, hidden, 3, stride, hidden, nn.ReLU6),
        normalized(hidden, outputs, 1, activation=None),
    )
    return Residual(body, activation=False) if stride == 1 and inputs == outputs else body


def mobilenet_v2():
    layers, channels = [normalized(3, 32, 3, 2, activation=nn.ReLU6)], 32
    for expansion, width, count, stride in [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ]:
        for index in range(count):
            layers.append(inverted(channels, width, stride if index == 0 else 1, expansion))
            channels = width
    return nn.Sequential(*layers, normalized(320, 1280, 1, activation=nn.ReLU6), *classifier(1280, 1000))


MAKERS = {
    "airbench": airbench,
    "resnet9": resnet9,
    "vgg": vgg,
    "resnet20": resnet20,
    "resnet18": lambda: resnet(basic, [2, 2, 2, 2], 1),
    "resnet50": lambda: resnet(bottleneck, [3, 4, 6, 3], 4),
    "mobilenet_v2": mobilenet_v2,
}


def made(name):
    """The network with its seeded weights, ready to be run."""
    torch.manual_seed(1)
    network = MAKERS[name]()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval()


def export(folder):
    for name in MAKERS:
        path = Path(folder) / f"{name}.onnx"
        if path.exists():
            continue
        side = NETWORKS[name][0]
        # Written under another name: a half-written file is never taken for a whole one.
        part = path.with_suffix(".part")
        torch.onnx.export(
            made(name),
            torch.zeros(1, 3, side, side),
            str(part),
            opset_version=17,
            dynamo=False,
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
        )
        part.rename(path)


if __name__ == "__main__":
    export(sys.argv[1])
