"""Minutes of mixed traffic through the release binary while both sides fail and return: every byte is checked by the
client, every request is counted once, and memory stays flat.

bench_load sends at a constant rate: sizes of 0 B to 2 MB, GET, HEAD and POST, chunked and not, connections kept and
closed, clients that read slowly or leave. Two bench_backends answer; new differs in every 97th answer. Each half minute
new hangs (SIGSTOP), returns, is killed and is started again, then old. Ends with an error on a wrong byte, a lost
request, a failure that no outage of old explains, outcomes that do not add up, or memory that grows.
"""

import argparse
import contextlib
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import harness
CYCLE = 30  # seconds; what happens at which of them
EVENTS = [(6, "new", "hangs"), (10, "new", "returns"), (13, "new", "is killed"), (17, "new", "is started"),
          (21, "old", "hangs"), (22.5, "old", "returns"), (25, "old", "is killed"), (27, "old", "is started")]
BEFORE, AFTER = 6, 2  # seconds around an outage of old in which requests may fail: slow ones began long before it
SETTINGS = """
drain: 30s
"""


class Sides:
    """Both back ends, and how they fail."""

    def __init__(self, backend):
        self.commands = {"old": [backend, str(harness.OLD)], "new": [backend, str(harness.NEW), "--differ", "97"]}
        self.processes = {name: subprocess.Popen(command) for name, command in self.commands.items()}

    def act(self, name, what):
        if what == "hangs":
            self.processes[name].send_signal(signal.SIGSTOP)
        elif what == "returns":
            self.processes[name].send_signal(signal.SIGCONT)
        elif what == "is killed":
            self.processes[name].kill()
            self.processes[name].wait()
        else:
            self.processes[name] = subprocess.Popen(self.commands[name])

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()


def counted(store):
    """Requests by outcome and cause."""
    query = "SELECT outcome || CASE cause WHEN '' THEN '' ELSE '/' || cause END, SUM(count) FROM tally GROUP BY 1"
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return dict(connection.execute(query))


def resident_mb(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0


def schedule(seconds):
    """All events in order, the last so that everything has returned well before the end."""
    for begin in range(0, seconds - CYCLE + 1, CYCLE):
        for at, name, what in EVENTS:
            yield begin + at, name, what


def soak(options, sides, twinrun, load):
    """Plays the schedule beside the load; the samples of memory, and when old was down."""
    begun = time.monotonic()
    samples, outages = [], []
    events = list(schedule(options.minutes * 60))
    while load.poll() is None:
        now = time.monotonic() - begun
        while events and events[0][0] <= now:
            at, name, what = events.pop(0)
            sides.act(name, what)
            if name == "old" and what in ("hangs", "is killed"):
                outages.append([at - BEFORE, at + AFTER])
            elif name == "old":
                outages[-1][1] = now + AFTER
        if now >= 5 * len(samples):
            samples.append(resident_mb(twinrun))
        time.sleep(0.1)
    return samples, outages


def problems(seen, samples, outages, counts, refused):
    sent = sum(seen[end] for end in ("right", "left", "gateway", "cut", "lost", "wrong"))
    found = []
    if seen["wrong"] or seen["lost"]:
        found.append(f"{seen['wrong']} wrong, {seen['lost']} lost")
    for second, ends in seen["bad_seconds"].items():
        if not any(begin <= int(second) <= end for begin, end in outages):
            found.append(f"in second {second}, with old well: {ends}")
    if sum(counts.values()) != sent + 1 or refused:  # the first request was ours, to see that all is there
        found.append(f"{sent} requests and 1 were sent, {sum(counts.values())} counted, {refused} refused")
    quarter = len(samples) // 4  # the first fills pools and buffers
    early, late = max(samples[quarter:3 * quarter]), max(samples[3 * quarter:])
    if late > early * 1.15 + 4:
        found.append(f"memory grew from {early:.0f} to {late:.0f} MB")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--twinrun", required=True)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--rate", type=int, default=150, help="requests per second")
    options = parser.parse_args()
    built = pathlib.Path(options.twinrun).parents[1] / "bench"
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        sides = Sides(str(built / "bench_backend"))
        stack.callback(sides.stop)
        twinrun = harness.twinrun(folder, options.twinrun, SETTINGS, old="timeout: 10s", new="timeout: 1s")
        stack.callback(harness.stop, twinrun)
        harness.wait_for(harness.PORTS["twinrun"])
        load = subprocess.Popen([built / "bench_load", "--port", str(harness.PORTS["twinrun"]), "--mix", "soak",
                                 "--rate", str(options.rate), "--seconds", str(options.minutes * 60)],
                                stdout=subprocess.PIPE, text=True)
        stack.callback(harness.stop, load)
        samples, outages = soak(options, sides, twinrun, load)
        seen = json.loads(load.stdout.read())
        refused = harness.refused()
        harness.stop(twinrun, 60)  # drains: everything is counted
        counts = counted(folder / "twinrun.db")
        found = problems(seen, samples, outages, counts, refused)
        report(seen, samples, counts, found)
        sys.exit(1 if found else 0)


def report(seen, samples, counts, found):
    print(f"{options_text(seen)}; {seen['bytes'] / 1e6:.0f} MB came back")
    print(f"latency of the right ones, from when they were due: p50 {seen['p50_us'] / 1000:.1f} ms, "
          f"p90 {seen['p90_us'] / 1000:.1f} ms, p99 {seen['p99_us'] / 1000:.1f} ms, max {seen['max_us'] / 1000:.0f} ms")
    print("outcomes:", ", ".join(f"{key} {count}" for key, count in sorted(counts.items())), "in all", sum(counts.values()))
    print("resident MB, each minute:", " ".join(f"{sample:.0f}" for sample in samples[::12]),
          f"(peak {max(samples):.0f})")
    for problem in found:
        print("PROBLEM:", problem)


def options_text(seen):
    return ", ".join(f"{seen[end]} {end}" for end in ("right", "left", "gateway", "cut", "lost", "wrong"))


if __name__ == "__main__":
    main()
