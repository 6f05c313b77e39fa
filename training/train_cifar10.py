#!/usr/bin/env python3
"""Trains a CIFAR-10 network on two CPU cores; `export_cifar10.py` turns its checkpoint into ONNX.

    training/train_cifar10.py --widths 32 128 128 --depth 2 --epochs 9 --out v1.pt

The last weights are kept: nothing is selected on the test images, which are only reported.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

import cifar10_data
from cifar10_net import Net, normalise

MOMENTUM = 0.85
BIAS_SCALE = 64  # biases of the norms learn this much faster than the weights
AVERAGE_EVERY = 5  # steps between updates of the averaged weights


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", default="../shared/cifar10", help="folder with the JPEG archives or the public one"
    )
    parser.add_argument("--cache", help="folder for decoded arrays")
    parser.add_argument("--widths", type=int, nargs=3, required=True)
    parser.add_argument("--depth", type=int, choices=[2, 3], default=2, help="convolutions in a block")
    parser.add_argument("--epochs", type=float, required=True)
    parser.add_argument("--minutes", type=float, help="end by then, learning rate and all, with fewer epochs")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=11.5, help="peak learning rate, for 1,024 examples")
    parser.add_argument("--decay", type=float, default=0.0153, help="weight decay, for 1,024 examples")
    parser.add_argument(
        "--init", help="checkpoint to start from; then usually with --schedule and --mean-from"
    )
    parser.add_argument(
        "--schedule", default="0:0.2,0.23:1,1:0.07", help="progress:share of the peak rate, ..."
    )
    parser.add_argument(
        "--mean-from", type=float, help="from this progress on, the result is the mean weights"
    )
    parser.add_argument("--smoothing", type=float, default=0.2)
    parser.add_argument("--shift", type=int, default=2)
    parser.add_argument("--cutout", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    return parser.parse_args()


def rate_factor(schedule, progress):
    """The share of the peak rate at `progress` in [0, 1], between the points of `schedule`."""
    points = [tuple(map(float, point.split(":"))) for point in schedule.split(",")]
    return float(np.interp(progress, [at for at, _ in points], [share for _, share in points]))


class Average:
    """Lookahead: weights that follow the trained ones, ever more slowly, and replace them at each update."""

    def __init__(self, net):
        self.state = {key: value.clone() for key, value in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net, keep):
        for key, value in net.state_dict().items():
            if value.is_floating_point():
                self.state[key].lerp_(value, 1 - keep)
                value.copy_(self.state[key])


class Mean:
    """Stochastic weight averaging (arXiv 1803.05407): the plain mean of the weights along the way."""

    def __init__(self, net):
        self.state = {key: value.clone() for key, value in net.state_dict().items()}
        self.count = 0

    @torch.no_grad()
    def update(self, net):
        self.count += 1
        for key, value in net.state_dict().items():
            if value.is_floating_point():
                self.state[key].lerp_(value, 1 / self.count)


def optimiser(net, options):
    examples = 1024 * (1 + 1 / (1 - MOMENTUM))
    rate, decay = options.rate / examples, options.decay * options.batch / examples
    trained = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    biases = [p for name, p in trained if "norm" in name]
    weights = [p for name, p in trained if "norm" not in name]
    groups = [
        {"params": biases, "lr": rate * BIAS_SCALE, "weight_decay": decay / (rate * BIAS_SCALE)},
        {"params": weights, "lr": rate, "weight_decay": decay / rate},
    ]
    sgd = torch.optim.SGD(groups, momentum=MOMENTUM, nesterov=True)
    for group in sgd.param_groups:
        group["peak"] = group["lr"]
    return sgd


def autocast():
    return torch.autocast("cpu", dtype=torch.bfloat16)


@torch.no_grad()
def accuracy(net, images, labels):
    net.eval()
    right = 0
    for start in range(0, len(images), 500):
        with autocast():
            logits = net(normalise(images[start : start + 500]))
        right += int((logits.argmax(1).numpy() == labels[start : start + 500]).sum())
    net.train()
    return right / len(images)


@torch.no_grad()
def settle_norms(net, images, batch=500, count=20):
    """Sets the norms' statistics to plain averages over training images, for the final weights."""
    layers = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    net.train()
    for start in range(0, batch * count, batch):
        net(normalise(images[start : start + batch]))
    for layer in layers:
        layer.momentum = 0.4


class Run:
    """One training run: its progress from 0 to 1 drives every schedule."""

    def __init__(self, options):
        self.options = options
        torch.manual_seed(options.seed)
        self.images, self.labels = cifar10_data.load(options.data, True, options.cache)
        self.test = cifar10_data.load(options.data, False, options.cache)
        order = np.random.default_rng(options.seed).permutation(len(self.images))
        self.images, self.labels = self.images[order], self.labels[order]
        self.augmenter = cifar10_data.Augmenter(self.images, options.shift, options.cutout, options.seed)
        self.net = Net(options.widths, options.depth).to(memory_format=torch.channels_last)
        self.net.set_whitening(normalise(self.images[:5000]))
        if options.init:
            self.net.load_state_dict(torch.load(options.init, weights_only=True)["net"])
        self.sgd = optimiser(self.net, options)
        self.average, self.mean = Average(self.net), Mean(self.net)
        self.progress, self.step, self.epoch, self.spent = 0.0, 0, 0, 0.0

    def resume(self):
        saved = torch.load(self.options.out, weights_only=True)
        self.net.load_state_dict(saved["net"])
        self.sgd.load_state_dict(saved["sgd"])
        self.average.state = saved["average"]
        self.mean.state, self.mean.count = saved["mean"], saved["mean_count"]
        self.progress, self.step, self.epoch = saved["progress"], saved["step"], saved["epoch"]
        self.spent = saved["spent"]

    def save(self):
        path = Path(self.options.out)
        state = {
            "net": self.net.state_dict(),
            "sgd": self.sgd.state_dict(),
            "average": self.average.state,
            "mean": self.mean.state,
            "mean_count": self.mean.count,
            "progress": self.progress,
            "step": self.step,
            "epoch": self.epoch,
            "spent": self.spent,
            "widths": self.net.widths,
            "depth": self.net.depth,
        }
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").rename(path)

    def advance(self, seconds):
        """Moves progress on by one step, or further where the time that is left demands it."""
        share = self.options.batch / (len(self.images) * self.options.epochs)
        if self.options.minutes:
            left = max(self.options.minutes * 60 - self.spent, seconds)
            share = max(share, (1 - self.progress) * seconds / left)
        self.progress = min(1.0, self.progress + share)

    def train_step(self, index):
        for group in self.sgd.param_groups:
            group["lr"] = group["peak"] * rate_factor(self.options.schedule, self.progress)
        self.net.whiten.bias.requires_grad = self.epoch < 3
        pictures = normalise(self.augmenter.batch(index, self.epoch))
        with autocast():
            logits = self.net(pictures)
        target = torch.from_numpy(self.labels[index])
        loss = F.cross_entropy(
            logits.float(), target, label_smoothing=self.options.smoothing, reduction="sum"
        )
        self.sgd.zero_grad(set_to_none=True)
        loss.backward()
        self.sgd.step()
        self.step += 1
        if self.step % AVERAGE_EVERY == 0:
            self.follow()
        return float(loss.detach()) / len(index)

    def follow(self):
        """Keeps the average or, where asked for, the mean of the weights."""
        if self.options.mean_from is None:
            self.average.update(self.net, 0.95**AVERAGE_EVERY * self.progress**3)
        elif self.progress >= self.options.mean_from:
            self.mean.update(self.net)

    def train_epoch(self):
        order = np.random.default_rng((self.options.seed, self.epoch)).permutation(len(self.images))
        losses = []
        for start in range(0, len(order) - self.options.batch + 1, self.options.batch):
            began = time.monotonic()
            losses.append(self.train_step(order[start : start + self.options.batch]))
            seconds = time.monotonic() - began
            self.spent += seconds
            self.advance(seconds)
            if self.step % 25 == 0:
                print(
                    f"step {self.step} loss {np.mean(losses[-25:]):.4f} step {seconds:.2f} s "
                    f"progress {self.progress:.3f} at {self.spent:.0f} s",
                    flush=True,
                )
            if self.progress >= 1:
                break
        self.epoch += 1

    def train(self):
        while self.progress < 1:
            self.train_epoch()
            print(
                f"epoch {self.epoch} test {accuracy(self.net, *self.test):.4f} {self.spent:.0f} s", flush=True
            )
            self.save()
        if self.mean.count:
            self.net.load_state_dict(self.mean.state)
        else:
            self.average.update(self.net, 1.0)
        settle_norms(self.net, self.images)
        epochs = self.step * self.options.batch / len(self.images)
        right = accuracy(self.net, *self.test)
        print(f"final test {right:.4f}, {epochs:.1f} epochs, {self.spent:.0f} s", flush=True)
        self.save()


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    run = Run(options)
    if Path(options.out).exists():
        run.resume()
    run.train()


if __name__ == "__main__":
    main()
