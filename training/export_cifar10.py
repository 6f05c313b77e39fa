#!/usr/bin/env python3
"""Turns a checkpoint of `train_cifar10.py` into `model.onnx` and its `model.yaml`, and measures the file.

    training/export_cifar10.py v1.pt models/cifar10/1

The norms are folded into the convolutions, so that the graph holds only Conv, Gelu, MaxPool, Add,
GlobalMaxPool, Flatten, MatMul and Softmax. Accuracy is measured with onnxruntime on the file itself.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import cifar10_data
from cifar10_net import DEVIATION, MEAN, Net, normalise

OPSET = 20  # the first with Gelu


class GraphWriter:
    """Appends nodes and initialisers; each node's output has the node's name."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def weight(self, name, array):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, dtype=np.float32), name))
        return name

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name


def folded(conv, norm):
    """Weight and bias of `conv` followed by `norm` with its running statistics."""
    scale = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = conv.weight.detach().double() * scale[:, None, None, None]
    bias = norm.bias.detach().double() - norm.running_mean.double() * scale
    return weight.numpy(), bias.numpy()


def write_conv(writer, source, name, weight, bias):
    side = weight.shape[2]
    pad = 1 if side == 3 else 0
    inputs = [source, writer.weight(f"{name}.weight", weight), writer.weight(f"{name}.bias", bias)]
    return writer.node("Conv", inputs, name, kernel_shape=[side, side], pads=[pad] * 4, strides=[1, 1])


def write_block(writer, source, name, block):
    """The largest of norm(conv) is norm of the largest, as norms here have positive scale: so norms fold."""
    outputs = []
    for index, (conv, norm) in enumerate(zip(block.convs, block.norms)):
        source = write_conv(writer, source, f"{name}.conv{index}", *folded(conv, norm))
        if index == 0:
            source = writer.node("MaxPool", [source], f"{name}.pool", kernel_shape=[2, 2], strides=[2, 2])
        if index == 2:
            source = writer.node("Add", [source, outputs[0]], f"{name}.add")
        source = writer.node("Gelu", [source], f"{name}.gelu{index}")
        outputs.append(source)
    return source


def to_onnx(net, description):
    writer = GraphWriter()
    whiten = net.whiten
    source = write_conv(
        writer, "image", "whiten", whiten.weight.detach().numpy(), whiten.bias.detach().numpy()
    )
    source = writer.node("Gelu", [source], "whiten.gelu")
    for index, block in enumerate(net.blocks):
        source = write_block(writer, source, f"block{index + 1}", block)
    source = writer.node("GlobalMaxPool", [source], "largest")
    source = writer.node("Flatten", [source], "features", axis=1)
    head = net.head.weight.detach().numpy().T * net.logit_scale
    source = writer.node("MatMul", [source, writer.weight("head.weight", head)], "logits")
    writer.node("Softmax", [source], "probabilities", axis=1)
    graph = helper.make_graph(
        writer.nodes,
        "cifar10",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 32, 32])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
        initializer=writer.weights,
        doc_string=description,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
        producer_name="augur training/export_cifar10.py",
        doc_string=description,
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def model_yaml(description):
    return "\n".join(
        [
            f"# {description}",
            f"labels: [{', '.join(cifar10_data.CLASSES)}]",
            "image:",
            "  width: 32",
            "  height: 32",
            "  resize: stretch",
            "  channels: rgb",
            "  layout: nchw",
            "  scale: 0.00392156862745098  # 1/255",
            f"  mean: [{', '.join(map(str, MEAN))}]",
            f"  std: [{', '.join(map(str, DEVIATION))}]",
            "output: probabilities",
            "",
        ]
    )


def measure(path, data, cache):
    """Accuracy of the file on the test images, one pass."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    images, labels = cifar10_data.load(data, False, cache)
    right = 0
    for start in range(0, len(images), 250):
        tensor = normalise(images[start : start + 250]).contiguous().numpy()
        right += int((session.run(None, {"image": tensor})[0].argmax(1) == labels[start : start + 250]).sum())
    return right / len(images)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint")
    parser.add_argument("folder", help="NAME/VERSION folder to write")
    parser.add_argument("--data", default="../shared/cifar10")
    parser.add_argument("--cache")
    options = parser.parse_args()
    saved = torch.load(options.checkpoint, weights_only=True)
    net = Net(saved["widths"], saved["depth"])
    net.load_state_dict(saved["net"])
    description = (
        f"CIFAR-10 network, widths {'/'.join(map(str, net.widths))}, {net.depth} convolutions a block, "
        f"trained by training/train_cifar10.py."
    )
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(to_onnx(net, description), folder / "model.onnx")
    (folder / "model.yaml").write_text(model_yaml(description))
    size = (folder / "model.onnx").stat().st_size
    accuracy = measure(folder / "model.onnx", options.data, options.cache)
    print(f"{folder}/model.onnx: {size:,} bytes, accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
