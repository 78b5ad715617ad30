"""What starting the program costs, by real processes: saying a version, and listing items of a server on loopback, beside others
that do the like. `scripts/bench cli` runs it.

    cli.py PROGRAM COUNT
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CAMPUSZON_")}


def spawned(command, environment):
    """Seconds until a process has ended, and its processor time."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    onto = [(os.POSIX_SPAWN_DUP2, nothing, 1), (os.POSIX_SPAWN_DUP2, nothing, 2), (os.POSIX_SPAWN_CLOSE, nothing)]
    started = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=onto)
    _, status, used = os.wait4(process, 0)
    took = time.perf_counter() - started
    os.close(nothing)
    if status:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return took, used.ru_utime + used.ru_stime


def peak(command, environment):
    """The most memory of a process in MiB: as `time` counts it, since a child of this one would begin with this one's."""
    counted = ["time", "--format", "%M", *command]
    done = subprocess.run(counted, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(done.stderr.splitlines()[-1]) / 1024


def tell(name, figures, memory):
    """A line of the table."""
    took, cpu = (sorted(column) for column in zip(*figures))
    at = lambda share: took[int((len(took) - 1) * share)] * 1000
    mean = sum(cpu) / len(cpu) * 1000
    print(f"{name:34} {at(0.5):>9.2f} {at(0.99):>9.2f} {mean:>9.2f} {memory:>9.1f}")


def compare(title, cases, count):
    """Runs each in turn, so that whatever else the machine does strikes all alike."""
    figures = {name: [] for name, *_ in cases}
    for _ in range(3):
        for _, command, environment in cases:
            spawned(command, environment)
    for _ in range(count):
        for name, command, environment in cases:
            figures[name].append(spawned(command, environment))
    print(f"\n{title:34} {'p50 ms':>9} {'p99 ms':>9} {'cpu ms':>9} {'peak MiB':>9}")
    for name, command, environment in cases:
        tell(name, figures[name], peak(command, environment))


class Server:
    """A server with the demo campus, and somebody signed in."""

    def __init__(self, program, folder, **settings):
        self.program, self.folder = program, Path(folder)
        self.mine = ENVIRONMENT | {"CAMPUSZON_HOME": str(self.folder / "home")}
        command = [program, "serve", "--listen", "127.0.0.1:0", "--data", f"{folder}/data", "--mail", f"file:{folder}/mail"]
        settings = {"CAMPUSZON_LIMITS__ITEMS_READ": "off"} | settings
        self.process = subprocess.Popen(
            command, env=self.mine | settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.url = self.process.stdout.readline().removeprefix("listening on ").strip()
        person = json.loads(self.run("admin", "demo", "--data", f"{folder}/data", "--json"))["students"][0]
        self.mine["CAMPUSZON_SERVER"] = self.url
        self.run("auth", "login", "--email", person["email"], "--password-stdin", stdin=person["password"])
        self.token = json.loads(self.run("auth", "token", "create", "--name", "bench", "--scope", "read", "--json"))["token"]

    def run(self, *arguments, stdin=""):
        done = subprocess.run([self.program, *arguments], env=self.mine, input=stdin, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"campuszon {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def stop(self):
        self.process.terminate()
        self.process.wait()


def versions(program):
    """What others are there, each with the argument that asks for its version."""
    yield "campuszon --version", [program, "--version"], ENVIRONMENT
    for other in ("git", "curl", "gh", "cargo"):
        if found := shutil.which(other):
            yield f"{other} --version", [found, "--version"], ENVIRONMENT


def requests(server):
    """The same page of items, by the session on disk, by a token, and by curl."""
    listed = [server.program, "item", "list", "--json"]
    yield "campuszon item list --json", listed, server.mine
    yield "campuszon, by a token", listed, server.mine | {"CAMPUSZON_TOKEN": server.token}
    if curl := shutil.which("curl"):
        headers = ["--header", f"authorization: Bearer {server.token}"]
        yield "curl, the same URL", [curl, "--silent", "--fail", *headers, f"{server.url}/api/items?limit=20"], ENVIRONMENT


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    compare("Say the version", list(versions(program)), count)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder)
        try:
            compare("List 20 items", list(requests(server)), count)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
