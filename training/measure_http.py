#!/usr/bin/env python3
"""Posts every test JPEG to a running server and prints how many it named rightly.

training/measure_http.py http://127.0.0.1:8080/openscoring/model/cifar10/versions/2
"""

import argparse
import http.client
import json
import tarfile
import threading
from pathlib import Path
from urllib.parse import urlsplit


def pictures(path):
    """(JPEG bytes, class) of every member `SPLIT/CLASS/NNNN.jpg`."""
    with tarfile.open(path) as archive:
        return [
            (archive.extractfile(member).read(), Path(member.name).parent.name)
            for member in archive
            if member.isfile() and member.name.endswith(".jpg")
        ]


class Client(threading.Thread):
    """Posts its share of the pictures over one connection."""

    def __init__(self, url, share):
        super().__init__()
        self.url, self.share, self.right, self.versions, self.fault = urlsplit(url), share, 0, set(), None

    def run(self):
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=60)
        for picture, name in self.share:
            connection.request("POST", self.url.path, picture, {"Content-Type": "image/jpeg"})
            reply = connection.getresponse()
            body = reply.read()
            if reply.status != 200:
                self.fault = f"{reply.status}: {body[:200]!r}"
                return
            self.versions.add(reply.headers["Augur-Version"])
            self.right += json.loads(body)["results"]["label"] == name


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--archive", default="../shared/cifar10/cifar10-test-visible.tar.xz")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    every = pictures(options.archive)
    clients = [Client(options.url, every[i :: options.connections]) for i in range(options.connections)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    faults = [client.fault for client in clients if client.fault]
    if faults:
        raise SystemExit(f"not answered: {faults[0]}")
    right = sum(client.right for client in clients)
    versions = sorted(set().union(*(client.versions for client in clients)))
    print(f"{right} of {len(every)} right: {right / len(every):.4f}, version {', '.join(versions)}")


if __name__ == "__main__":
    main()
