"""What clients that do nothing, or do it slowly, cost the others: 10,000 idle connections, 100 that read slowly, 100
that have sent half a head, and a gigabyte on its way.

A load at a constant rate runs through each phase; its latencies count from when a request was due. Idle clients have
each had an answer on a connection that is kept. Slow readers have asked for 2 MB and take a kilobyte a second. The
gigabyte is checked byte by byte by a second bench_load. Ends with an error when a request fails, a byte is wrong, or
10,000 idle connections take more than 100 MB.
"""

import argparse
import contextlib
import json
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

import harness
from soak import Sides, resident_mb

GET = b"GET /body/1/%d HTTP/1.1\r\nHost: h\r\n\r\n"
HALF = b"GET /body/1/1 HTTP/1.1\r\nHost: h\r\nX-Never"
GIGABYTE = 1 << 30
SETTINGS = "limits: {head_timeout: 300s, idle_timeout: 300s}\n"  # so that nobody is ended while it is measured


def connect(request):
    client = socket.create_connection(("127.0.0.1", harness.PORTS["twinrun"]), timeout=20)
    client.sendall(request)
    return client


def idle_clients(count):
    clients = []
    for _ in range(count):
        client = connect(GET % 0)
        if b" 200 " not in client.recv(4096):
            sys.exit("an idle client got no answer")
        clients.append(client)
    return clients


class SlowReaders:
    """Read a kilobyte a second each, until stopped. They come one after the other, since what two megabytes cost when
    they are asked for is another question."""

    def __init__(self, count):
        self.stopping = threading.Event()
        self.clients = []
        for _ in range(count):
            self.clients.append(connect(GET % (2 << 20)))
            time.sleep(0.03)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while not self.stopping.wait(1):
            for client in self.clients:
                client.recv(1024)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        for client in self.clients:
            client.close()


class Bench:
    def __init__(self, options, twinrun):
        self.options, self.twinrun = options, twinrun
        self.load_program = str(pathlib.Path(options.twinrun).parents[1] / "bench" / "bench_load")
        self.failed = []

    def load(self, *more):
        return subprocess.Popen([self.load_program, "--port", str(harness.PORTS["twinrun"]), *map(str, more)],
                                stdout=subprocess.PIPE, text=True)

    def seen(self, process):
        seen = json.loads(process.communicate()[0])
        bad = {end: seen[end] for end in ("gateway", "cut", "lost", "wrong") if seen[end]}
        if bad or not seen["right"]:
            self.failed.append(f"requests failed: {bad}")
        return seen

    def phase(self, name):
        """The load alone beside whatever is there by now."""
        before = harness.cpu_seconds(self.twinrun)
        seen = self.seen(self.load("--rate", self.options.rate, "--seconds", self.options.seconds))
        cpu = (harness.cpu_seconds(self.twinrun) - before) / seen["right"]
        print(f"{name:<42} p50 {seen['p50_us'] / 1000:7.2f} ms   p99 {seen['p99_us'] / 1000:7.2f} ms   "
              f"max {seen['max_us'] / 1000:7.1f} ms   {cpu * 1e6:5.0f} us of CPU each   {resident_mb(self.twinrun):6.1f} MB",
              flush=True)

    def gigabyte(self):
        streams = self.load("--rate", 1, "--seconds", 1, "--size", GIGABYTE)
        peak = 0
        while streams.poll() is None:
            peak = max(peak, resident_mb(self.twinrun))
            with contextlib.suppress(subprocess.TimeoutExpired):
                streams.wait(0.05)
        seen = self.seen(streams)
        print(f"a gigabyte: {seen['bytes'] / GIGABYTE:.2f} GB in {seen['max_us'] / 1e6:.1f} s, every byte checked; "
              f"peak {peak:.1f} MB", flush=True)


def run(bench):
    bench.phase("alone")
    before = resident_mb(bench.twinrun)
    bench.gigabyte()
    idle = idle_clients(bench.options.idle)
    after = resident_mb(bench.twinrun)
    print(f"{len(idle)} idle connections: {before:.1f} MB before, {after:.1f} MB with them", flush=True)
    if after > 100:
        bench.failed.append(f"{after:.0f} MB with idle connections")
    bench.phase(f"beside {len(idle)} idle connections")
    for client in idle:
        client.close()
    slow = SlowReaders(100)
    bench.phase("beside 100 slow readers")
    halves = [connect(HALF) for _ in range(100)]
    bench.phase("beside them and 100 half-sent heads")
    slow.stop()
    bench.phase("beside 100 half-sent heads")
    for client in halves:
        client.close()
    bench.phase("alone again")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--twinrun", required=True)
    parser.add_argument("--seconds", type=int, default=10, help="of each phase")
    parser.add_argument("--rate", type=int, default=1000, help="requests per second")
    parser.add_argument("--idle", type=int, default=10_000)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # also of what is started here
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        sides = Sides(str(pathlib.Path(options.twinrun).parents[1] / "bench" / "bench_backend"))
        stack.callback(sides.stop)
        twinrun = harness.twinrun(folder, options.twinrun, SETTINGS, new="timeout: 60s, idle_timeout: 60s")
        stack.callback(harness.stop, twinrun)
        harness.wait_for(harness.PORTS["twinrun"])
        bench = Bench(options, twinrun)
        run(bench)
        print("outcomes:", ", ".join(f"{key} {count}" for key, count in harness.outcomes().items()))
    for problem in bench.failed:
        print("PROBLEM:", problem)
    sys.exit(1 if bench.failed else 0)


if __name__ == "__main__":
    main()
