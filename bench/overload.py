#!/usr/bin/env python3
"""Overloads an exchange of its own, open loop, and says what others saw meanwhile. Needs a built tree and Python 3.

One landlord sends three times what the server was found to take, whether it answers or not; another sends a little, and
people load pages. Then as many people as are asked for load their first pages at once. Nothing is left behind.

  bench/overload.py [--seconds 60] [--times 3] [--people 500] [--cgroup /sys/fs/cgroup/memory/NAME]
"""
import argparse, asyncio, collections, json, os, re, shutil, socket, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXCHANGE = os.path.join(ROOT, "artifacts/bin/Portal/release/exchange")
LINES = 200
NEVER = 30.0


def line(landlord, number):
    return json.dumps({
        "specversion": "1.0", "id": f"@@@@@@@@-{number}", "source": "urn:overload", "subject": f"vm-{number:05d}",
        "type": "exchange.usage.interval.v1", "time": "2026-10-01T01:00:00Z", "data": {
            "landlord": landlord, "cluster": "stack", "project": f"p-{number % 50}", "kind": "vm",
            "from": "2026-10-01T00:00:00Z", "to": "2026-10-01T01:00:00Z", "state": "running",
            "shape": {"vcpu": "4", "ram_mib": "16384"}}}, separators=(",", ":"))


class Client:
    """Requests over connections that are used again; the status and how long it took, None where none came."""

    def __init__(self, port):
        self.port, self.idle, self.open = port, [], 0

    async def ask(self, head, body=b""):
        start = time.monotonic()
        connection = None
        try:
            async with asyncio.timeout(NEVER):
                connection = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
                reader, writer = connection
                writer.write(head + body)
                answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                if "chunked" in answer.lower():
                    while size := int(await reader.readline(), 16):
                        await reader.readexactly(size + 2)
                    await reader.readline()
                elif length := re.search(r"(?i)content-length: (\d+)", answer):
                    await reader.readexactly(int(length[1]))
                (writer.close() if "connection: close" in answer.lower() else self.idle.append(connection))
                return int(answer.split(" ", 2)[1]), time.monotonic() - start
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            if connection:
                connection[1].close()
            return None, time.monotonic() - start

    def usage(self, key, template, number, gone=b"@@@@@@@@"):
        body = template.replace(gone, b"%08x" % number)
        return self.ask((
            f"POST /v1/usage HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n").encode(), body)

    def page(self, path, cookie=""):
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())


def percentile(times, percent):
    return f"{sorted(times)[min(len(times) - 1, len(times) * percent // 100)] * 1000:.0f}" if times else "-"


def told(what, answers):
    statuses = collections.Counter("none" if status is None else status for status, _ in answers)
    good = [took for status, took in answers if status in (200, 202)]
    print(f"{what:38} {dict(statuses)}, p50 {percentile(good, 50)} ms, p99 {percentile(good, 99)} ms", flush=True)


def memory(pids):
    total = 0
    for pid in pids:
        try:
            total += int(open(f"/proc/{pid}/statm").read().split()[1]) * 4 // 1024
        except (OSError, IndexError):
            pass
    return total


async def every(seconds, until, act, into):
    """Open loop: begins one at each of its times, whatever became of those before."""
    waiting, due = set(), time.monotonic()
    while due < until:
        await asyncio.sleep(max(0, due - time.monotonic()))
        task = asyncio.ensure_future(act())
        waiting.add(task)
        task.add_done_callback(lambda done: (waiting.discard(done), into.append(done.result())))
        due += seconds
    await asyncio.gather(*waiting)


async def capacity(port, key, template, seconds):
    client, count, number = Client(port), 0, 0
    until = time.monotonic() + seconds

    async def one():
        nonlocal count, number
        while time.monotonic() < until:
            number += 1
            status, _ = await client.usage(key, template, number)
            count += status == 202
    await asyncio.gather(*(one() for _ in range(4)))
    return count / seconds


async def recovery(port, cookie, usual):
    """Seconds until ten pages in a row take no longer than they did at most before."""
    client, start, row, since = Client(port), time.monotonic(), 0, time.monotonic()
    while row < 10 and time.monotonic() - start < 60:
        status, took = await client.page("/finance", cookie)
        row = row + 1 if status == 200 and took <= usual else 0
        since = since if row else time.monotonic()
        await asyncio.sleep(0.05)
    return since - start if row >= 10 else None


async def run(options, port, keys, cookie, pid):
    flood, other = ("\n".join(line(who, n) for n in range(LINES)).encode() for who in ("nerc", "blockbank"))
    await capacity(port, keys["nerc"], flood.replace(b"urn:overload", b"urn:warm"), 5)
    per_second = await capacity(port, keys["nerc"], flood, 8)
    print(f"load of the machine {os.getloadavg()[0]:.1f}; capacity {per_second:.0f} requests/s of {LINES} readings")
    before = []
    await every(0.1, time.monotonic() + 5, lambda: Client(port).page("/finance", cookie), before)
    told("finance's page before", before)
    numbers, until = iter(range(1 << 20, 1 << 31)), time.monotonic() + options.seconds
    flooder, polite, people, anonymous = (Client(port) for _ in range(4))
    answers, good, pages, signs, peak = [], [], [], [], [memory([pid])]

    async def watch():
        while time.monotonic() < until:
            peak.append(memory([pid]))
            await asyncio.sleep(0.5)
    await asyncio.gather(
        watch(),
        every(1 / (per_second * options.times), until,
              lambda: flooder.usage(keys["nerc"], flood, next(numbers)), answers),
        every(0.25, until, lambda: polite.usage(keys["blockbank"], other, next(numbers)), good),
        every(0.2, until, lambda: people.page("/finance", cookie), pages),
        every(0.2, until, lambda: anonymous.page("/sign-in"), signs))
    print(f"sent {len(answers) / options.seconds:.0f} requests/s; server {peak[0]} MiB before, {max(peak)} MiB at most")
    told("who floods", answers)
    told("another landlord", good)
    told("finance's page", pages)
    told("the page to sign in", signs)
    back = await recovery(port, cookie, max(took for _, took in before))
    print(f"back to normal after {'more than 60' if back is None else f'{back:.1f}'} s")
    crowd = await asyncio.gather(*(Client(port).page("/finance", cookie) for _ in range(options.people)))
    told(f"{options.people} first pages at once", crowd)


def call(data, *arguments):
    return subprocess.run([EXCHANGE, *arguments, "--data", data, "--json"], check=True, capture_output=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--times", type=float, default=3)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--cgroup", help="a group with a memory limit, which server and database join")
    options = parser.parse_args()
    data = tempfile.mkdtemp(prefix="exchange-overload-", dir="/var/tmp")
    os.chmod(data, 0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if options.cgroup:
        open(os.path.join(options.cgroup, "cgroup.procs"), "w").write(str(os.getpid()))
    server = None
    try:
        keys = {who: json.loads(call(
            data, "keys", "create", "--name", who, "--landlord", who, "--scope", "usage"))["key"]
            for who in ("nerc", "blockbank")}
        url = f"http://127.0.0.1:{port}"
        log = open(os.path.join(data, "server.log"), "w")
        server = subprocess.Popen([EXCHANGE, "serve", "--data", data, "--urls", url], stdout=log, stderr=log)
        if options.cgroup:  # Whoever sends is outside: the limit is the server's and its database's.
            parent = os.path.join(os.path.dirname(options.cgroup.rstrip("/")), "cgroup.procs")
            open(parent, "w").write(str(os.getpid()))
        asyncio.run(session(options, port, keys, data, url, server))
    finally:
        if server:
            server.terminate()
            print(f"the server ended with {server.wait(60)}")
            failed = [said for said in open(os.path.join(data, "server.log")) if "fail:" in said or "crit:" in said]
            print(f"{len(failed)} failures in its log", *(said[:300] for said in failed[:3]))
        if options.cgroup:
            of = {name: open(os.path.join(options.cgroup, f"memory.{name}")).read() for name in (
                "max_usage_in_bytes", "oom_control")}
            print(f"the group held {int(of['max_usage_in_bytes']) >> 20} MiB at most; killed in it:",
                  re.search(r"oom_kill (\d+)", of["oom_control"])[1])
        subprocess.run([EXCHANGE, "stop", "--data", data], capture_output=True)
        shutil.rmtree(data)


async def session(options, port, keys, data, url, server):
    for _ in range(600):
        if server.poll() is not None or (await Client(port).page("/health/ready"))[0] == 200:
            break
        await asyncio.sleep(0.1)
    link = json.loads(call(data, "sign-in-link", "--as", "finance", "--urls", url))
    path = next(value for value in link.values() if isinstance(value, str) and "http" in value)[len(url):]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode("latin-1")
    cookie = "; ".join(re.findall(r"(?i)set-cookie: ([^;\r\n]+)", answer))
    if (await Client(port).page("/finance", cookie))[0] != 200:
        sys.exit(f"Nobody is signed in: {answer[:300]}")
    await run(options, port, keys, cookie, server.pid)


if __name__ == "__main__":
    main()
