"""One engine on one network, in a process of its own.

    python peers.py ENGINE FOLDER NAME THREADS

Reads `BATCH SECONDS` lines and answers each with the median seconds of a run: of the process on one thread,
else of the wall. A batch size is prepared and warmed up the first time that it is asked for. All engines
compute in 32-bit floats.
"""

import os
import statistics
import sys
import time
from pathlib import Path

ENGINE, FOLDER, NAME, THREADS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent))

from sizes import NETWORKS  # noqa: E402


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


def prepared(batch):
    """A function that runs the network once, warm."""
    side = NETWORKS[NAME][0]
    x = numpy.random.default_rng(1).standard_normal((batch, 3, side, side)).astype(numpy.float32)
    engine = {"onnxruntime": onnxruntime, "openvino": openvino, "torch": torch, "ncnn": ncnn}[ENGINE]
    run = engine(str(Path(FOLDER) / f"{NAME}.onnx"), x)
    for _ in range(2):
        run()
    return run


def median(run, seconds):
    """The median seconds of a run, over `seconds` and three runs at least."""
    # One thread is timed by the process, so that a busy machine does not count.
    clock = time.process_time if THREADS == 1 else time.perf_counter
    times = []
    while sum(times) < seconds or len(times) < 3:
        start = clock()
        run()
        times.append(clock() - start)
    return statistics.median(times)


def main():
    # What an engine's C++ prints is no answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    runs = {}
    for line in sys.stdin:
        batch, seconds = line.split()
        if batch not in runs:
            runs = {batch: prepared(int(batch))}
        print(median(runs[batch], float(seconds)), file=answers, flush=True)


main()
