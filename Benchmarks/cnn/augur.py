"""Augur's own measurement of a network, and processes that are measured in turn."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(command, threads, core=None, **streams):
    """A process that talks by lines; one thread has one core, the last or the one named."""
    cores = os.sched_getaffinity(0)
    allowed = {max(cores) if core is None else core} if threads == 1 else cores
    return subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        **streams,
    )


class Augur:
    """Augur with one network, batch and number of threads, in a process that waits between the rounds."""

    def __init__(self, model, batch, threads, seconds, core=None):
        tool = ROOT / ".build" / "release" / "augur-bench"
        command = [tool, "cnn", "rounds", model, batch, threads, 0, seconds]
        self.batch = batch
        self.process = start(command, threads, core)
        # What is measured of loading and of memory.
        self.line = self.process.stdout.readline().strip()
        if "memory ratio" not in self.line:
            raise SystemExit(f"{model}: {self.line}")

    def rate(self, seconds):
        """Images a second."""
        self.begin(seconds)
        return self.end()

    def begin(self, seconds):
        """Starts measuring; `end` must follow."""
        print(seconds, file=self.process.stdin, flush=True)

    def end(self):
        """Images a second of what `begin` started."""
        return self.batch / float(self.process.stdout.readline()) * 1000

    def close(self):
        self.process.stdin.close()
        self.process.wait()
