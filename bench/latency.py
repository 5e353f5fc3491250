"""Whether clients notice that new is slow or hangs: latencies through three twinruns in front of one old, whose new
answers at once, after 200 ms, and never.

bench_load asks each of them in turn at a constant rate, round after round, and checks every byte; latencies count from
when a request was due. What is compared is the ratio within a round. Ends with an error when a request fails.
"""

import argparse
import contextlib
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile

import harness

FIRST_PORT, FIRST_ADMIN, SLOW = 18110, 18150, 18083
KINDS = ("p50_us", "p99_us")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--twinrun", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=1000, help="requests per second")
    options = parser.parse_args()
    programs = pathlib.Path(options.twinrun).parents[1] / "bench"
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=16))
        for command in ([harness.OLD], [harness.NEW], [SLOW, "--delay", 200]):
            side = subprocess.Popen([programs / "bench_backend", *map(str, command)])
            stack.callback(harness.stop, side)
        ports = {}
        for index, (kind, new_port) in enumerate(
                {"at once": harness.NEW, "after 200 ms": SLOW, "never": silent.getsockname()[1]}.items()):
            ports[kind] = FIRST_PORT + index
            process = harness.twinrun(folder, options.twinrun, new="max_in_flight: 256", new_port=new_port,
                                      port=ports[kind], admin=FIRST_ADMIN + index, name=f"new-{index}")
            stack.callback(harness.stop, process)
            harness.wait_for(ports[kind])
        seen = {kind: [] for kind in ports}
        failed = 0
        for round_number in range(options.rounds + 1):
            for kind, port in ports.items():
                out = subprocess.run([programs / "bench_load", "--port", str(port), "--rate", str(options.rate),
                                      "--seconds", str(options.seconds)], capture_output=True, text=True, check=True)
                result = json.loads(out.stdout)
                failed += sum(result[end] for end in ("gateway", "cut", "lost", "wrong"))
                if round_number > 0:  # the first opens connections, and the breaker of new that hangs
                    seen[kind].append(result)
        print(f"{options.rounds} rounds of {options.seconds} s at {options.rate} requests a second; failed: {failed}")
        for kind, results in seen.items():
            line = f"    new answers {kind:<14}"
            for value in KINDS:
                ratio = statistics.median(r[value] / base[value] for r, base in zip(results, seen["at once"]))
                line += f"   {value[:3]} {statistics.median(r[value] for r in results) / 1000:6.2f} ms ({ratio:4.2f} x)"
            print(line)
        sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
