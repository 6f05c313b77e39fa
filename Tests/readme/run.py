#!/usr/bin/env python3
"""Runs the README's commands against a release build and compares each reply with the one printed there.

    Tests/readme/run.py .build/release/augur

A ```console block is a session: a line that begins with `$ ` is a command (a trailing backslash continues
it), the lines below it are its output. In the output `…` stands for any text within a line, and a line
that is only `…` for any number of lines. `localhost:8080` is replaced by the address of a server started
here on a free port, with the bundled models and an empty data folder. Exits 1 when a reply differs, and
says where.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTS_A_SERVER = ("scripts/serve", "docker ", "scripts/test", "scripts/bench", "git clone", "sudo ")


def sessions(text):
    """Every (line number, command, expected output lines) of the console blocks in `text`."""
    inside, found = False, []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
        elif inside and line.startswith("$ "):
            found.append([number, line[2:], []])
        elif inside and found and found[-1][1].endswith("\\"):
            found[-1][1] = found[-1][1][:-1] + line.strip()
        elif inside and found:
            found[-1][2].append(line)
    return found


def pattern(lines):
    """The regular expression that `lines`, with their `…`, stand for."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    parts = []
    for line in lines:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.split("…")) + r"\n")
    return re.compile("".join(parts) + r"\s*\Z")


def served(binary, data):
    """A server on a free port with the bundled models, once it is ready."""
    process = subprocess.Popen(
        [binary, "serve", "--port", "0", "--models", str(ROOT / "models"), "--data", data],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stderr:
        match = re.search(r"listening on (http://[0-9.:]+)", line)
        if match:
            address = match.group(1)
            break
    else:
        sys.exit("the server ended before it listened")
    # The log is read to its end in the background, so that the server never waits for a full pipe.
    subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
    for _ in range(600):
        try:
            if urllib.request.urlopen(address + "/health/ready", timeout=5).status == 200:
                return process, address
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit("the server was not ready within 30 s")


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    failed = passed = 0
    with tempfile.TemporaryDirectory() as data:
        process, address = served(binary, data)
        environment = dict(
            os.environ, PATH=os.path.dirname(binary) + ":" + os.environ["PATH"], AUGUR_URL=address
        )
        try:
            for number, command, expected in sessions((ROOT / "README.md").read_text()):
                if command.startswith(STARTS_A_SERVER):
                    continue
                run = command.replace("localhost:8080", address.removeprefix("http://"))
                done = subprocess.run(
                    ["bash", "-c", run], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
                )
                output = done.stdout.replace("\r\n", "\n").replace(
                    address.removeprefix("http://"), "localhost:8080"
                )
                output = output if output.endswith("\n") or not output else output + "\n"
                if pattern(expected).match(output):
                    passed += 1
                    continue
                failed += 1
                print(
                    f"README.md:{number}: {command}\n--- expected\n"
                    + "\n".join(expected)
                    + f"\n--- got (exit {done.returncode})\n{output}{done.stderr}"
                )
        finally:
            process.send_signal(signal.SIGTERM)
            if process.wait(timeout=30) != 0:
                failed += 1
                print(f"the server left with {process.returncode} on SIGTERM")
    print(f"readme: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
