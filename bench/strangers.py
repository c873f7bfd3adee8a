#!/usr/bin/env python3
"""Measures whether the time of an answer tells a stranger what exists, in an exchange of its own. Needs a built tree.

Each pair is asked in turn, what is there and what is not, over one connection. What is printed beside the medians is how
often the answer about what is there took longer: half of the times where nothing is told. Nothing is left behind.

  bench/strangers.py [--times 2000]
"""
import argparse, http.client, json, os, random, shutil, socket, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXCHANGE = os.path.join(ROOT, "artifacts/bin/Portal/release/exchange")
PEER = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="  # The public key of the first test of RFC 8032.


def call(data, *arguments):
    return subprocess.run([EXCHANGE, *arguments, "--data", data, "--json"], check=True, capture_output=True).stdout


def took(client, method, path, body, headers):
    start = time.perf_counter()
    client.request(method, path, body, headers)
    answer = client.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - start


def measure(port, what, times, there, absent):
    client, took_by, statuses = http.client.HTTPConnection("127.0.0.1", port), ([], []), (set(), set())
    for n in range(times + 50):
        order = [0, 1]
        random.shuffle(order)
        for which in order:
            status, seconds = took(client, *(there, absent)[which]())
            statuses[which].add(status)
            if n >= 50:  # The first warm up.
                took_by[which].append(seconds)
    longer = sum(a > b for a, b in zip(*took_by)) / times
    medians = [statistics.median(one) * 1000 for one in took_by]
    print(f"{what:44} there {sorted(statuses[0])} {medians[0]:.3f} ms, not {sorted(statuses[1])} {medians[1]:.3f} ms, "
          f"longer {longer:.3f}", flush=True)


def bearer(key):
    return lambda: ("GET", "/v1/webhooks", None, {"Host": "localhost", "Authorization": f"Bearer {key}"})


def statement(peer, body):
    return lambda: ("POST", f"/v1/peers/{peer}/statements", body, {
        "Host": "localhost", "Content-Type": "application/x-ndjson"})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=2000)
    times = parser.parse_args().times
    data = tempfile.mkdtemp(prefix="exchange-strangers-", dir="/var/tmp")
    os.chmod(data, 0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = None
    try:
        key, revoked, other = (json.loads(call(
            data, "keys", "create", "--name", name, "--landlord", "nerc", "--scope", "read")) for name in "abc")
        call(data, "keys", "revoke", revoked["id"])
        call(data, "peers", "admit", "mit", "--known-as", "nerc", "--url", "https://mit.example.org", "--key", PEER,
             "--landlord", "nerc", "--from", "2026-10")
        log = open(os.path.join(data, "server.log"), "w")
        server = subprocess.Popen(
            [EXCHANGE, "serve", "--data", data, "--urls", f"http://127.0.0.1:{port}"], stdout=log, stderr=log)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        print(f"load of the machine {os.getloadavg()[0]:.1f}, {times} times each")
        unknown = bearer(f"exchange_{'0' * 13}_{'a' * 43}")
        signed = '{"statement":"exchange-statement/1"}\n{"signature":"%s"}\n' % ("A" * 86 + "==")
        measure(port, "the same twice", times, unknown, unknown)
        measure(port, "a key with another secret, and none", times, bearer(f"exchange_{key['id']}_{'a' * 43}"), unknown)
        measure(port, "a key that was revoked, and none", times, bearer(revoked["key"]), unknown)
        measure(port, "a peer and a name, nothing signed", times, statement("mit", "{}"), statement("mot", "{}"))
        measure(port, "a peer and a name, signed by another", times, statement("mit", signed), statement("mot", signed))
        elsewhere = {"Host": "localhost", "X-Forwarded-For": "192.0.2.1"}
        measure(port, "what is measured, and no such page", times, lambda: ("GET", "/metrics", None, elsewhere),
                lambda: ("GET", "/nothing", None, elsewhere))
    finally:
        if server:
            server.terminate()
            server.wait(60)
        subprocess.run([EXCHANGE, "stop", "--data", data], capture_output=True)
        shutil.rmtree(data)


if __name__ == "__main__":
    sys.exit(main())
