"""Measures CPU time and system calls per request of twinrun, nginx and HAProxy, interleaved.

Every contender is one process with one worker (twinrun: one loop, one compare worker), started once, in front of the
same two back ends (nginx, one worker each, a body of the given size). wrk loads them in turn for a few seconds, round
after round; what is compared is the CPU time of the contender's own process over the requests wrk completed in that
turn, as the ratio within a round. Absolute times mean nothing on a shared machine.
"""

import argparse
import pathlib
import statistics
import tempfile

import harness


def cell(contenders, size, connections, rounds, seconds):
    costs = {name: [] for name in contenders}
    for round_number in range(rounds):
        for name, process in contenders.items():
            before = harness.cpu_seconds(process)
            done = harness.load(harness.PORTS[name], connections, seconds)
            costs[name].append((harness.cpu_seconds(process) - before) / done)
    ratios = {}
    print(f"{size:>6} B x {connections:>3} connections, {rounds} rounds of {seconds} s")
    for name in contenders:
        micros = statistics.median(costs[name]) * 1e6
        plain, mirror = ratios[name] = [statistics.median(cost / other for cost, other in zip(costs[name], costs[base]))
                                        for base in ("nginx", "nginx+mirror")]
        print(f"    {name:<14} {micros:7.1f} us/request   {plain:5.2f} x nginx   {mirror:5.2f} x nginx+mirror")
    return ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--twinrun", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--sizes", default="2048")
    parser.add_argument("--connections", default="64")
    parser.add_argument("--access-log", action="store_true", help="nginx and twinrun write one, as nginx does by default")
    options = parser.parse_args()
    processes = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        log = f"access_log: {{file: {folder}/access.log}}" if options.access_log else ""
        ratios = []
        try:
            for size in map(int, options.sizes.split(",")):
                harness.write_body(folder, size)
                # Their own for each size: they keep the file for a while, and would notice another one at different times.
                backends = [harness.backend(folder, "old", harness.OLD), harness.backend(folder, "new", harness.NEW)]
                processes += backends
                contenders = {
                    "nginx": harness.proxy(folder, "nginx", access_log=options.access_log),
                    "nginx+mirror": harness.proxy(folder, "nginx+mirror", "mirror /mirror;",
                                                  access_log=options.access_log),
                    "haproxy": harness.haproxy(folder),
                    "twinrun": harness.twinrun(folder, options.twinrun, log),
                }
                processes += contenders.values()
                for contender in contenders:
                    harness.wait_for(harness.PORTS[contender])
                for connections in map(int, options.connections.split(",")):
                    ratios.append(cell(contenders, size, connections, options.rounds, options.seconds))
                    print("    outcomes:", ", ".join(f"{k} {v}" for k, v in harness.outcomes().items()))
                    for contender, process in contenders.items():
                        calls = harness.system_calls(process, harness.PORTS[contender], connections)
                        print(f"    {contender:<14} {calls:7.1f} system calls/request")
                for process in [*contenders.values(), *backends]:
                    harness.stop(process)
                for left in (*folder.glob("twinrun.db*"), *folder.glob("*access.log")):
                    left.unlink()
            print(f"geometric means of {len(ratios)} cells:")
            for contender in contenders:
                means = [statistics.geometric_mean(ratio[contender][base] for ratio in ratios) for base in (0, 1)]
                print(f"    {contender:<14} {means[0]:5.2f} x nginx   {means[1]:5.2f} x nginx+mirror")
        finally:
            for process in processes:
                harness.stop(process)


if __name__ == "__main__":
    main()
