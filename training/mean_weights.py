#!/usr/bin/env python3
"""Writes the plain mean of checkpoints that descend from one another, as one more checkpoint.

    training/mean_weights.py --out v2.pt v2-first.pt v2-second.pt

Such networks lie in one valley of the loss, and the middle of the valley generalises better than its slopes
(arXiv 2203.05482). The norms' statistics are taken anew over training images.
"""

import argparse

import numpy as np
import torch

import cifar10_data
from cifar10_net import Net
from train_cifar10 import accuracy, settle_norms


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", default="../shared/cifar10")
    parser.add_argument("--cache")
    options = parser.parse_args()
    saved = [torch.load(path, weights_only=True) for path in options.checkpoints]
    states = [each["net"] for each in saved]
    mean = {}
    for key, value in states[0].items():
        mean[key] = torch.stack([s[key] for s in states]).mean(0) if value.is_floating_point() else value
    net = Net(saved[0]["widths"], saved[0]["depth"]).to(memory_format=torch.channels_last)
    net.load_state_dict(mean)
    images, _ = cifar10_data.load(options.data, True, options.cache)
    settle_norms(net, images[np.random.default_rng(1).permutation(len(images))[:10000]])
    right = accuracy(net, *cifar10_data.load(options.data, False, options.cache))
    print(f"mean of {len(saved)}: test {right:.4f}")
    torch.save({"net": net.state_dict(), "widths": net.widths, "depth": net.depth}, options.out)


if __name__ == "__main__":
    main()
