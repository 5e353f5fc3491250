"""What the benchmarks share: nginx as back end and as contender, twinrun, wrk, CPU time and system calls.

Everything listens on loopback, is started once, and is stopped by the process that started it.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

OLD, NEW = 18081, 18082
PORTS = {"nginx": 18090, "nginx+mirror": 18091, "twinrun": 18092, "haproxy": 18093}
ADMIN = 18099

BACKEND = """
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log error;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/{name}-b; proxy_temp_path {folder}/{name}-p; fastcgi_temp_path {folder}/{name}-f;
  uwsgi_temp_path {folder}/{name}-u; scgi_temp_path {folder}/{name}-s;
  {body}
}}
"""

STATIC = """
  server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}/www; default_type application/json;
    open_file_cache max=100 inactive=600s; location / {{ }} }}
"""

PROXY = """
  upstream old {{ server 127.0.0.1:{old}; keepalive 512; keepalive_requests 100000000; }}
  upstream new {{ server 127.0.0.1:{new}; keepalive 512; keepalive_requests 100000000; }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
  server {{ listen 127.0.0.1:{port} {tls} backlog=4096; {log}
    location / {{ {mirror} proxy_pass http://old; }}
    location = /mirror {{ internal; proxy_pass http://new$request_uri; }}
  }}
"""

HAPROXY = """
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
frontend clients
  bind 127.0.0.1:{port} backlog 4096
  default_backend old
backend old
  server old 127.0.0.1:{old} pool-max-conn 512 pool-purge-delay 600s
"""


def nginx(folder, name, body):
    path = folder / f"{name}.conf"
    path.write_text(BACKEND.format(folder=folder, name=name, body=body))
    return subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(path), "-e", f"{folder}/{name}.log"])


def twinrun(folder, binary, more="", old="idle_timeout: 60s", new="max_in_flight: 2048, idle_timeout: 60s", *,
            new_port=NEW, loops=1, port=PORTS["twinrun"], admin=ADMIN, name="twinrun"):
    config = folder / f"{name}.yaml"
    config.write_text(f"""
listen: 127.0.0.1:{port}
old: {{url: "http://127.0.0.1:{OLD}", idle_connections: 512, {old}}}
new: {{url: "http://127.0.0.1:{new_port}", idle_connections: 512, {new}}}
loops: {loops}
compare: {{workers: 1}}
store: {folder}/{name}.db
admin: {{listen: 127.0.0.1:{admin}}}
{more}""")
    return subprocess.Popen([binary, "serve", "--config", str(config)], stderr=open(folder / f"{name}.log", "w"))


def workers_of(process):
    """The process and its children: nginx's worker does the work, its master none."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [process.pid, *map(int, children)]


def cpu_seconds(process):
    total = 0
    for pid in workers_of(process):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def wait_for(port):
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/body", timeout=2).read()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


def load(port, connections, seconds, scheme="http"):
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
                          f"{scheme}://127.0.0.1:{port}/body"], capture_output=True, text=True, check=True).stdout
    bad = re.search(r"(Socket errors|Non-2xx).*", out)
    if bad:
        print(f"  wrk on {port}: {bad.group(0)}", file=sys.stderr)
    return int(re.search(r"(\d+) requests in", out).group(1))


def system_calls(process, port, connections):
    """Calls per request, by strace's counts over a short load; its slowness changes batching a little."""
    requests_done = 0
    with tempfile.NamedTemporaryFile() as summary:
        pids = [flag for pid in workers_of(process) for flag in ("-p", str(pid))]
        tracer = subprocess.Popen(["strace", "-c", "-f", "-qq", "-o", summary.name, *pids], stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        requests_done = load(port, connections, 2)
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        text = pathlib.Path(summary.name).read_text()
    # "100.00  0.123456  4  12345  67 total": share, seconds, microseconds per call, calls, errors.
    total = next(line for line in text.splitlines() if line.endswith("total"))
    return int(total.split()[3]) / requests_done


def write_body(folder, size):
    row = '{"id":1234,"name":"a name","price":12.50,"tags":["a","b"]},'
    text = "[" + row * (size // len(row)) + "0]"
    (folder / "www").mkdir(exist_ok=True)
    (folder / "www" / "body").write_text(text + " " * (size - len(text)))


def backend(folder, name, port):
    return nginx(folder, name, STATIC.format(port=port, folder=folder))


def proxy(folder, name, mirror="", port=None, tls="", access_log=False):
    log = f"access_log {folder}/{name}-access.log;" if access_log else ""
    body = PROXY.format(port=port or PORTS[name], old=OLD, new=NEW, mirror=mirror, tls=tls and "ssl", log=log) + tls
    return nginx(folder, name.replace("+", "-"), body)


def haproxy(folder):
    """In the foreground: one process, one thread."""
    path = folder / "haproxy.cfg"
    path.write_text(HAPROXY.format(port=PORTS["haproxy"], old=OLD))
    return subprocess.Popen([shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", str(path)])


def stop(process, seconds=20):
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=seconds)


def metrics():
    return urllib.request.urlopen(f"http://127.0.0.1:{ADMIN}/metrics", timeout=5).read().decode()


def refused():
    """Requests that never became one."""
    return sum(map(int, re.findall(r'^twinrun_refused_total\{.*?\} (\d+)', metrics(), re.MULTILINE)))


def outcomes():
    """Requests by outcome (and cause), as /metrics tells them."""
    text = metrics()
    counts = {}
    for outcome, cause, count in re.findall(
            r'^twinrun_requests_total\{.*?outcome="(\w+)",cause="(\w*)"\} (\d+)', text, re.MULTILINE):
        name = f"{outcome}/{cause}" if cause else outcome
        counts[name] = counts.get(name, 0) + int(count)
    return counts
