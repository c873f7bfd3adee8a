"""Against a real exchange: the test PythonClient of the repository starts one and says where it is."""

from __future__ import annotations

import http.server
import os
import threading
import unittest
import urllib.request
from decimal import Decimal

from exchange_client import (
    BadRequest, Client, Forbidden, Money, NotFound, PreconditionFailed, Quantity, Unauthorized, Unprocessable,
    Unreachable,
)
from exchange_client import decoding
from exchange_client.transport import Transport

URL = os.environ["EXCHANGE_URL"]


def client(scope: str, **options: object) -> Client:
    return Client(options.pop("url", URL), os.environ[f"EXCHANGE_KEY_{scope}"], **options)


def event(number: int, **shape: object) -> dict:
    return {
        "specversion": "1.0", "id": f"python-{number}", "source": "urn:python", "subject": f"vm-python-{number}",
        "type": "exchange.usage.interval.v1", "time": "2026-11-02T01:00:00Z",
        "data": {
            "landlord": "nerc", "cluster": "stack", "project": "p-ada", "kind": "vm", "state": "running",
            "from": "2026-11-02T00:00:00Z", "to": "2026-11-02T01:00:00Z",
            "shape": shape or {"vcpu": 1, "ram_mib": Decimal("4096")},
        },
    }


class Answers(unittest.TestCase):
    def test_amounts_are_exact(self) -> None:
        """4 and 800 vCPUs for ten days, at 0.013 for a core with its 4 GiB an hour: 12.48 and 2,496.00."""
        read = client("READ")
        charges = list(read.get_charges(month="2026-10"))
        self.assertEqual(sum(one.amount for one in charges), Money("2508.48"))
        of_ada = next(one for one in charges if one.project == "p-ada")
        self.assertEqual(of_ada.quantity, Quantity("960", of_ada.quantity.unit))
        self.assertEqual(of_ada.rate.amount, Decimal("0.013"))
        self.assertIsInstance(of_ada.amount.amount, Decimal)
        costs = read.get_costs(from_="2026-10-01", to="2026-11-01", group_by=["project"])
        self.assertEqual(costs.total.cost, Money("2508.48"))
        self.assertEqual(
            {one.project: str(one.cost) for one in read.costs(from_="2026-10-01", group_by=["project"], limit=1)},
            {"p-ada": "12.48 USD", "p-ben": "2496.00 USD"})

    def test_pages_are_fetched_when_they_are_needed(self) -> None:
        asked: list = []
        read = client("READ", on_answer=lambda *one: asked.append(one))
        charges = iter(read.get_charges(month="2026-10", limit=1))
        first = next(charges)
        self.assertEqual(len(asked), 1)
        whole = [first, *charges]
        self.assertEqual(whole, list(read.get_charges(month="2026-10")))
        page = read.get_charges(month="2026-10", limit=1).first()
        self.assertEqual(list(read.get_charges(month="2026-10", cursor=page.next)), whole[1:])

    def test_what_was_read_before_does_not_come_again(self) -> None:
        statuses: list = []
        read = client("READ", on_answer=lambda method, url, status: statuses.append(status))
        self.assertEqual(read.get_programmes().first(), read.get_programmes().first())
        self.assertEqual(statuses, [200, 304])

    def test_files_come_as_they_are(self) -> None:
        read = client("READ")
        number = next(iter(read.get_invoices(month="2026-10"))).number
        self.assertTrue(read.get_invoice_pdf(number).content.startswith(b"%PDF-"))
        file = read.get_export("charges", month="2026-10")
        self.assertEqual((file.type, file.name), ("text/csv", "charges-2026-10.csv"))
        self.assertIn("12.48", file.text)


class Acts(unittest.TestCase):
    def test_usage_counts_once(self) -> None:
        sends = client("USAGE")
        events = [event(number) for number in range(2_500)]
        self.assertEqual(sends.send_usage(iter(events)).accepted, 2_500)
        again = sends.send_usage([*events, event(2_500, vcpu="many")])
        self.assertEqual((again.accepted, again.duplicate, again.quarantined), (0, 2_500, 1))
        with self.assertRaisesRegex(TypeError, "0.1 is a float"):
            sends.send_usage([event(2_501, vcpu=0.1)])

    def test_an_act_whose_answer_was_lost_is_done_once(self) -> None:
        """The first answer is thrown away on its way; what is sent again with the same key is answered as it was."""
        with Lossy() as proxy:
            pays = client("FINANCE", url=proxy.url, sleep=lambda _: None)
            paid = pays.record_payment(
                account="pi:ben@mit.edu", reference="wire-python", amount=Money("20.00"), date="2026-11-03")
            self.assertEqual((proxy.seen, paid.is_new), (2, True))
        statement = client("FINANCE").get_account("pi:ben@mit.edu").statement
        self.assertEqual([str(one.amount) for one in statement.lines if "wire-python" in one.document + one.what],
                         ["-20.00 USD"])

    def test_without_repeating_it_says_that_no_answer_came(self) -> None:
        with Lossy() as proxy, self.assertRaises(Unreachable):
            client("READ", url=proxy.url, tries=1).get_programmes().first()

    def test_an_edit_names_the_version_that_it_saw(self) -> None:
        writes = client("READ")
        made = writes.register_webhook(url="https://hooks.example.org/python", events=["month-closed"])
        webhook = next(one for one in writes.get_webhooks() if one.id == made.id)
        with self.assertRaises(PreconditionFailed):
            writes.remove_webhook(webhook.id, if_match="another")
        self.assertIsNone(writes.remove_webhook(webhook.id, if_match=webhook.version))
        self.assertNotIn(made.id, [one.id for one in writes.get_webhooks()])


class Refusals(unittest.TestCase):
    def test_each_is_an_exception_with_a_code_and_a_next_step(self) -> None:
        read = client("READ")
        for kind, code, call in (
            (NotFound, "access/not-there", lambda: read.get_invoice("PI-2026-9999")),
            (BadRequest, "usage/unknown-landlord", lambda: read.get_charges(
                month="2026-10", landlord="nrec").first()),
            (Forbidden, "access/not-yours", lambda: read.record_payment(account="pi:ben@mit.edu")),
            (Unauthorized, "access/no-key", lambda: Client(URL, "exchange_none").get_programmes().first()),
            (Unprocessable, "invoice/unknown", lambda: client("FINANCE").void_invoice(
                number="PI-2026-9999", reason="x")),
        ):
            with self.subTest(code), self.assertRaises(kind) as raised:
                call()
            self.assertEqual(raised.exception.code, code)
            self.assertTrue(raised.exception.detail)
            self.assertTrue(raised.exception.what_to_do)

    def test_a_slip_is_named(self) -> None:
        with self.assertRaisesRegex(BadRequest, "Did you mean 'nerc'"):
            client("READ").get_charges(month="2026-10", landlord="nrec").first()


class Values(unittest.TestCase):
    def test_a_float_is_no_amount(self) -> None:
        for wrong in (0.1, True, None, "many", "NaN"):
            with self.subTest(wrong), self.assertRaises((TypeError, ValueError)):
                Money(wrong)

    def test_two_currencies_do_not_add_up(self) -> None:
        self.assertEqual(Money("0.10") + Money("0.20"), Money("0.30"))
        with self.assertRaises(ValueError):
            Money("1", "USD") + Money("1", "EUR")

    def test_no_number_of_an_answer_is_a_float(self) -> None:
        self.assertEqual(decoding.read(b'{"a": 0.1, "b": 3}'), {"a": Decimal("0.1"), "b": 3})

    def test_a_key_is_not_sent_in_the_open(self) -> None:
        with self.assertRaisesRegex(ValueError, "whoever listens"):
            Transport("http://exchange.example.org", "key")
        self.assertNotIn("secret", repr(Transport(URL, "secret")))


class Lossy(http.server.ThreadingHTTPServer):
    """Passes requests on, and ends the connection instead of the first answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), LossyHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.seen = 0
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    def __enter__(self) -> "Lossy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class LossyHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._pass(None)

    def do_POST(self) -> None:
        self._pass(self.rfile.read(int(self.headers["Content-Length"])))

    def _pass(self, body: "bytes | None") -> None:
        request = urllib.request.Request(URL + self.path, data=body, method=self.command, headers={
            name: value for name, value in self.headers.items() if name not in ("Host", "Content-Length", "Connection")
        })
        self.server.seen += 1
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        if self.server.seen == 1:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name not in ("Transfer-Encoding", "Connection"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    unittest.main()
