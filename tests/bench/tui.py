"""What the full screen costs, by the real program in pseudo-terminals against a server on loopback: the time until its first
frame, from a key to the frame it changes with ROWS rows loaded, wake-ups while nothing happens, and memory with photographs.
`scripts/bench tui` runs it.

    tui.py PROGRAM ROWS
"""

import concurrent.futures
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
import urllib.request

from cli import ENVIRONMENT, Server

# Until nothing has come for so long, a frame is not over.
QUIET = 0.05
PATIENCE = 30
# Bytes of a frame that changes nothing, at most.
UNCHANGED = 64


class Screen:
    """A program on a terminal of its own, of 120x40 cells."""

    def __init__(self, command, environment):
        self.started = time.perf_counter()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execve(command[0], command, environment | {"TERM": "xterm-256color", "COLORTERM": "truecolor"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.written = b""

    def read(self, seconds):
        """What is written within so many seconds at most, as soon as something is; nothing when nothing is."""
        ready, _, _ = select.select([self.terminal], [], [], max(0, seconds))
        return os.read(self.terminal, 1 << 16) if ready else b""

    def until(self, words):
        """Seconds from the start until the words were written."""
        end = time.perf_counter() + PATIENCE
        while words not in self.written:
            if time.perf_counter() > end:
                sys.exit(f"{words!r} was not written, but {self.written[-3000:]!r}")
            self.written += self.read(0.5)
        return time.perf_counter() - self.started

    def press(self, keys):
        """Seconds from a key until the frame it leads to has been written; `None` when there is none."""
        began = time.perf_counter()
        os.write(self.terminal, keys)
        last, end = None, began + 1
        self.written = b""
        while chunk := self.read(QUIET if last else end - time.perf_counter()):
            self.written += chunk
            last = time.perf_counter() - began
        return last

    def settle(self, seconds):
        """Reads until nothing was written for so long."""
        while self.read(seconds):
            pass

    def memory(self):
        """Resident MiB now, and at most."""
        with open(f"/proc/{self.process}/status", encoding="ascii") as file:
            fields = dict(line.split(":", 1) for line in file)
        return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]

    def wakes(self):
        """How often its threads were woken, and processor ticks of 10 ms."""
        woken = 0
        for thread in os.listdir(f"/proc/{self.process}/task"):
            with open(f"/proc/{self.process}/task/{thread}/status", encoding="ascii") as file:
                woken += next(int(line.split()[1]) for line in file if line.startswith("voluntary"))
        with open(f"/proc/{self.process}/stat", encoding="ascii") as file:
            ticks = sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))
        return woken, ticks

    def end(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def percentiles(name, figures):
    figures = sorted(figures)
    at = lambda share: figures[int((len(figures) - 1) * share)] * 1000
    print(f"{name:58} {at(0.5):>9.1f} {at(0.99):>9.1f}")


def fill(server, rows):
    """Lists things until there are so many."""
    headers = {"authorization": f"Bearer {server.owner}", "content-type": "application/json"}

    def create(number):
        item = {
            "title": f"Thing-{number:05} for somebody's desk", "description": "It stands there.", "category": "books",
            "condition": "good", "listing": "sale", "price": 1 + number % 90,
        }
        request = urllib.request.Request(f"{server.url}/api/items", json.dumps(item).encode(), headers)
        urllib.request.urlopen(request, timeout=30).close()

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for _ in pool.map(create, range(rows)):
            pass


def first_frames(server, count=40):
    """From the start of the process to the list on the screen: from the cache, and beside others that draw a screen."""
    print(f"\n{'First frame':58} {'p50 ms':>9} {'p99 ms':>9}")
    cases = [("campuszon, the list from the cache", [server.program], server.mine, b"Thing-")]
    if vim := shutil.which("vim.tiny"):
        cases.append(("vim, the name of its file", [vim, "-u", "NONE", "-n", "/etc/passwd"], ENVIRONMENT, b"daemon"))
    if commander := shutil.which("mc"):
        cases.append(("mc, the name of a directory", [commander, "-d", "/etc", "/etc"], ENVIRONMENT, b"apt"))
    figures = {name: [] for name, *_ in cases}
    for _ in range(count):
        for name, command, environment, words in cases:
            screen = Screen(command, environment)
            figures[name].append(screen.until(words))
            screen.end()
    for name, took in figures.items():
        percentiles(name, took)


def keys(server, rows):
    """From a key to the frame after it, with all rows loaded."""
    screen = Screen([server.program], server.mine)
    screen.until(b"Thing-")
    # At the end of the list a frame has nothing to say but that it is one.
    while screen.press(b"G") and len(screen.written) > UNCHANGED:
        pass
    print(f"\n{f'From a key to its frame, with {rows} rows':58} {'p50 ms':>9} {'p99 ms':>9}")
    for name, pressed in (("one row up", [b"k"] * 200), ("a page up", [b"\x15"] * 100), ("top and bottom", [b"g", b"G"] * 50)):
        percentiles(name, [screen.press(key) for key in pressed])
    print(f"{'resident MiB with all rows, at most':58} {max(screen.memory()):>9.1f}")
    screen.end()


def idle(server, seconds=20):
    """What happens while nothing happens; a connection is held open by one frame in 25 s."""
    screen = Screen([server.program], server.mine)
    screen.until(b"Thing-")
    screen.settle(6)
    woken, ticks = screen.wakes()
    written = screen.read(seconds)
    after, spent = screen.wakes()
    print(f"\nIdle for {seconds} s: {after - woken} wake-ups, {(spent - ticks) * 10} ms of processor, {len(written)} bytes written")
    screen.end()


def photographs(server, count=40):
    """Memory after so many photographs were looked at."""
    screen = Screen([server.program, "tui"], server.mine)
    screen.until(b"CampusZon")
    screen.settle(1)
    for _ in range(count):
        screen.press(b"j")
        screen.settle(0.3)
    now, most = screen.memory()
    print(f"\nAfter {count} photographs: {now:.1f} MiB resident, {most:.1f} at most")
    screen.end()


def main():
    program, rows = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder, CAMPUSZON_LIMITS__ITEMS_WRITE="off", CAMPUSZON_ITEMS__REQUIRE_IMAGE="false")
        try:
            server.owner = json.loads(server.run("auth", "token", "create", "--name", "owner", "--scope", "write", "--json"))["token"]
            photographs(server)
            fill(server, rows)
            # The first run fills the cache.
            Screen([program], server.mine).until(b"Thing-")
            first_frames(server)
            keys(server, rows)
            idle(server)
        finally:
            server.stop()


main()
