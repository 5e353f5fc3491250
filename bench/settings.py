"""What the settings of the front end cost: CPU time per request beside twinrun as it is started without them.

Each setting is a process of its own in front of the same two back ends, loaded in turn, round after round; what is
compared is the CPU time of the process over the requests wrk completed, as the ratio within a round. Two loops that cost
as much per request as one serve twice as many where the machine has the cores; a machine with two cannot show it
otherwise, since the load and the back ends need them.
"""

import argparse
import asyncio
import pathlib
import socket
import statistics
import subprocess
import tempfile
import threading

import harness

FIRST_PORT, FIRST_ADMIN = 18110, 18150
FORWARD = "forward: {via: true, forwarded: append, x_forwarded: append, traceparent: true, request_id: true}"


class SlowSide:
    """Gives every request the same answer, 200 ms late, until the process ends. May have 256 of them in hand."""

    def __init__(self, body):
        self.answer = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       b"Content-Length: %d\r\n\r\n" % len(body)) + body
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()

    async def serve(self):
        server = await asyncio.start_server(self.talk, sock=self.listener)
        await server.serve_forever()

    async def talk(self, reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(0.2)
                writer.write(self.answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def settings(folder, silent, slow):
    """How each of them is started."""
    tls = f"{{certificate: {folder}/certificate.pem, key: {folder}/key.pem}}"
    return {
        "plain": dict(),
        "two loops": dict(loops=2),
        "access log": dict(more=f"access_log: {{file: {folder}/access.log}}"),
        "all that requests can be told": dict(more=FORWARD),
        "new answers after 200 ms": dict(new_port=slow, new="max_in_flight: 256, idle_timeout: 60s"),
        "new hangs": dict(new_port=silent),
        "TLS": dict(more=f"tls: {tls}"),
    }


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"], check=True,
                   capture_output=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--twinrun", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    processes = []
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        try:
            harness.write_body(folder, options.size)
            certificate(folder)
            processes += [harness.backend(folder, "old", harness.OLD), harness.backend(folder, "new", harness.NEW)]
            harness.wait_for(harness.OLD)
            contenders = {}
            slow = SlowSide((folder / "www" / "body").read_bytes())
            for index, (setting, how) in enumerate(settings(folder, silent.getsockname()[1], slow.port).items()):
                port = FIRST_PORT + index
                process = harness.twinrun(folder, options.twinrun, port=port, admin=FIRST_ADMIN + index,
                                          name=f"setting-{index}", **how)
                contenders[setting] = (process, port, "https" if setting == "TLS" else "http")
            tls = f"ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;"
            contenders["nginx with TLS"] = (harness.proxy(folder, "nginx-tls", port=FIRST_PORT + 20, tls=tls),
                                            FIRST_PORT + 20, "https")
            processes += [process for process, _, _ in contenders.values()]
            costs = {setting: [] for setting in contenders}
            for round_number in range(options.rounds + 1):
                for setting, (process, port, scheme) in contenders.items():
                    before = harness.cpu_seconds(process)
                    done = harness.load(port, options.connections, options.seconds, scheme)
                    if round_number > 0:  # the first warms up, and new that hangs is left alone from then on
                        costs[setting].append((harness.cpu_seconds(process) - before) / done)
            print(f"{options.size} B x {options.connections} connections, {options.rounds} rounds of {options.seconds} s")
            for setting, cost in costs.items():
                ratio = statistics.median(c / base for c, base in zip(cost, costs["plain"]))
                print(f"    {setting:<30} {statistics.median(cost) * 1e6:7.1f} us/request   {ratio:5.2f} x plain")
            beside = statistics.median(c / n for c, n in zip(costs["TLS"], costs["nginx with TLS"]))
            print(f"    TLS is {beside:.2f} x nginx with TLS, which copies and compares nothing")
        finally:
            for process in processes:
                harness.stop(process)


if __name__ == "__main__":
    main()
