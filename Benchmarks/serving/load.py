"""Closed-loop clients, each a process of its own: the next request leaves when the last was answered."""

import multiprocessing
import time

from server import Connection


def _client(port, payload, stop, results):
    """Sends (moment, seconds, status) of every exchange; status 0 is a broken connection."""
    samples, connection = [], Connection(port)
    while not stop.is_set():
        began = time.monotonic()
        try:
            status = connection.exchange(payload).status
        except OSError:
            status = 0
            connection = Connection(port)
        samples.append((began, time.monotonic() - began, status))
    results.send(samples)


class Load:
    """`count` clients that repeat `payload` until `finish`."""

    def __init__(self, port, payload, count):
        self.stop = multiprocessing.Event()
        self.pipes, self.processes = [], []
        for _ in range(count):
            receiver, sender = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.Process(
                target=_client, args=(port, payload, self.stop, sender), daemon=True
            )
            process.start()
            self.pipes.append(receiver)
            self.processes.append(process)

    def finish(self):
        self.stop.set()
        samples = [sample for pipe in self.pipes for sample in pipe.recv()]
        for process in self.processes:
            process.join()
        return samples


def percentile(values, share):
    """The value below which `share` of the sorted values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
