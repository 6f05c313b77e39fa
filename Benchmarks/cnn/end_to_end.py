"""The shipped CIFAR-10 network over HTTP beside its speed in the process.

Each request is a 32x32 JPEG, so decoding, resizing, normalising, JSON and the client (wrk, on the same cores)
are part of what HTTP is charged with. The core's images a second are those at the batch sizes that formed,
one batch a core, measured before and after each second of HTTP.
"""

import collections
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks" / "serving"))

from augur import Augur  # noqa: E402
from server import Connection, Server, need, request  # noqa: E402

CONNECTIONS = 32
# Images a second over HTTP as a share of the core's; milliseconds of one request over the bare inference.
SHARE_LEAST, LATENCY_MAX = 0.9, 0.3
# Rows of the batches that form, and seconds that the core is measured for at a time.
SIZES, SECONDS = (1, 2, 4, 8, 16, 32), 0.1

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "image/jpeg"
local file = io.open("{picture}", "rb")
wrk.body = file:read("*a")
file:close()
"""


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


class Core:
    """The network without a server: batches of each size on every core at once, each core its own, and one
    image on all together."""

    def __init__(self, model, threads):
        cores = sorted(os.sched_getaffinity(0))[:threads]
        self.sizes = {size: [Augur(model, size, 1, SECONDS, core) for core in cores] for size in SIZES}
        self.one = Augur(model, 1, threads, SECONDS)

    def rates(self):
        """Images a second at each size."""
        return {size: self._rate(augurs) for size, augurs in self.sizes.items()}

    def _rate(self, augurs):
        for augur in augurs:
            augur.begin(SECONDS)
        return sum(augur.end() for augur in augurs)

    def latency(self):
        """Milliseconds of one image."""
        return 1000 / self.one.rate(SECONDS)

    def close(self):
        for augur in [*itertools.chain(*self.sizes.values()), self.one]:
            augur.close()


def of_batches(counts, rates):
    """Images a second of batches in these numbers."""
    rows = {size: size * count for size, count in counts.items() if count > 0}
    return sum(rows.values()) / sum(rows[size] / rates[size] for size in rows)


def mean(a, b):
    """What is measured before and after: a neighbour on the machine comes and goes within seconds."""
    return {key: (a[key] + b[key]) / 2 for key in a}


def load(script, port, connections):
    """(requests a second, median milliseconds of one) of closed-loop connections, for a second."""
    url = f"http://127.0.0.1:{port}/openscoring/model/cifar10"
    command = ["wrk", "-t1", f"-c{connections}", "-d1s", "--latency", "-s", script, url]
    text = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"failed requests:\n{text}")
    value, unit = re.search(r"50%\s+([0-9.]+)(us|ms|s)", text).groups()
    scale = {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", text).group(1)), float(value) * scale


def measure(binary, threads, rounds):
    """Prints both comparisons; returns the aims missed."""
    need("wrk")
    versions = (ROOT / "models" / "cifar10").iterdir()
    model = max(versions, key=lambda version: int(version.name)) / "model.onnx"
    picture = ROOT / "Tests" / "ImagingTests" / "Fixtures" / "jpeg_cifar.jpg"
    core = Core(model, threads)
    shares, overheads = [], []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(SCRIPT.format(picture=picture))
        server = Server(binary, Path(folder) / "data")
        try:
            server.wait_for("/health/ready")
            server.wait_for_line("kernels chosen by measuring")
            load(script, server.port, CONNECTIONS)
            for _ in range(rounds):
                formed, before = batches(server.port), core.rates()
                rate, _ = load(script, server.port, CONNECTIONS)
                formed = batches(server.port) - formed
                own = of_batches(formed, mean(before, core.rates()))
                size = sum(size * count for size, count in formed.items()) / max(formed.total(), 1)
                before = core.latency()
                _, latency = load(script, server.port, 1)
                bare = (before + core.latency()) / 2
                shares.append(rate / own)
                overheads.append(latency - bare)
                print(
                    f"http, {CONNECTIONS} connections: {rate:.0f} images/s in batches of {size:.0f} in the "
                    f"mean, {rate / own:.0%} of the core's {own:.0f} on {threads} threads; "
                    f"1 connection: {latency:.3f} ms, {latency - bare:.3f} over the inference's {bare:.3f}",
                    flush=True,
                )
        finally:
            server.stop()
            core.close()
    share, overhead = statistics.median(shares), statistics.median(overheads)
    print(f"http, medians: {share:.0%} of the core, {overhead:.3f} ms over the inference")
    missed = []
    if share < SHARE_LEAST:
        missed.append(f"http at {CONNECTIONS} connections: {share:.0%} of the core, not {SHARE_LEAST:.0%}")
    if overhead > LATENCY_MAX:
        missed.append(f"http at 1 connection: {overhead:.3f} ms over the inference, not {LATENCY_MAX}")
    return missed
