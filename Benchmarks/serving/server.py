"""A server process under measurement, and single requests to it over a plain socket."""

import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def need(tool):
    """Installs the Debian package of that name unless there is such a command."""
    if not shutil.which(tool):
        root = Path(__file__).resolve().parents[2]
        subprocess.run([root / "scripts" / "install-packages", tool], check=True)


class Reply:
    """Status, headers (names in small letters) and body of one reply."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Connection:
    """One keep-alive connection; the requests are bytes made beforehand."""

    def __init__(self, port, timeout=60):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def exchange(self, request):
        self.socket.sendall(request)
        head, self.rest = self._until_blank_line(self.rest)
        lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        count = int(headers.get("content-length", 0))
        while len(self.rest) < count:
            self.rest += self._receive()
        body, self.rest = self.rest[:count], self.rest[count:]
        return Reply(int(lines[0].split()[1]), headers, body)

    def _until_blank_line(self, data):
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, rest = data.partition(b"\r\n\r\n")
        return head, rest

    def _receive(self):
        data = self.socket.recv(262144)
        if not data:
            raise ConnectionError("closed by the server")
        return data


def request(method, path, body=b"", kind=None):
    """The bytes of a request without conditions or codings."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Server:
    """`augur serve` on a free port, with its log in a file."""

    def __init__(self, binary, data, models=ROOT / "models", options=()):
        self.log = tempfile.NamedTemporaryFile("r", prefix="augur-log-")
        self.began = time.monotonic()
        command = [
            str(binary),
            "serve",
            "--port",
            "0",
            "--models",
            str(models),
            "--data",
            str(data),
            *options,
        ]
        with open(self.log.name, "w") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log)
        self.port = self._port()

    def _port(self):
        """The port in the log's line `listening on http://HOST:PORT`."""
        return int(self.wait_for_line(r"listening on http://[^ ]*?:(\d+)").group(1))

    def wait_for_line(self, pattern, seconds=30):
        """The first match of a regular expression in the log, once it is there."""
        while time.monotonic() - self.began < seconds and self.process.poll() is None:
            self.log.seek(0)
            match = re.search(pattern, self.log.read())
            if match:
                return match
            time.sleep(0.001)
        text = Path(self.log.name).read_text()[-2000:]
        raise SystemExit(f"the server's log has no line like '{pattern}':\n{text}")

    def wait_for(self, path, seconds=60):
        """Seconds from the start of the process to the first 200 on `path`."""
        connection = Connection(self.port)
        while time.monotonic() - self.began < seconds:
            if connection.exchange(request("GET", path)).status == 200:
                return time.monotonic() - self.began
            time.sleep(0.001)
        raise SystemExit(f"{path} is not 200 within {seconds} s")

    def memory(self):
        """Resident megabytes: in all, and the private part of it."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = {name: int(v) for name, v in re.findall(r"(VmRSS|RssAnon):\s+(\d+) kB", text)}
        return kilobytes["VmRSS"] / 1024, kilobytes["RssAnon"] / 1024

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        if self.process.wait(timeout=30) != 0:
            raise SystemExit(f"the server left with {self.process.returncode} on SIGTERM")
