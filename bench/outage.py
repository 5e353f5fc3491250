"""New stops, hangs and comes back while wrk loads the front end with 64 connections: no client request may fail, the
latencies stay what they were, and the outcomes add up to the number of requests.

Each phase is one run of wrk. SIGSTOP makes new hang (its kernel still accepts), SIGTERM takes it down.
"""

import argparse
import contextlib
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile

import harness


def load(seconds):
    out = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency",
                          f"http://127.0.0.1:{harness.PORTS['twinrun']}/body"],
                         capture_output=True, text=True, check=True).stdout
    bad = re.search(r"(Socket errors|Non-2xx).*", out)
    return {"requests": int(re.search(r"(\d+) requests in", out).group(1)),
            "p50": re.search(r"^\s+50%\s+(\S+)", out, re.MULTILINE).group(1),
            "p99": re.search(r"^\s+99%\s+(\S+)", out, re.MULTILINE).group(1),
            "failed": bad.group(0) if bad else "none"}


def new_workers(process, what):
    for pid in harness.workers_of(process):
        subprocess.run(["kill", f"-{what}", str(pid)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--twinrun", required=True)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    processes = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        harness.write_body(folder, 2048)
        try:
            new = harness.backend(folder, "new", harness.NEW)
            processes += [new, harness.backend(folder, "old", harness.OLD), harness.twinrun(folder, options.twinrun)]
            harness.wait_for(harness.PORTS["twinrun"])
            total = 1
            failed = False
            for phase in ("healthy", "hanging", "back", "stopped", "back again"):
                if phase == "hanging":
                    new_workers(new, "STOP")
                elif phase == "back":
                    new_workers(new, "CONT")
                elif phase == "stopped":
                    harness.stop(new)
                elif phase == "back again":
                    new = harness.backend(folder, "new", harness.NEW)
                    processes.append(new)
                    harness.wait_for(harness.NEW)
                seen = load(options.seconds)
                total += seen["requests"]
                failed |= seen["failed"] != "none"
                print(f"new {phase:<10} {seen['requests']:>7} requests   p50 {seen['p50']:>8}   p99 {seen['p99']:>8}   "
                      f"failed: {seen['failed']}")
            harness.stop(processes[2])  # drains: everything is counted
            counts = counted(folder / "twinrun.db")
            print("outcomes:", ", ".join(f"{key} {count}" for key, count in sorted(counts.items())))
            # wrk ends in the middle of at most one request per connection and phase; those are counted, too.
            cut = sum(counts.values()) - total
            print(f"requests answered {total}, outcomes {sum(counts.values())}, cut off by wrk's ends {cut}")
            sys.exit(1 if failed or not 0 <= cut <= 5 * 64 else 0)
        finally:
            for process in processes:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
                harness.stop(process)


def counted(store):
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return dict(connection.execute("SELECT outcome, SUM(count) FROM tally GROUP BY outcome ORDER BY outcome"))


if __name__ == "__main__":
    main()
