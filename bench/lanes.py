#!/usr/bin/env python3
"""Measures an exchange whose readings live in lanes: several servers, several Postgres, all on this machine.

Needs a built tree and Postgres. It leaves nothing behind.

  bench/lanes.py scale [--seconds 20]   what a reading costs with 1, 2 and 3 servers and a database each
  bench/lanes.py chaos [--seconds 90]   12 lanes on 3 Postgres, 3 servers: kill -9, STOP, moves, a lane put back; counted as users see it
  bench/lanes.py many [--lanes 100]    many lanes: two hours of --vms 1000000, one command, and its memory

With --cluster servers know each other, and each lane has an owner (exchange serve --cluster).
"""
import argparse, collections, json, os, random, shutil, signal, socket, subprocess, sys, tempfile, threading, time
import http.client, pwd

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXCHANGE = os.environ.get("EXCHANGE_PROGRAM", os.path.join(ROOT, "artifacts/bin/Portal/release/exchange"))
LINES = 1000
COUNTED, METER = 100, "images_made"
BIN = sorted(d for d in (f"/usr/lib/postgresql/{v}/bin" for v in os.listdir("/usr/lib/postgresql"))
             if os.path.exists(f"{d}/initdb"))[-1]
TICK = os.sysconf("SC_CLK_TCK")


def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def cpu(pid):
    """Processor seconds of a process and of its children."""
    total = 0.0
    for one in [pid] + children(pid):
        try:
            fields = open(f"/proc/{one}/stat").read().rsplit(")", 1)[1].split()
            total += sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICK
        except OSError:
            pass
    return total


def children(pid):
    try:
        return [int(one) for one in open(f"/proc/{pid}/task/{pid}/children").read().split()]
    except OSError:
        return []


def peak(pid):
    return next(int(line.split()[1]) / 1024 for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM"))


class Postgres:
    """A server of databases in a directory of its own; root runs it as postgres."""

    def __init__(self, at, name):
        self.data, self.port = os.path.join(at, name), free()
        self.words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        self.log = open(os.path.join(at, f"{name}.log"), "w")
        self.do("initdb", "-D", self.data, "-U", "exchange", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust")
        self.process = subprocess.Popen(
            [*self.words, f"{BIN}/postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
             "-c", f"unix_socket_directories={at}", "-c", "max_connections=600", "-c", "shared_buffers=256MB",
             "-c", "max_wal_size=4GB"], stdout=self.log, stderr=self.log)
        while subprocess.run([f"{BIN}/pg_isready", "-h", "127.0.0.1", "-p", str(self.port)],
                             capture_output=True).returncode:
            time.sleep(0.1)

    def do(self, tool, *words):
        subprocess.run([*self.words, f"{BIN}/{tool}", *words], check=True, stdout=self.log, stderr=self.log)

    def make(self, database):
        self.do("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "exchange", database)
        return f"Host=127.0.0.1;Port={self.port};Username=exchange;Database={database}"

    def cpu(self):
        """Processor seconds of it and of those that it had and has, as the kernel adds them up."""
        return cpu(self.process.pid)

    def ask(self, database, sql):
        return subprocess.run(
            [f"{BIN}/psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "exchange", "-d", database, "-Atc", sql],
            check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


class World:
    """Postgres servers, lanes of landlords, and servers of the exchange."""

    def __init__(self, at, databases, lanes, home=False, cluster=False):
        self.at, self.servers, self.keys, self.cluster, self.known = at, [], {}, cluster, {}
        self.postgres = [Postgres(at, f"pg{n}") for n in range(databases)]
        self.ledger = self.postgres[0].make("ledger")
        self.landlords = [f"landlord-{n}" for n in range(lanes)]
        named = [(f"lane-{n}", self.postgres[n % databases].make(f"lane_{n}")) for n in range(lanes)]
        self.file = os.path.join(at, "databases.yaml")
        self.write(named)
        for name, _ in named:
            self.run("lanes", "add", name, "--in", name)
        first = os.path.join(at, "first.json")  # Who is to be spread must be known.
        with open(first, "wb") as file:
            file.write(b"\n".join(body(one, 0).split(b"\n", 1)[0] for one in self.landlords))
        self.run("ingest", first)
        if not home:
            self.run("lanes", "spread")
        self.keys = {} if home else {landlord: json.loads(self.run(
            "keys", "create", "--name", landlord, "--landlord", landlord, "--scope", "usage", "--json"))["key"]
            for landlord in self.landlords}

    def write(self, named):
        self.named = named
        with open(self.file, "w") as file:
            json.dump({"databases": [{"name": name, "connection": to} for name, to in named]}, file)
        os.chmod(self.file, 0o600)

    def environment(self):
        return {**os.environ, "EXCHANGE_DATABASES": self.file, "EXCHANGE_HOME": ROOT}

    def run(self, *words, fails=False):
        done = subprocess.run(
            [EXCHANGE, *words, "--data", os.path.join(self.at, "cli"), "--database", self.ledger],
            capture_output=True, text=True, env=self.environment())
        if bool(done.returncode) != fails:
            sys.exit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr if fails else done.stdout

    def database_of(self, lane):
        """The name of a lane's database, and the Postgres that it is on."""
        said = dict(part.split("=") for part in dict(self.named)[lane].split(";"))
        return said["Database"], next(one for one in self.postgres if one.port == int(said["Port"]))

    def measured(self, *words):
        """Processor seconds of a command, how much memory it had at most, and processor seconds of Postgres."""
        before = sum(one.cpu() for one in self.postgres)
        process = subprocess.Popen(
            [EXCHANGE, *words, "--data", os.path.join(self.at, "cli"), "--database", self.ledger],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.environment())
        said = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        if status:
            sys.exit(said)
        databases = sum(one.cpu() for one in self.postgres) - before
        return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, databases

    def serve(self, place=None):
        port = free() if place is None else self.servers[place][1]
        log = open(os.path.join(self.at, f"server-{port}.log"), "a")
        shared = ["--cluster", f"127.0.0.1:{self.known.setdefault(port, free())}"] if self.cluster else []
        process = subprocess.Popen(
            [EXCHANGE, "serve", "--urls", f"http://127.0.0.1:{port}", "--data", os.path.join(self.at, f"data-{port}"),
             "--database", self.ledger, *shared], stdout=log, stderr=log, env=self.environment())
        while not ready(port):
            if process.poll() is not None:
                sys.exit(open(log.name).read())
            time.sleep(0.1)
        if place is None:
            self.servers.append((process, port))
        else:
            self.servers[place] = (process, port)

    def settle(self):
        """Waits until each lane has an owner, where servers know each other."""
        lanes = len(self.named) + 1
        while self.cluster and sum(len(owned(port)) for _, port in self.servers) != lanes:
            time.sleep(0.1)

    def end(self):
        self.stop_servers()
        for one in self.postgres:
            one.stop()

    def stop_servers(self):
        for process, _ in self.servers:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def ready(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False


def owned(port):
    """The lanes that a server owns."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/health/ready")
    said = connection.getresponse().read().decode().strip()
    return [] if "owns" not in said or "no lane" in said else said.split("owns ")[1].split(", ")


def body(landlord, batch, vms=10_000, hour=None, counted=False):
    """A thousand hourly readings of VMs; each batch other VMs, or another hour. Counted: each counts one image made, too."""
    first = (batch * LINES) % vms
    hour = batch * LINES // vms if hour is None else hour
    start = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(1_790_812_800 + hour * 3600))
    end = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(1_790_812_800 + (hour + 1) * 3600))
    line = ('{"specversion":"1.0","id":"%08x-0000-4000-8000-%012x","source":"urn:bench:' + landlord +
            '","subject":"vm-%d","type":"exchange.usage.interval.v1","time":"' + end +
            '","data":{"landlord":"' + landlord + '","cluster":"stack","project":"p-%d","kind":"vm",'
            '"state":"running","from":"' + start + '","to":"' + end + '","shape":{"vcpu":"4","ram_mib":"16384"}}}')
    lines = [line % (batch, n, first + n, n % 50) for n in range(LINES)]
    if counted:  # What is counted twice shows in a sum; the time of a VM does not, however often it is told.
        lines += ['{"specversion":"1.0","id":"c-%d-%d","source":"urn:bench:%s","subject":"vm-%d","time":"%s",'
                  '"type":"exchange.usage.count.v1","data":{"landlord":"%s","cluster":"stack","project":"p-%d",'
                  '"kind":"vm","meter":"%s","quantity":"1"}}' % (
                      batch, n, landlord, first + n, start, landlord, n % 50, METER) for n in range(COUNTED)]
    return "\n".join(lines).encode()


class Sender(threading.Thread):
    """Sends batches, each until it is taken; to whichever server is chosen for it."""

    def __init__(self, world, choose, make, over):
        super().__init__(daemon=True)
        self.world, self.choose, self.make, self.over = world, choose, make, over
        self.counts, self.gaps, self.last, self.connections = collections.Counter(), [], None, {}

    def run(self):
        while not self.over.is_set():
            made = self.make()
            if made is None:
                return
            landlord, data = made
            while True:
                status = self.post(self.choose(landlord), landlord, data)
                self.counts[status] += 1
                if status == 202:
                    now = time.monotonic()
                    self.gaps.append((now, now - (self.last or now)))
                    self.last = now
                    break
                time.sleep(0.1)

    def post(self, port, landlord, data):
        try:
            connection = self.connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=30))
            connection.request("POST", "/v1/usage", data, {
                "Authorization": f"Bearer {self.world.keys[landlord]}", "Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 202:
                return f"{answer.status} {json.loads(text).get('code') if text[:1] == b'{' else ''}"
            return 202
        except (OSError, http.client.HTTPException):
            self.connections.pop(port, None)
            return "no answer"


def send(world, senders, seconds):
    for one in senders:
        one.start()
    time.sleep(seconds)
    senders[0].over.set()
    for one in senders:
        one.join()
    counts = collections.Counter()
    for one in senders:
        counts += one.counts
    return counts


def scale(at, options):
    print(f"load of the machine {os.getloadavg()[0]:.1f}\n")
    print("| servers, a database each | who sends where | readings | readings/s | server CPU µs a reading | Postgres CPU µs |"
          "\n|---|---|---|---|---|---|", flush=True)
    for count in (1, 2, 3):
        for how in ("a landlord to its server", "anybody to anybody") if count > 1 else ("to the one",):
            place = tempfile.mkdtemp(dir=at)
            os.chmod(place, 0o777)
            world = World(place, count, count, cluster=options.cluster)
            try:
                for _ in range(count):
                    world.serve()
                ports = [port for _, port in world.servers]
                made = {landlord: iter(range(10**9)) for landlord in world.landlords}
                chance, lock = random.Random(1), threading.Lock()

                def make(landlord):
                    with lock:
                        batch = next(made[landlord])
                    return landlord, body(landlord, batch)

                def choose(landlord):
                    return ports[world.landlords.index(landlord)] if how[0] == "a" and how[1] == " " else chance.choice(ports)

                def measured(seconds):
                    over = threading.Event()
                    senders = [Sender(world, choose, lambda l=l: make(l), over) for l in world.landlords]
                    before = [cpu(p.pid) for p, _ in world.servers], [cpu(p.process.pid) for p in world.postgres]
                    start = time.monotonic()
                    counts = send(world, senders, seconds)
                    took = time.monotonic() - start
                    after = [cpu(p.pid) for p, _ in world.servers], [cpu(p.process.pid) for p in world.postgres]
                    return counts[202] * LINES, took, *(sum(b) - sum(a) for a, b in zip(before, after))

                world.settle()
                measured(8)  # A server that has just started compiles.
                readings, took, servers, postgres = measured(options.seconds)
                print(f"| {count} | {how} | {readings:,} | {readings / took:,.0f} | {servers / readings * 1e6:.2f} | "
                      f"{postgres / readings * 1e6:.2f} |", flush=True)
            finally:
                world.end()
                shutil.rmtree(place, ignore_errors=True)


def chaos(at, options):
    world = World(at, 3, 12, cluster=options.cluster)
    try:
        for _ in range(3):
            world.serve()
        ports, over, lock = [port for _, port in world.servers], threading.Event(), threading.Lock()
        chance, made, again = random.Random(7), {one: iter(range(10**9)) for one in world.landlords}, []
        sent = collections.Counter()

        def make():
            """A fresh batch, or now and then one that was sent before, whole."""
            with lock:
                if again and chance.random() < 0.2:
                    return chance.choice(again)
                landlord = chance.choice(world.landlords)
                batch = next(made[landlord])
                sent[landlord] += 1
            done = landlord, body(landlord, batch, vms=3_000, counted=True)
            with lock:
                again.append(done)
                del again[:-200]
            return done

        senders = [Sender(world, lambda _: chance.choice(ports), make, over) for _ in range(4)]
        for one in senders:
            one.start()
        print(f"load of the machine {os.getloadavg()[0]:.1f}\n\n| event | longest without an answer of 202, of all senders | "
              "answers |\n|---|---|---|", flush=True)
        seconds = options.seconds / 6

        def event(name, act):
            start, before = time.monotonic(), sum((one.counts for one in senders), collections.Counter())
            act()
            time.sleep(seconds)
            taken = sorted(at for one in senders for at, _ in list(one.gaps) if at > start)
            gap = max((b - a for a, b in zip([start, *taken], [*taken, time.monotonic()])), default=0)
            said = sum((one.counts for one in senders), collections.Counter()) - before
            print(f"| {name} | {gap:.1f} s | {', '.join(f'{k}: {v}' for k, v in sorted(said.items(), key=str))} |",
                  flush=True)

        def kill():
            process, port = world.servers[0]
            process.kill()
            process.wait()
            time.sleep(2)
            world.serve(0)

        def pause():
            world.servers[1][0].send_signal(signal.SIGSTOP)
            time.sleep(options.stop)
            world.servers[1][0].send_signal(signal.SIGCONT)

        def freeze():
            """A server of databases stands still: its lanes wait, the others go on."""
            stopped = [world.postgres[2].process.pid, *children(world.postgres[2].process.pid)]
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(options.seconds / 6)
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

        def join():
            world.serve()
            ports.append(world.servers[-1][1])

        def landlord():
            lives = next(one["name"] for one in json.loads(world.run("lanes", "list", "--json"))
                         if "landlord-3" in one["landlords"])
            world.run("lanes", "move", "landlord-3", "--to", "lane-7" if lives != "lane-7" else "lane-8")

        def lane():
            name, place = "lane-5", world.postgres[0].make("lane_5_next")
            world.write(world.named + [("lane-5-next", place)])
            world.run("lanes", "move", name, "--to", "lane-5-next")

        event("nothing happens", lambda: None)
        event("a server is killed, and started again 2 s later", kill)
        event(f"a server stands still for {options.stop} s (STOP)", pause)
        event("a fourth server joins", join)
        event("a landlord is moved into another lane", landlord)
        event("a lane is moved to another Postgres", lane)
        event(f"one of three Postgres stands still for {seconds:.0f} s (STOP)", freeze)
        over.set()
        for one in senders:
            one.join()
        check(world, sum(sent.values()) * LINES, sum(sent.values()) * COUNTED)
        roll_back(world, "lane-2")
    finally:
        world.end()


def check(world, hours, counted=0):
    """What users see of all that was sent, each reading once; and how many readings the lanes hold for that."""
    start = time.monotonic()
    used = {"vm": 0, METER: 0}
    for month in ("2026-10", "2026-11"):
        for one in json.loads(world.run("rate", "--month", month, "--json"))["unpriced"]:
            used[one["what"] or one["kind"]] += float(one["quantity"])
    if used != {"vm": hours, METER: counted}:
        sys.exit(f"{hours:,} hours of VMs and {counted:,} counts were sent, and rating tells {used}.")
    took = time.monotonic() - start
    listed = json.loads(world.run("lanes", "list", "--json"))
    held = sum(one["readings"] for one in listed)
    print(f"\n{hours:,} hours of VMs and {counted:,} counts were sent, and 'exchange rate' tells just these ({took:.1f} s for "
          f"two months); {sum(len(one['landlords']) for one in listed)} landlords live in {len(listed)} lanes, which hold "
          f"{held - hours - counted:,} readings more, left where their landlords lived before")
    start = time.monotonic()
    print(f"{world.run('verify').strip()} ('verify': {time.monotonic() - start:.1f} s)", flush=True)


def roll_back(world, lane):
    """A lane's database is put back to what it was some blocks ago, as after a restore of an old backup."""
    def seals():
        return int(world.postgres[0].ask(
            "ledger", "select count(*) from journal.mt_events where stream_id like 'laneheads-%'"))

    (name, at), known, until = world.database_of(lane), seals(), time.monotonic() + 90
    while seals() == known and time.monotonic() < until:
        time.sleep(0.5)  # Some server seals the ends each minute; what came since then nobody could name.
    world.stop_servers()
    at.ask(name, """
        update metering.head set number = number - 3, epoch = epoch + 1,
          hash = (select hash from metering.block b where b.number = head.number - 3);
        update metering.folded set number = 0;
        truncate metering.page, metering.place, metering.block_pages, metering.key_run, metering.key_page,
          metering.key_filter, metering.correction_block, metering.corrected;
        update metering.head set flushed = 0;
        delete from metering.block where number > (select number from metering.head);
        delete from metering.block_note where number > (select number from metering.head)""")
    said = world.run("verify", fails=True)
    if f"of lane {lane}" not in said or "went back" not in said:
        sys.exit(f"'verify' does not name {lane}, which went back: {said}")
    print(f"{lane} was put back by three blocks, and 'verify' says: "
          f"{next(line for line in said.splitlines() if 'went back' in line)[:160]} …", flush=True)


def many(at, options):
    world = World(at, 1, options.lanes, home=True)
    try:
        each = options.vms // options.lanes
        files = []
        for hour in (0, 1):
            files.append(os.path.join(at, f"hour-{hour}.json"))
            with open(files[-1], "wb") as file:
                for landlord in world.landlords:
                    for n in range(each // LINES):
                        file.write(body(landlord, n + hour * each // LINES, vms=each, hour=hour) + b"\n")
        start = time.monotonic()
        world.run("lanes", "spread")
        print(f"load of the machine {os.getloadavg()[0]:.1f}; {options.lanes} landlords spread over as many lanes in "
              f"{time.monotonic() - start:.1f} s", flush=True)
        for hour, file in enumerate(files):
            start = time.monotonic()
            took = world.measured("ingest", file)
            print(f"hour {hour + 1} of {options.vms:,} VMs in {options.lanes} lanes: {time.monotonic() - start:.1f} s with folding, "
                  f"CPU of the command {took[0]:.1f} s, of Postgres {took[2]:.1f} s, its peak {took[1]:.0f} MiB; "
                  f"load {os.getloadavg()[0]:.1f}", flush=True)
        check(world, 2 * options.vms)
    finally:
        world.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["scale", "chaos", "many"])
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--stop", type=int, default=60, help="how long a server stands still, in seconds")
    parser.add_argument("--cluster", action="store_true", help="each lane has an owner among the servers")
    parser.add_argument("--vms", type=int, default=1_000_000)
    parser.add_argument("--lanes", type=int, default=100)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("It was stopped."))
    at = tempfile.mkdtemp(prefix="exchange-lanes-", dir="/var/tmp")
    os.chmod(at, 0o777)
    try:
        {"scale": scale, "chaos": chaos, "many": many}[options.what](at, options)
    finally:
        shutil.rmtree(at, ignore_errors=True)


if __name__ == "__main__":
    main()
