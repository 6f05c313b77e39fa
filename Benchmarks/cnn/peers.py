"""One engine on one network, in a process of its own.

    python peers.py ENGINE FOLDER NAME BATCH THREADS SECONDS

Prints the seconds of every run, one a line, after a warm-up: of the process on one thread, else of the wall.
All engines compute in 32-bit floats.
"""

import os
import sys
import time
from pathlib import Path

ENGINE, FOLDER, NAME, BATCH, THREADS, SECONDS = sys.argv[1:7]
BATCH, THREADS, SECONDS = int(BATCH), int(THREADS), float(SECONDS)
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent))


def onnxruntime(path, x):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x})


def openvino(path, x):
    import openvino as ov

    core = ov.Core()
    model = core.read_model(path)
    model.reshape(list(x.shape))
    compiled = core.compile_model(
        model,
        "CPU",
        {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"},
    )
    request = compiled.create_infer_request()
    return lambda: request.infer([x])


def torch(path, x):
    import torch

    from networks import made

    torch.set_num_threads(THREADS)
    network = made(NAME).to(memory_format=torch.channels_last)
    image = torch.from_numpy(x).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        network = torch.jit.freeze(torch.jit.trace(network, image))

    def run():
        with torch.inference_mode():
            network(image)

    return run


def ncnn(path, x):
    import ncnn

    stem = str(Path(path).with_suffix(""))
    net = ncnn.Net()
    net.opt.num_threads = THREADS
    net.opt.use_bf16_storage = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.load_param(stem + ".ncnn.param")
    net.load_model(stem + ".ncnn.bin")

    def run():
        for image in x:
            with net.create_extractor() as extractor:
                extractor.input("in0", ncnn.Mat(image))
                extractor.extract("out0")

    return run


def main():
    from sizes import NETWORKS

    side = NETWORKS[NAME][0]
    x = numpy.random.default_rng(1).standard_normal((BATCH, 3, side, side)).astype(numpy.float32)
    run = {"onnxruntime": onnxruntime, "openvino": openvino, "torch": torch, "ncnn": ncnn}[ENGINE](
        str(Path(FOLDER) / f"{NAME}.onnx"), x
    )
    for _ in range(2):
        run()
    # One thread is timed by the process, so that a busy machine does not count.
    clock = time.process_time if THREADS == 1 else time.perf_counter
    spent, count = 0.0, 0
    while spent < SECONDS or count < 3:
        start = clock()
        run()
        took = clock() - start
        print(took)
        spent, count = spent + took, count + 1


main()
