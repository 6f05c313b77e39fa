"""CIFAR-10 as arrays in memory: from the JPEG archives, or from the public pickled archive."""

import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def load_jpeg_archive(path):
    """Reads `SPLIT/CLASS/NNNN.jpg` members; returns uint8 images [N, 32, 32, 3] and labels [N]."""
    images, labels = [], []
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith(".jpg"):
                continue
            with Image.open(io.BytesIO(archive.extractfile(member).read())) as picture:
                images.append(np.asarray(picture.convert("RGB")))
            labels.append(CLASSES.index(Path(member.name).parent.name))
    return np.stack(images), np.array(labels)


def load_public_archive(path, train):
    """Reads `cifar-10-python.tar.gz`; same result as `load_jpeg_archive`.

    The archive holds pickles: use only a file that you trust.
    """
    images, labels = [], []
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name).name
            if not (name.startswith("data_batch_") if train else name == "test_batch"):
                continue
            batch = pickle.load(archive.extractfile(member), encoding="latin1")
            images.append(np.asarray(batch["data"]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
            labels.extend(batch["labels"])
    return np.concatenate(images), np.array(labels)


def load(folder, train, cache=None):
    """Training or test images from `folder`, which holds the JPEG archives or the public one."""
    name = "train" if train else "test"
    if cache and (Path(cache) / f"{name}.npz").exists():
        arrays = np.load(Path(cache) / f"{name}.npz")
        return arrays["images"], arrays["labels"]
    public = Path(folder) / "cifar-10-python.tar.gz"
    if public.exists():
        images, labels = load_public_archive(public, train)
    else:
        images, labels = load_jpeg_archive(
            Path(folder) / ("cifar10-train.tar.xz" if train else "cifar10-test-visible.tar.xz")
        )
    if cache:
        Path(cache).mkdir(parents=True, exist_ok=True)
        np.savez(Path(cache) / f"{name}.npz", images=images, labels=labels)
    return images, labels


class Augmenter:
    """Random mirror, shift and cutout of whole batches, by index arithmetic.

    A picture that is mirrored in one epoch is not in the next, so that two epochs show both sides of each.
    """

    def __init__(self, images, shift, cutout, seed):
        self.random = np.random.default_rng(seed)
        self.padded = np.pad(images, ((0, 0), (shift, shift), (shift, shift), (0, 0)), mode="reflect")
        self.side = images.shape[1]
        self.shift, self.cutout = shift, cutout
        self.mirrored = self.random.random(len(images)) < 0.5

    def batch(self, index, epoch):
        """The pictures of `index`, changed: uint8 [len(index), side, side, 3]."""
        count, span = len(index), np.arange(self.side)
        rows = self.random.integers(0, 2 * self.shift + 1, count)[:, None] + span
        columns = self.random.integers(0, 2 * self.shift + 1, count)[:, None] + span
        flip = self.mirrored[index] ^ bool(epoch % 2)
        columns[flip] = columns[flip, ::-1]
        pictures = self.padded[index[:, None, None], rows[:, :, None], columns[:, None, :]]
        if self.cutout:
            pictures = np.where(self._hole(count, span), np.uint8(120), pictures)
        return pictures

    def _hole(self, count, span):
        top = self.random.integers(0, self.side - self.cutout + 1, count)[:, None]
        left = self.random.integers(0, self.side - self.cutout + 1, count)[:, None]
        inside_rows = (span >= top) & (span < top + self.cutout)
        inside_columns = (span >= left) & (span < left + self.cutout)
        return (inside_rows[:, :, None] & inside_columns[:, None, :])[..., None]
