"""The shipped CIFAR-10 network over HTTP beside its speed in the process.

Each request is a 32x32 JPEG, so decoding, resizing, normalising, JSON and the client (wrk, on the same cores)
are part of what HTTP is charged with. The core's images a second are those at the batch sizes that formed,
one batch a core.
"""

import collections
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks" / "serving"))

from server import Connection, Server, need, request  # noqa: E402

CONNECTIONS = 32
# Images a second over HTTP as a share of the core's; milliseconds of one request over the bare inference.
SHARE_LEAST, LATENCY_MAX = 0.9, 0.3

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "image/jpeg"
local file = io.open("{picture}", "rb")
wrk.body = file:read("*a")
file:close()
"""


def bench(*arguments):
    command = [ROOT / ".build" / "release" / "augur-bench", *arguments]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, cwd=ROOT)
    return done.stdout


def core(model, batch, threads, seconds):
    """(images a second, median milliseconds of a run) in the process."""
    line = bench("cnn", "time", model, batch, threads, 0, seconds)
    milliseconds = float(line.split(" ms median")[0])
    return batch / milliseconds * 1000, milliseconds


def batches(port):
    """How many batches ran so far of each size: the histogram's bounds, powers of two as the sizes are."""
    text = Connection(port).exchange(request("GET", "/metrics")).body.decode()
    upto = collections.Counter()
    for bound, count in re.findall(r'^augur_batch_size_bucket{.*le="([0-9]+)"} ([0-9]+)$', text, re.M):
        upto[int(bound)] += int(count)
    bounds = sorted(upto)
    return collections.Counter(
        {bound: upto[bound] - upto[below] for below, bound in zip([0, *bounds], bounds, strict=False)}
    )


def core_of_batches(model, sizes, threads, seconds):
    """Images a second in the process of batches in these numbers, each size measured by itself."""
    rows = {size: size * count for size, count in sizes.items() if count > 0}
    rates = {size: core(model, size * threads, threads, seconds)[0] for size in rows}
    return sum(rows.values()) / sum(rows[size] / rates[size] for size in rows)


def load(script, port, connections, seconds):
    """(requests a second, median milliseconds of one) of closed-loop connections."""
    url = f"http://127.0.0.1:{port}/openscoring/model/cifar10"
    duration = f"-d{max(1, round(seconds))}s"
    command = ["wrk", "-t1", f"-c{connections}", duration, "--latency", "-s", script, url]
    text = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"failed requests:\n{text}")
    value, unit = re.search(r"50%\s+([0-9.]+)(us|ms|s)", text).groups()
    scale = {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", text).group(1)), float(value) * scale


def measure(binary, threads, rounds, seconds):
    """Prints both comparisons; returns the aims missed."""
    need("wrk")
    versions = (ROOT / "models" / "cifar10").iterdir()
    model = max(versions, key=lambda version: int(version.name)) / "model.onnx"
    picture = ROOT / "Tests" / "ImagingTests" / "Fixtures" / "jpeg_cifar.jpg"
    decode = float(re.search(r"to 32 x 32: ([0-9.]+) us", bench("image")).group(1))
    shares, overheads = [], []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(SCRIPT.format(picture=picture))
        server = Server(binary, Path(folder) / "data")
        try:
            server.wait_for("/health/ready")
            server.wait_for_line("kernels chosen by measuring")
            load(script, server.port, CONNECTIONS, 1)
            for _ in range(rounds):
                before = batches(server.port)
                rate, _ = load(script, server.port, CONNECTIONS, seconds)
                sizes = batches(server.port) - before
                batch = sum(size * count for size, count in sizes.items()) / max(sizes.total(), 1)
                _, latency = load(script, server.port, 1, seconds)
                own = core_of_batches(model, sizes, threads, seconds)
                _, bare = core(model, 1, threads, seconds)
                # What decoding alone would leave of the core's rate, were all else free.
                decoded = 1 / (1 / own + decode * 1e-6 / threads)
                shares.append(rate / own)
                overheads.append(latency - bare)
                print(
                    f"http, {CONNECTIONS} connections: {rate:.0f} images/s, "
                    f"batches of {batch:.0f} in the mean; the core {own:.0f} on {threads} threads, "
                    f"{rate / own:.0%} ({rate / decoded:.0%} of it with {decode:.0f} us of decoding each)\n"
                    f"http, 1 connection: {latency:.3f} ms, bare inference {bare:.3f} ms, "
                    f"{latency - bare:.3f} ms over it",
                    flush=True,
                )
        finally:
            server.stop()
    share, overhead = sorted(shares)[len(shares) // 2], sorted(overheads)[len(overheads) // 2]
    missed = []
    if share < SHARE_LEAST:
        missed.append(f"http at {CONNECTIONS} connections: {share:.0%} of the core, not {SHARE_LEAST:.0%}")
    if overhead > LATENCY_MAX:
        missed.append(f"http at 1 connection: {overhead:.3f} ms over the inference, not {LATENCY_MAX}")
    return missed
