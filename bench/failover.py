#!/usr/bin/env python3
"""Runs docs/operating/high-availability.md with a real Patroni and etcd, and says what clients of an exchange saw.

Needs a built tree and Debian's packages patroni, etcd-server and postgresql; --root names a directory into which they
were unpacked ('dpkg -x') where they are not to be installed. It leaves nothing behind.

  bench/failover.py [--root DIR] [--seconds 12]
"""
import argparse, collections, json, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time
import urllib.error, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXCHANGE = os.path.join(ROOT, "artifacts/bin/Portal/release/exchange")
LINES = 100
TTL, LOOP, RETRY = 20, 5, 5


def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Node:
    """A Patroni with its Postgres."""

    def __init__(self, name, at, etcd, bin_dir, run):
        self.name, self.run, self.port, self.rest = name, run, free(), free()
        self.data, self.file = os.path.join(at, name), os.path.join(at, f"{name}.yml")
        self.log, self.process = os.path.join(at, f"{name}.log"), None
        with open(self.file, "w") as file:
            json.dump({
                "scope": "exchange", "name": name, "etcd3": {"host": f"127.0.0.1:{etcd}"},
                "restapi": {"listen": f"127.0.0.1:{self.rest}", "connect_address": f"127.0.0.1:{self.rest}"},
                "bootstrap": {
                    "dcs": {"ttl": TTL, "loop_wait": LOOP, "retry_timeout": RETRY, "synchronous_mode": True,
                            "postgresql": {"use_pg_rewind": True, "parameters": {"wal_log_hints": "on"}}},
                    "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"]},
                "postgresql": {
                    "listen": f"127.0.0.1:{self.port}", "connect_address": f"127.0.0.1:{self.port}",
                    "data_dir": self.data, "bin_dir": bin_dir, "pgpass": os.path.join(at, f"{name}.pgpass"),
                    "parameters": {"unix_socket_directories": at},
                    "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                               "host replication all 127.0.0.1/32 trust"],
                    "authentication": {"superuser": {"username": "postgres", "password": "x"},
                                       "replication": {"username": "replicator", "password": "x"},
                                       "rewind": {"username": "rewinder", "password": "x"}}}}, file)
        os.chmod(self.file, 0o644)

    def start(self):
        self.process = self.run(["patroni", self.file], open(self.log, "a"))

    def kill(self):
        """The machine is gone: Patroni and Postgres at once."""
        pids = [self.process.pid] + self.postgres()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def postgres(self):
        try:
            return [int(open(os.path.join(self.data, "postmaster.pid")).readline())]
        except (OSError, ValueError):
            return []

    def ask(self, path, body=None):
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.rest}{path}", None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_in(self, role):
        return self.ask(f"/{role}")[0] == 200


def wait(what, is_so, seconds=90):
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            sys.exit(f"It did not come to this in {seconds} s: {what}")
        time.sleep(0.2)


class Senders:
    """Clients that repeat each batch until it is taken, and when what was answered."""

    def __init__(self, url, key, clients=3):
        self.url, self.key, self.said, self.batches = url, key, [], 0
        self.over, self.lock = False, threading.Lock()
        self.threads = [threading.Thread(target=self.send, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def send(self):
        while not self.over:
            with self.lock:
                self.batches += 1
                batch = self.batches
            body = "\n".join(json.dumps({
                "specversion": "1.0", "id": f"{batch}-{n}", "source": "urn:failover", "subject": f"vm-{n}",
                "type": "exchange.usage.interval.v1", "time": "2026-10-01T01:00:00Z", "data": {
                    "landlord": "nerc", "cluster": "stack", "project": f"p-{n % 9}", "kind": "vm", "state": "running",
                    "from": "2026-10-01T00:00:00Z", "to": "2026-10-01T01:00:00Z",
                    "shape": {"vcpu": "4"}}}) for n in range(LINES)).encode()
            while self.post(body) != "202":
                time.sleep(0.1)

    def post(self, body):
        asked = urllib.request.Request(f"{self.url}/v1/usage", body, {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"})
        try:
            with urllib.request.urlopen(asked, timeout=100) as answer:
                status = str(answer.status)
        except urllib.error.HTTPError as error:
            status = f"{error.code} {json.loads(error.read()).get('code')}"
        except OSError:
            status = "no answer"
        with self.lock:
            self.said.append((time.monotonic(), status))
        return status

    def between(self, start, end):
        """What was told from start to end, and the longest time in which nothing was taken."""
        with self.lock:
            here = [(at, status) for at, status in self.said if start <= at <= end]
        taken = [start] + [at for at, status in here if status == "202"] + [end]
        return collections.Counter(status for _, status in here), max(b - a for a, b in zip(taken, taken[1:]))

    def end(self):
        self.over = True
        for thread in self.threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", default="/")
    parser.add_argument("--seconds", type=int, default=12, help="how long it goes on after each event is healed")
    options = parser.parse_args()
    at = tempfile.mkdtemp(prefix="exchange-failover-", dir="/var/tmp")
    os.chmod(at, 0o755)
    shutil.chown(at, "postgres", "postgres")
    bin_dir = sorted(d for d in (f"/usr/lib/postgresql/{v}/bin" for v in os.listdir("/usr/lib/postgresql"))
                     if os.path.exists(f"{d}/pg_basebackup"))[-1]
    environment = {**{k: v for k, v in os.environ.items() if not k.startswith(("PG", "PATRONI"))},
                   "PATH": f"{options.root}/usr/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": at,
                   "PYTHONPATH": f"{options.root}/usr/lib/python3/dist-packages",
                   "LD_LIBRARY_PATH": f"{options.root}/usr/lib/x86_64-linux-gnu"}

    def run(words, log):
        found = shutil.which(words[0], path=environment["PATH"])
        words = ["/usr/bin/env", "python3", found, *words[1:]] if words[0].startswith("patroni") else [
            found, *words[1:]]
        return subprocess.Popen(
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, cwd="/")

    started, nodes, server = [], [], None
    try:
        client, peer = free(), free()
        started.append(run(["etcd", "--data-dir", f"{at}/etcd", "--name", "one",
                            "--listen-client-urls", f"http://127.0.0.1:{client}",
                            "--advertise-client-urls", f"http://127.0.0.1:{client}",
                            "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
                            "--initial-cluster", f"one=http://127.0.0.1:{peer}"], open(f"{at}/etcd.log", "w")))
        nodes += [Node(name, at, client, bin_dir, run) for name in ("db1", "db2")]  # "first" is a word of its own there
        nodes[0].start()
        wait("the first is the primary", lambda: nodes[0].is_in("primary"))
        nodes[1].start()
        wait("the second is the synchronous standby", lambda: nodes[1].is_in("synchronous"))
        for sql in ("create role exchange login superuser", "create database exchange owner exchange"):
            subprocess.run([f"{bin_dir}/psql", "-h", "127.0.0.1", "-p", str(nodes[0].port), "-U", "postgres", "-c", sql],
                           check=True, capture_output=True)
        server = session(nodes, at, options)
    except SystemExit:
        for node in nodes:
            print(f"{node.name}: {node.ask('/patroni')[1]}", *open(node.log).readlines()[-8:], sep="\n", file=sys.stderr)
        raise
    finally:
        for node in nodes:
            if node.process and node.process.poll() is None:
                node.kill()
        for process in started:
            process.kill()
            process.wait()
        shutil.rmtree(at, ignore_errors=True)


def session(nodes, at, options):
    database = f"Host={','.join(f'127.0.0.1:{node.port}' for node in nodes)};Username=exchange;Database=exchange"
    port, data = free(), os.path.join(at, "data")
    url = f"http://127.0.0.1:{port}"
    common = ["--data", data, "--database", database]
    key = json.loads(subprocess.run(
        [EXCHANGE, "keys", "create", "--name", "n", "--landlord", "nerc", "--scope", "usage", "--json", *common],
        check=True, capture_output=True).stdout)["key"]
    log = open(os.path.join(at, "server.log"), "w")
    server = subprocess.Popen([EXCHANGE, "serve", "--urls", url, *common], stdout=log, stderr=log)
    try:
        def ready():
            try:
                return urllib.request.urlopen(f"{url}/health/ready", timeout=5).status == 200
            except OSError:
                return False
        wait("the server is ready", ready)
        senders = Senders(url, key)
        time.sleep(3)
        print(f"load of the machine {os.getloadavg()[0]:.1f}; ttl {TTL}, loop_wait {LOOP}, synchronous_mode on\n")
        print("| event | readings taken meanwhile | other answers | longest without an answer of 202 |\n|---|---|---|---|",
              flush=True)
        events(nodes, senders, options.seconds)
        senders.end()
        sent = senders.batches * LINES
        primary = next(node for node in nodes if node.is_in("primary"))
        stored = subprocess.run(
            ["psql", "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-d", "exchange", "-Atc",
             "select sum(readings) from metering.block"], check=True, capture_output=True, text=True).stdout.strip()
        verified = subprocess.run([EXCHANGE, "verify", *common], capture_output=True, text=True)
        print(f"\n{sent:,} readings were sent, {int(stored):,} are stored; 'exchange verify' ends with "
              f"{verified.returncode}")
        failures = [line for line in open(log.name) if "fail:" in line and "A request failed" in line]
        print(f"{len(failures)} faults in the server's log", *(line[:300] for line in failures[:2]))
        if int(stored) != sent or verified.returncode != 0:
            sys.exit(verified.stdout + verified.stderr)
    finally:
        server.terminate()
        server.wait(60)


def events(nodes, senders, seconds):
    def primary():
        return next((node for node in nodes if node.is_in("primary")), None)

    def other(than):
        return next(node for node in nodes if node is not than)

    def healed(than):
        wait("both are there again", lambda: primary() not in (None, than) and
             other(primary()).is_in("synchronous"))

    def event(name, act):
        before, start = primary(), time.monotonic()
        act(before)
        time.sleep(seconds)
        end = time.monotonic()
        said, gap = senders.between(start, end)
        others = ", ".join(f"{status}: {count}" for status, count in sorted(said.items()) if status != "202") or "none"
        print(f"| {name} | {said['202'] * LINES:,} | {others} | {gap:.1f} s |", flush=True)

    def switch(before):
        status, text = before.ask("/switchover", {"leader": before.name, "candidate": other(before).name})
        if status != 200:
            sys.exit(f"The switchover was refused: {status} {text}")
        healed(before)

    def crash(before):
        for pid in before.postgres():
            os.kill(pid, signal.SIGKILL)
        wait("there is a primary", lambda: primary() is not None)
        time.sleep(2)
        wait("both are there again", lambda: primary() is not None and other(primary()).is_in("synchronous"))

    def loss(before):
        before.kill()
        wait("the standby is the primary", lambda: other(before).is_in("primary"))
        time.sleep(5)
        before.start()
        healed(before)
    event("nothing happens", lambda _: None)
    event("switchover", switch)
    event("the primary's Postgres is killed, Patroni stays", crash)
    event("the primary's Postgres and Patroni are killed, and come back", loss)


if __name__ == "__main__":
    main()
