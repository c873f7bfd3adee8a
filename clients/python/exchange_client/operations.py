"""Every route of the exchange for programs, as a method.

Written by generate.py from the OpenAPI document of the exchange; never by hand.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, List, Optional, Union
from urllib.parse import quote

from . import models
from .pages import Page, Pages
from .routes import Routes
from .values import File, Money


class Operations(Routes):
    """The routes; a client is one of these with a key."""

    def accept_agreement(
        self, id: str, *, if_match: str, landlord: Optional[str] = None, for_: Optional[str] = None,
        because: Optional[str] = None, until: Optional[str] = None, from_: Optional[str] = None,
        project: Optional[str] = None, rate: Optional[Decimal] = None, sku: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.DealDetails:
        """Accepts what the other side proposed: POST /v1/agreements/{id}/accept."""
        path = f"/v1/agreements/{quote(id, safe='')}/accept"
        query = {"landlord": landlord}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "rate": rate,
            "sku": sku,
        }
        return self._act(
            models.DealDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def accept_late_adjustments(
        self, *, month: Optional[str] = None, seen: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.LateAdjustments:
        """Says that the next close bills what came to such a month: POST /v1/adjustments/accept."""
        path = "/v1/adjustments/accept"
        query = {}
        sent = {"month": month, "seen": seen}
        return self._act(models.LateAdjustments, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def accept_lease(
        self, id: str, *, if_match: str, for_: Optional[str] = None, because: Optional[str] = None,
        until: Optional[str] = None, from_: Optional[str] = None, project: Optional[str] = None,
        per_hour: Optional[Decimal] = None, idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Accepts what the other side proposed: POST /v1/leases/{id}/accept."""
        path = f"/v1/leases/{quote(id, safe='')}/accept"
        query = {}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "perHour": per_hour,
        }
        return self._act(
            models.LeaseDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def accept_statement(
        self, payee: str, month: str, *, line: Optional[int] = None, because: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.PayeeStatement:
        """Records that a payee accepts a statement: POST /v1/payouts/{payee}/{month}/accept."""
        path = f"/v1/payouts/{quote(payee, safe='')}/{quote(month, safe='')}/accept"
        query = {}
        sent = {"line": line, "because": because}
        return self._act(models.PayeeStatement, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def accrue_month(
        self, *, month: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.AccruedMonth:
        """Posts what was used in an open month and is not billed yet: POST /v1/ledger/accruals."""
        path = "/v1/ledger/accruals"
        query = {}
        sent = {"month": month}
        return self._act(models.AccruedMonth, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def admit_peer(
        self, *, name: Optional[str] = None, known_as: Optional[str] = None, url: Optional[str] = None,
        key: Optional[str] = None, pi: Optional[str] = None, landlord: Optional[str] = None,
        from_: Optional[str] = None, metered: Optional[bool] = None, idempotency_key: Optional[str] = None,
    ) -> models.PeerRow:
        """Admits another exchange by its key, or agrees otherwise with it: POST /v1/peers."""
        path = "/v1/peers"
        query = {}
        sent = {
            "name": name, "knownAs": known_as, "url": url, "key": key, "pi": pi, "landlord": landlord, "from": from_,
            "metered": metered,
        }
        return self._act(models.PeerRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def answer_peer_dispute(
        self, peer: str, number: str, *, because: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.DisputeRow:
        """Says what came of another exchange's dispute, so that its month can be settled: POST
        /v1/peers/{peer}/disputes/{number}/answer."""
        path = f"/v1/peers/{quote(peer, safe='')}/disputes/{quote(number, safe='')}/answer"
        query = {}
        sent = {"because": because}
        return self._act(models.DisputeRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def apply_credit(
        self, account: str, *, invoices: Optional[List[str]] = None, idempotency_key: Optional[str] = None,
    ) -> List[models.CreditUsed]:
        """Uses what an account has in its favor for what is open on it, the oldest first where none is named: POST
        /v1/accounts/{account}/apply."""
        path = f"/v1/accounts/{quote(account, safe='')}/apply"
        query = {}
        sent = {"invoices": invoices}
        return self._act(List[models.CreditUsed], "POST", path, query, sent, key=idempotency_key, has_key=True)

    def ask_in_auction(
        self, id: str, *, landlord: Optional[str] = None, cluster: Optional[str] = None,
        nodes: Optional[List[str]] = None, per_hour: Optional[Union[Money, str]] = None, shape: Optional[Any] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.SealedNumber:
        """Puts nodes of the key's landlord up for a least price; nobody else is told of it: POST
        /v1/auctions/{id}/asks."""
        path = f"/v1/auctions/{quote(id, safe='')}/asks"
        query = {}
        sent = {"landlord": landlord, "cluster": cluster, "nodes": nodes, "perHour": per_hour, "shape": shape}
        return self._act(models.SealedNumber, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def bid_in_auction(
        self, id: str, *, project: Optional[str] = None, nodes: Optional[int] = None,
        per_hour: Optional[Union[Money, str]] = None, idempotency_key: Optional[str] = None,
    ) -> models.SealedNumber:
        """Bids for nodes in the name of a project; nobody else is told of it: POST /v1/auctions/{id}/bids."""
        path = f"/v1/auctions/{quote(id, safe='')}/bids"
        query = {}
        sent = {"project": project, "nodes": nodes, "perHour": per_hour}
        return self._act(models.SealedNumber, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def check_offer(self, *, landlord: str, service: str, sku: str, project: str) -> models.Availability:
        """Whether a project may have a SKU, and why not: GET /v1/catalogue/check."""
        path = "/v1/catalogue/check"
        query = {"landlord": landlord, "service": service, "sku": sku, "project": project}
        return self._get(models.Availability, path, query)

    def clear_auction(self, id: str, *, if_match: str, idempotency_key: Optional[str] = None) -> models.AuctionDetails:
        """Clears an auction that has closed: each fill becomes a lease: POST /v1/auctions/{id}/clear."""
        path = f"/v1/auctions/{quote(id, safe='')}/clear"
        query = {}
        return self._act(
            models.AuctionDetails, "POST", path, query, None, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def credit_invoice(
        self, *, number: Optional[str] = None, amount: Optional[Union[Money, str]] = None,
        reason: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.CreditNote:
        """Credits a part of an invoice, or all that is not credited yet: POST /v1/credit-notes."""
        path = "/v1/credit-notes"
        query = {}
        sent = {"number": number, "amount": amount, "reason": reason}
        return self._act(models.CreditNote, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def declare_outage(
        self, *, name: Optional[str] = None, clusters: Optional[List[Any]] = None, from_: Optional[str] = None,
        until: Optional[str] = None, reason: Optional[str] = None, kind: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> Page[models.OutageRow]:
        """Declares an outage of the key's landlord, or tells one of this name otherwise: POST /v1/outages."""
        path = "/v1/outages"
        query = {}
        sent = {"name": name, "clusters": clusters, "from": from_, "until": until, "reason": reason, "kind": kind}
        return self._act_page(models.OutageRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def decline_agreement(
        self, id: str, *, if_match: str, landlord: Optional[str] = None, for_: Optional[str] = None,
        because: Optional[str] = None, until: Optional[str] = None, from_: Optional[str] = None,
        project: Optional[str] = None, rate: Optional[Decimal] = None, sku: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.DealDetails:
        """Says no to what is proposed, or takes it back: POST /v1/agreements/{id}/decline."""
        path = f"/v1/agreements/{quote(id, safe='')}/decline"
        query = {"landlord": landlord}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "rate": rate,
            "sku": sku,
        }
        return self._act(
            models.DealDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def decline_late_adjustments(
        self, *, month: Optional[str] = None, seen: Optional[str] = None, reason: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.LateAdjustments:
        """Leaves such a month as it was billed: POST /v1/adjustments/decline."""
        path = "/v1/adjustments/decline"
        query = {}
        sent = {"month": month, "seen": seen, "reason": reason}
        return self._act(models.LateAdjustments, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def decline_lease(
        self, id: str, *, if_match: str, for_: Optional[str] = None, because: Optional[str] = None,
        until: Optional[str] = None, from_: Optional[str] = None, project: Optional[str] = None,
        per_hour: Optional[Decimal] = None, idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Says no to what is proposed, or takes it back: POST /v1/leases/{id}/decline."""
        path = f"/v1/leases/{quote(id, safe='')}/decline"
        query = {}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "perHour": per_hour,
        }
        return self._act(
            models.LeaseDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def dispute_peer_line(
        self, peer: str, *, month: Optional[str] = None, project: Optional[str] = None, line: Optional[str] = None,
        because: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.DisputeRow:
        """Disputes a line of another exchange's statement; it is told with the next statements: POST
        /v1/peers/{peer}/disputes."""
        path = f"/v1/peers/{quote(peer, safe='')}/disputes"
        query = {}
        sent = {"month": month, "project": project, "line": line, "because": because}
        return self._act(models.DisputeRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def dispute_statement(
        self, payee: str, month: str, *, line: Optional[int] = None, because: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.PayeeStatement:
        """Records that a payee disputes a statement, or a line of it: POST /v1/payouts/{payee}/{month}/dispute."""
        path = f"/v1/payouts/{quote(payee, safe='')}/{quote(month, safe='')}/dispute"
        query = {}
        sent = {"line": line, "because": because}
        return self._act(models.PayeeStatement, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def end_agreement(
        self, id: str, *, if_match: str, landlord: Optional[str] = None, for_: Optional[str] = None,
        because: Optional[str] = None, until: Optional[str] = None, from_: Optional[str] = None,
        project: Optional[str] = None, rate: Optional[Decimal] = None, sku: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.DealDetails:
        """Proposes that a reservation or commitment ends before its time: POST /v1/agreements/{id}/end."""
        path = f"/v1/agreements/{quote(id, safe='')}/end"
        query = {"landlord": landlord}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "rate": rate,
            "sku": sku,
        }
        return self._act(
            models.DealDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def end_lease(
        self, id: str, *, if_match: str, for_: Optional[str] = None, because: Optional[str] = None,
        until: Optional[str] = None, from_: Optional[str] = None, project: Optional[str] = None,
        per_hour: Optional[Decimal] = None, idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Proposes that a lease ends before its time: POST /v1/leases/{id}/end."""
        path = f"/v1/leases/{quote(id, safe='')}/end"
        query = {}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "perHour": per_hour,
        }
        return self._act(
            models.LeaseDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def erase_person(
        self, *, address: Optional[str] = None, because: Optional[str] = None, names: Optional[List[str]] = None,
        dry_run: Optional[bool] = None, idempotency_key: Optional[str] = None,
    ) -> models.PersonErased:
        """Erases a person's addresses and names; amounts stay under a token: POST /v1/people/erase."""
        path = "/v1/people/erase"
        query = {}
        sent = {"address": address, "because": because, "names": names, "dryRun": dry_run}
        return self._act(models.PersonErased, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def explain_charge(self, *, id: str) -> List[models.Explanation]:
        """A charge with its price sheet, segments and readings: GET /v1/explain."""
        path = "/v1/explain"
        query = {"id": id}
        return self._get(List[models.Explanation], path, query)

    def extend_agreement(
        self, id: str, *, if_match: str, landlord: Optional[str] = None, for_: Optional[str] = None,
        because: Optional[str] = None, until: Optional[str] = None, from_: Optional[str] = None,
        project: Optional[str] = None, rate: Optional[Decimal] = None, sku: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.DealDetails:
        """Proposes that an agreement holds longer: POST /v1/agreements/{id}/extend."""
        path = f"/v1/agreements/{quote(id, safe='')}/extend"
        query = {"landlord": landlord}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "rate": rate,
            "sku": sku,
        }
        return self._act(
            models.DealDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def extend_lease(
        self, id: str, *, if_match: str, for_: Optional[str] = None, because: Optional[str] = None,
        until: Optional[str] = None, from_: Optional[str] = None, project: Optional[str] = None,
        per_hour: Optional[Decimal] = None, idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Proposes that a lease lasts longer: POST /v1/leases/{id}/extend."""
        path = f"/v1/leases/{quote(id, safe='')}/extend"
        query = {}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "perHour": per_hour,
        }
        return self._act(
            models.LeaseDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def fulfill_order(
        self, id: str, *, reference: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.OrderTerms:
        """Says that the key's landlord gave what was ordered: POST /v1/orders/{id}/fulfilled."""
        path = f"/v1/orders/{quote(id, safe='')}/fulfilled"
        query = {}
        sent = {"reference": reference}
        return self._act(models.OrderTerms, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def get_account(
        self, account: str, *, from_: Optional[Union[datetime.date, str]] = None,
        until: Optional[Union[datetime.date, str]] = None,
    ) -> models.WholeAccount:
        """The statement of an account, and what is open on it: GET /v1/accounts/{account}."""
        path = f"/v1/accounts/{quote(account, safe='')}"
        query = {"from": from_, "until": until}
        return self._get(models.WholeAccount, path, query)

    def get_accounts(self, *, cursor: Optional[str] = None, limit: Optional[int] = None) -> Pages[models.AccountRow]:
        """What PIs, institutions and payers owe and have sent: GET /v1/accounts."""
        path = "/v1/accounts"
        query = {"limit": limit}
        return self._pages(models.AccountRow, path, query, cursor)

    def get_acts(
        self, *, landlord: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.ActedRow]:
        """What an intermediary quoted and ordered in customers' names, the oldest first: GET /v1/mandates/acts."""
        path = "/v1/mandates/acts"
        query = {"landlord": landlord, "limit": limit}
        return self._pages(models.ActedRow, path, query, cursor)

    def get_agreement(self, id: str, *, landlord: Optional[str] = None) -> models.DealDetails:
        """An agreement with what was said of it, and what it came to by month: GET /v1/agreements/{id}."""
        path = f"/v1/agreements/{quote(id, safe='')}"
        query = {"landlord": landlord}
        return self._get(models.DealDetails, path, query)

    def get_agreement_calendar(
        self, *, landlord: Optional[str] = None, project: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.DealRow]:
        """Reservations, commitments and locked prices of the caller's landlord, or all; or of a project: GET
        /v1/agreements/calendar."""
        path = "/v1/agreements/calendar"
        query = {"landlord": landlord, "project": project, "limit": limit}
        return self._pages(models.DealRow, path, query, cursor)

    def get_agreements(
        self, *, landlord: Optional[str] = None, project: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.QuoteRow]:
        """Agreements on prices of the caller's landlord, or of all: GET /v1/agreements."""
        path = "/v1/agreements"
        query = {"landlord": landlord, "project": project, "limit": limit}
        return self._pages(models.QuoteRow, path, query, cursor)

    def get_auction(self, id: str) -> models.AuctionDetails:
        """An auction with the asks of the caller's landlord, and the leases that came of them: GET
        /v1/auctions/{id}."""
        path = f"/v1/auctions/{quote(id, safe='')}"
        query = {}
        return self._get(models.AuctionDetails, path, query)

    def get_auctions(self, *, cursor: Optional[str] = None, limit: Optional[int] = None) -> Pages[models.AuctionRow]:
        """Auctions of nodes, those that close last first: GET /v1/auctions."""
        path = "/v1/auctions"
        query = {"limit": limit}
        return self._pages(models.AuctionRow, path, query, cursor)

    def get_award(
        self, award: str, *, pi: str, from_: Optional[Union[datetime.date, str]] = None,
        to: Optional[Union[datetime.date, str]] = None,
    ) -> models.AwardReportDocument:
        """What an award paid in a period, by month and project: GET /v1/awards/{award}."""
        path = f"/v1/awards/{quote(award, safe='')}"
        query = {"pi": pi, "from": from_, "to": to}
        return self._get(models.AwardReportDocument, path, query)

    def get_award_csv(
        self, award: str, *, pi: str, from_: Optional[Union[datetime.date, str]] = None,
        to: Optional[Union[datetime.date, str]] = None,
    ) -> File:
        """The same for the sponsor, as CSV: GET /v1/awards/{award}.csv."""
        path = f"/v1/awards/{quote(award, safe='')}.csv"
        query = {"pi": pi, "from": from_, "to": to}
        return self._get(File, path, query)

    def get_award_pdf(
        self, award: str, *, pi: str, from_: Optional[Union[datetime.date, str]] = None,
        to: Optional[Union[datetime.date, str]] = None,
    ) -> File:
        """The same for the sponsor, as PDF: GET /v1/awards/{award}.pdf."""
        path = f"/v1/awards/{quote(award, safe='')}.pdf"
        query = {"pi": pi, "from": from_, "to": to}
        return self._get(File, path, query)

    def get_awards(
        self, *, pi: str, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.AwardDocument]:
        """A PI's awards: budget, spent, remaining, and the forecast at the end: GET /v1/awards."""
        path = "/v1/awards"
        query = {"pi": pi, "limit": limit}
        return self._pages(models.AwardDocument, path, query, cursor)

    def get_catalogue(
        self, *, landlord: Optional[str] = None, search: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.CatalogItem]:
        """Every SKU that is offered, with price, terms and public prices: GET /v1/catalogue."""
        path = "/v1/catalogue"
        query = {"landlord": landlord, "search": search, "limit": limit}
        return self._pages(models.CatalogItem, path, query, cursor)

    def get_charges(
        self, *, month: str, project: Optional[str] = None, cluster: Optional[str] = None,
        landlord: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.ShownCharge]:
        """The charges of a month, as last rated or as billed: GET /v1/charges."""
        path = "/v1/charges"
        query = {"month": month, "project": project, "cluster": cluster, "landlord": landlord, "limit": limit}
        return self._pages(models.ShownCharge, path, query, cursor)

    def get_cost_changes(
        self, *, from_: Optional[str] = None, to: Optional[str] = None, group_by: Optional[List[str]] = None,
        landlord: Optional[str] = None, service: Optional[str] = None, sku: Optional[str] = None,
        cluster: Optional[str] = None, project: Optional[str] = None, pi: Optional[str] = None,
        institution: Optional[str] = None, fund: Optional[str] = None, payer: Optional[str] = None,
        class_: Optional[str] = None, compare: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> models.CostChangeDocument:
        """Why the net of a range of days is not what it was before: causes that add up to the difference: GET
        /v1/costs/changes."""
        path = "/v1/costs/changes"
        query = {
            "from": from_, "to": to, "group_by": group_by, "landlord": landlord, "service": service, "sku": sku,
            "cluster": cluster, "project": project, "pi": pi, "institution": institution, "fund": fund,
            "payer": payer, "class": class_, "compare": compare, "cursor": cursor, "limit": limit,
        }
        return self._get(models.CostChangeDocument, path, query)

    def get_costs(
        self, *, from_: Optional[str] = None, to: Optional[str] = None, group_by: Optional[List[str]] = None,
        landlord: Optional[str] = None, service: Optional[str] = None, sku: Optional[str] = None,
        cluster: Optional[str] = None, project: Optional[str] = None, pi: Optional[str] = None,
        institution: Optional[str] = None, fund: Optional[str] = None, payer: Optional[str] = None,
        class_: Optional[str] = None, compare: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> models.CostDocument:
        """Costs, credits and usage of a range of days, the last one excluded, grouped and narrowed as asked: GET
        /v1/costs."""
        path = "/v1/costs"
        query = {
            "from": from_, "to": to, "group_by": group_by, "landlord": landlord, "service": service, "sku": sku,
            "cluster": cluster, "project": project, "pi": pi, "institution": institution, "fund": fund,
            "payer": payer, "class": class_, "compare": compare, "cursor": cursor, "limit": limit,
        }
        return self._get(models.CostDocument, path, query)

    def get_export(
        self, report: str, *, month: str, cluster: Optional[str] = None, landlord: Optional[str] = None,
        policies: Optional[str] = None, focus: Optional[str] = None, as_: Optional[str] = None,
    ) -> File:
        """A report of a month: one file as it is, several as a zip: GET /v1/exports/{report}."""
        path = f"/v1/exports/{quote(report, safe='')}"
        query = {
            "month": month, "cluster": cluster, "landlord": landlord, "policies": policies, "focus": focus, "as": as_,
        }
        return self._get(File, path, query)

    def get_invoice(self, number: str) -> models.WholeInvoice:
        """One invoice with its lines: GET /v1/invoices/{number}."""
        path = f"/v1/invoices/{quote(number, safe='')}"
        query = {}
        return self._get(models.WholeInvoice, path, query)

    def get_invoice_csv(self, number: str) -> File:
        """The rows of the invoice: GET /v1/invoices/{number}.csv."""
        path = f"/v1/invoices/{quote(number, safe='')}.csv"
        query = {}
        return self._get(File, path, query)

    def get_invoice_pdf(self, number: str) -> File:
        """The invoice as it was sent: GET /v1/invoices/{number}.pdf."""
        path = f"/v1/invoices/{quote(number, safe='')}.pdf"
        query = {}
        return self._get(File, path, query)

    def get_invoices(
        self, *, month: Optional[str] = None, pi: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.InvoiceRow]:
        """Issued, paid and void invoices: GET /v1/invoices."""
        path = "/v1/invoices"
        query = {"month": month, "pi": pi, "limit": limit}
        return self._pages(models.InvoiceRow, path, query, cursor)

    def get_landlord_prices(
        self, landlord: str, *, at: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.PriceRow]:
        """A landlord's prices at an instant; now, without one: GET /v1/prices/{landlord}."""
        path = f"/v1/prices/{quote(landlord, safe='')}"
        query = {"at": at, "limit": limit}
        return self._pages(models.PriceRow, path, query, cursor)

    def get_late_adjustments(
        self, *, month: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.LateAdjustments]:
        """What came to months that are closed for good, or were never closed, by account; 'month' has one looked
        at, too, where only what funds would pay may have changed: GET /v1/adjustments."""
        path = "/v1/adjustments"
        query = {"month": month, "limit": limit}
        return self._pages(models.LateAdjustments, path, query, cursor)

    def get_lease(self, id: str) -> models.LeaseDetails:
        """A lease with what was said of it, what is sublet from it, and what it came to by month: GET
        /v1/leases/{id}."""
        path = f"/v1/leases/{quote(id, safe='')}"
        query = {}
        return self._get(models.LeaseDetails, path, query)

    def get_leases(
        self, *, landlord: Optional[str] = None, project: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.LeaseRow]:
        """Leases of the caller's landlord, or all; or of a project: GET /v1/leases."""
        path = "/v1/leases"
        query = {"landlord": landlord, "project": project, "limit": limit}
        return self._pages(models.LeaseRow, path, query, cursor)

    def get_ledger_entries(
        self, *, month: str, by: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.LedgerEntry]:
        """The entries of a month, by period or posted: GET /v1/ledger/entries."""
        path = "/v1/ledger/entries"
        query = {"month": month, "by": by, "limit": limit}
        return self._pages(models.LedgerEntry, path, query, cursor)

    def get_levels(
        self, *, landlord: Optional[str] = None, month: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.LevelRow]:
        """Service levels of the caller's landlord, or of all, in a month: GET /v1/levels."""
        path = "/v1/levels"
        query = {"landlord": landlord, "month": month, "limit": limit}
        return self._pages(models.LevelRow, path, query, cursor)

    def get_mandates(
        self, *, landlord: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.MandateRow]:
        """For which customers the caller's landlord acts, or who acts for whom: GET /v1/mandates."""
        path = "/v1/mandates"
        query = {"landlord": landlord, "limit": limit}
        return self._pages(models.MandateRow, path, query, cursor)

    def get_month_elsewhere(self, *, month: str, project: Optional[str] = None) -> models.ElsewhereAnswer:
        """What the usage of a month, or of a project in it, would have cost at every place: GET
        /v1/quotes/elsewhere."""
        path = "/v1/quotes/elsewhere"
        query = {"month": month, "project": project}
        return self._get(models.ElsewhereAnswer, path, query)

    def get_orders(
        self, *, landlord: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.OrderRow]:
        """Orders that the caller's landlord provides, or all: GET /v1/orders."""
        path = "/v1/orders"
        query = {"landlord": landlord, "limit": limit}
        return self._pages(models.OrderRow, path, query, cursor)

    def get_outages(
        self, *, landlord: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.OutageRow]:
        """Outages of the caller's landlord, or of all: GET /v1/outages."""
        path = "/v1/outages"
        query = {"landlord": landlord, "limit": limit}
        return self._pages(models.OutageRow, path, query, cursor)

    def get_party_invoice(self, number: str) -> models.WholePartyInvoice:
        """One invoice to a party with its lines: GET /v1/party-invoices/{number}."""
        path = f"/v1/party-invoices/{quote(number, safe='')}"
        query = {}
        return self._get(models.WholePartyInvoice, path, query)

    def get_party_invoice_csv(self, number: str) -> File:
        """The rows of the invoice: GET /v1/party-invoices/{number}.csv."""
        path = f"/v1/party-invoices/{quote(number, safe='')}.csv"
        query = {}
        return self._get(File, path, query)

    def get_party_invoice_pdf(self, number: str) -> File:
        """The invoice as it was sent: GET /v1/party-invoices/{number}.pdf."""
        path = f"/v1/party-invoices/{quote(number, safe='')}.pdf"
        query = {}
        return self._get(File, path, query)

    def get_party_invoices(
        self, *, month: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.PartyRow]:
        """Invoices to institutions, payers and prepaid groups: GET /v1/party-invoices."""
        path = "/v1/party-invoices"
        query = {"month": month, "limit": limit}
        return self._pages(models.PartyRow, path, query, cursor)

    def get_payee_statement(self, payee: str, *, month: str) -> models.PayeeStatement:
        """A payee's statement of a month, line by line: GET /v1/payouts/{payee}."""
        path = f"/v1/payouts/{quote(payee, safe='')}"
        query = {"month": month}
        return self._get(models.PayeeStatement, path, query)

    def get_payouts(self, *, cursor: Optional[str] = None, limit: Optional[int] = None) -> Pages[models.PayeeRow]:
        """Payees with what they earned, were paid and are owed: GET /v1/payouts."""
        path = "/v1/payouts"
        query = {"limit": limit}
        return self._pages(models.PayeeRow, path, query, cursor)

    def get_peer_differences(
        self, peer: str, *, month: str, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.PeerDifference]:
        """The lines of a month on which two exchanges do not agree; none where they do: GET
        /v1/peers/{peer}/differences."""
        path = f"/v1/peers/{quote(peer, safe='')}/differences"
        query = {"month": month, "limit": limit}
        return self._pages(models.PeerDifference, path, query, cursor)

    def get_peer_disputes(
        self, peer: str, *, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.DisputeRow]:
        """Lines of statements that either exchange disputes, and what became of that: GET
        /v1/peers/{peer}/disputes."""
        path = f"/v1/peers/{quote(peer, safe='')}/disputes"
        query = {"limit": limit}
        return self._pages(models.DisputeRow, path, query, cursor)

    def get_peer_months(
        self, peer: str, *, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.PeerMonth]:
        """What two exchanges ask of each other, month by month, and net: GET /v1/peers/{peer}/months."""
        path = f"/v1/peers/{quote(peer, safe='')}/months"
        query = {"limit": limit}
        return self._pages(models.PeerMonth, path, query, cursor)

    def get_peers(self, *, cursor: Optional[str] = None, limit: Optional[int] = None) -> Pages[models.PeerRow]:
        """The other exchanges, and what waits to be sent: GET /v1/peers."""
        path = "/v1/peers"
        query = {"limit": limit}
        return self._pages(models.PeerRow, path, query, cursor)

    def get_price_sheet(self, *, id: str) -> File:
        """A sheet as it was published, by its id: GET /v1/price-sheets."""
        path = "/v1/price-sheets"
        query = {"id": id}
        return self._get(File, path, query)

    def get_prices(
        self, *, landlord: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.PublishedRow]:
        """Every price sheet in force at some time: GET /v1/prices."""
        path = "/v1/prices"
        query = {"landlord": landlord, "limit": limit}
        return self._pages(models.PublishedRow, path, query, cursor)

    def get_programmes(self, *, cursor: Optional[str] = None, limit: Optional[int] = None) -> Pages[models.Programme]:
        """Promotions and subsidies with their dated terms: GET /v1/programmes."""
        path = "/v1/programmes"
        query = {"limit": limit}
        return self._pages(models.Programme, path, query, cursor)

    def get_project_panel(self, id: str, *, month: Optional[str] = None, cluster: Optional[str] = None) -> File:
        """The same as a piece of HTML to put into a page: GET /v1/projects/{id}/panel."""
        path = f"/v1/projects/{quote(id, safe='')}/panel"
        query = {"month": month, "cluster": cluster}
        return self._get(File, path, query)

    def get_project_panel_link(
        self, id: str, *, month: Optional[str] = None, cluster: Optional[str] = None,
    ) -> models.PanelLink:
        """The address of a project's panel for a frame in another portal: it opens that panel for an hour: GET
        /v1/projects/{id}/panel-link."""
        path = f"/v1/projects/{quote(id, safe='')}/panel-link"
        query = {"month": month, "cluster": cluster}
        return self._get(models.PanelLink, path, query)

    def get_project_spend(
        self, id: str, *, month: Optional[str] = None, cluster: Optional[str] = None,
    ) -> models.Spend:
        """What a project costs in a month, after funds: GET /v1/projects/{id}/spend."""
        path = f"/v1/projects/{quote(id, safe='')}/spend"
        query = {"month": month, "cluster": cluster}
        return self._get(models.Spend, path, query)

    def get_projects(
        self, *, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.ListedProject]:
        """Every project, and who answers for it now: GET /v1/projects."""
        path = "/v1/projects"
        query = {"limit": limit}
        return self._pages(models.ListedProject, path, query, cursor)

    def get_saved_quote(self, id: str) -> List[models.QuoteWithLines]:
        """One saved quote with its lines, a part for each place: GET /v1/quotes/saved/{id}."""
        path = f"/v1/quotes/saved/{quote(id, safe='')}"
        query = {}
        return self._get(List[models.QuoteWithLines], path, query)

    def get_saved_quotes(
        self, *, landlord: Optional[str] = None, project: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.QuoteRow]:
        """Saved quotes of the caller's landlord, or of all: GET /v1/quotes/saved."""
        path = "/v1/quotes/saved"
        query = {"landlord": landlord, "project": project, "limit": limit}
        return self._pages(models.QuoteRow, path, query, cursor)

    def get_savings(
        self, *, pi: str, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.Saving]:
        """What a PI could save a month; dismissed proposals are marked: GET /v1/savings."""
        path = "/v1/savings"
        query = {"pi": pi, "limit": limit}
        return self._pages(models.Saving, path, query, cursor)

    def get_settings(self, *, on: Optional[Union[datetime.date, str]] = None) -> models.SettingsOn:
        """What an invoice issued on a day says of issuer and customers: GET /v1/settings."""
        path = "/v1/settings"
        query = {"on": on}
        return self._get(models.SettingsOn, path, query)

    def get_settlement(self, month: str, landlord: str) -> models.WholeSettlement:
        """One settlement with its lines: GET /v1/settlements/{month}/{landlord}."""
        path = f"/v1/settlements/{quote(month, safe='')}/{quote(landlord, safe='')}"
        query = {}
        return self._get(models.WholeSettlement, path, query)

    def get_settlements(
        self, *, month: Optional[str] = None, landlord: Optional[str] = None, cursor: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Pages[models.SettlementRow]:
        """Settlements of the caller's landlord, or of all: GET /v1/settlements."""
        path = "/v1/settlements"
        query = {"month": month, "landlord": landlord, "limit": limit}
        return self._pages(models.SettlementRow, path, query, cursor)

    def get_statement_csv(
        self, account: str, *, from_: Optional[Union[datetime.date, str]] = None,
        until: Optional[Union[datetime.date, str]] = None,
    ) -> File:
        """The statement as CSV: GET /v1/accounts/{account}/statement.csv."""
        path = f"/v1/accounts/{quote(account, safe='')}/statement.csv"
        query = {"from": from_, "until": until}
        return self._get(File, path, query)

    def get_statement_pdf(
        self, account: str, *, from_: Optional[Union[datetime.date, str]] = None,
        until: Optional[Union[datetime.date, str]] = None,
    ) -> File:
        """The statement as PDF: GET /v1/accounts/{account}/statement.pdf."""
        path = f"/v1/accounts/{quote(account, safe='')}/statement.pdf"
        query = {"from": from_, "until": until}
        return self._get(File, path, query)

    def get_trial_balance(
        self, *, month: str, by: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.AccountBalance]:
        """The trial balance of a month, by period or posted: GET /v1/ledger/balance."""
        path = "/v1/ledger/balance"
        query = {"month": month, "by": by, "limit": limit}
        return self._pages(models.AccountBalance, path, query, cursor)

    def get_webhook_deliveries(
        self, *, webhook: Optional[str] = None, cursor: Optional[str] = None, limit: Optional[int] = None,
    ) -> Pages[models.DeliveryRow]:
        """What webhooks were told, newest first: GET /v1/webhook-deliveries."""
        path = "/v1/webhook-deliveries"
        query = {"webhook": webhook, "limit": limit}
        return self._pages(models.DeliveryRow, path, query, cursor)

    def get_webhooks(self, *, cursor: Optional[str] = None, limit: Optional[int] = None) -> Pages[models.WebhookRow]:
        """Webhooks of the key's owner: GET /v1/webhooks."""
        path = "/v1/webhooks"
        query = {"limit": limit}
        return self._pages(models.WebhookRow, path, query, cursor)

    def give_mandate(
        self, *, pi: Optional[str] = None, landlord: Optional[str] = None, from_: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.MandateRow:
        """Lets a landlord ask for quotes and order in a PI's name: POST /v1/mandates."""
        path = "/v1/mandates"
        query = {}
        sent = {"pi": pi, "landlord": landlord, "from": from_}
        return self._act(models.MandateRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def keep_credit(
        self, account: str, *, keep: Optional[bool] = None, idempotency_key: Optional[str] = None,
    ) -> models.CreditKept:
        """Says whether credit is kept, or used for the next invoice by itself: POST /v1/accounts/{account}/keep-
        credit."""
        path = f"/v1/accounts/{quote(account, safe='')}/keep-credit"
        query = {}
        sent = {"keep": keep}
        return self._act(models.CreditKept, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def list_erased_people(self) -> List[models.Erased]:
        """Who was erased, by token, when and why: GET /v1/people/erased."""
        path = "/v1/people/erased"
        query = {}
        return self._get(List[models.Erased], path, query)

    def open_auction(
        self, *, from_: Optional[str] = None, until: Optional[str] = None, closes_at: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.AuctionRow:
        """Opens an auction of nodes for a time: POST /v1/auctions."""
        path = "/v1/auctions"
        query = {}
        sent = {"from": from_, "until": until, "closesAt": closes_at}
        return self._act(models.AuctionRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def place_order(
        self, *, quote: Optional[str] = None, part: Optional[int] = None, idempotency_key: Optional[str] = None,
    ) -> models.OrderPlaced:
        """Orders what was quoted, in the name of whoever answers for the project: POST /v1/orders."""
        path = "/v1/orders"
        query = {}
        sent = {"quote": quote, "part": part}
        return self._act(models.OrderPlaced, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def post_quote(
        self, *, usage: Optional[List[Any]] = None, landlord: Optional[str] = None, cluster: Optional[str] = None,
        at: Optional[str] = None, project: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.Quote:
        """What usage would cost with each landlord that sells it: POST /v1/quotes."""
        path = "/v1/quotes"
        query = {}
        sent = {"usage": usage, "landlord": landlord, "cluster": cluster, "at": at, "project": project}
        return self._act(models.Quote, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def propose_agreement(
        self, *, for_: Optional[str] = None, kind: Optional[str] = None, landlord: Optional[str] = None,
        cluster: Optional[str] = None, sku: Optional[str] = None, project: Optional[str] = None,
        from_: Optional[str] = None, until: Optional[str] = None, count: Optional[Decimal] = None,
        quantity: Optional[Decimal] = None, spend: Optional[Decimal] = None, rate: Optional[Decimal] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.DealDetails:
        """Proposes a reservation or a commitment; the other side accepts it: POST /v1/agreements."""
        path = "/v1/agreements"
        query = {}
        sent = {
            "for": for_, "kind": kind, "landlord": landlord, "cluster": cluster, "sku": sku, "project": project,
            "from": from_, "until": until, "count": count, "quantity": quantity, "spend": spend, "rate": rate,
        }
        return self._act(models.DealDetails, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def propose_lease(
        self, *, for_: Optional[str] = None, landlord: Optional[str] = None, cluster: Optional[str] = None,
        nodes: Optional[List[str]] = None, project: Optional[str] = None, from_: Optional[str] = None,
        until: Optional[str] = None, per_hour: Optional[Decimal] = None, notice_days: Optional[int] = None,
        parent: Optional[str] = None, shape: Optional[Any] = None, is_own: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Proposes a lease, or a sublease of 'parent'; the other side accepts it: POST /v1/leases."""
        path = "/v1/leases"
        query = {}
        sent = {
            "for": for_, "landlord": landlord, "cluster": cluster, "nodes": nodes, "project": project, "from": from_,
            "until": until, "perHour": per_hour, "noticeDays": notice_days, "parent": parent, "shape": shape,
            "isOwn": is_own,
        }
        return self._act(models.LeaseDetails, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def publish_level(
        self, *, service: Optional[str] = None, from_: Optional[str] = None, ladder: Optional[List[Any]] = None,
        cap: Optional[Decimal] = None, maintenance: Optional[Any] = None, excludes: Optional[List[str]] = None,
        idempotency_key: Optional[str] = None,
    ) -> Page[models.LevelRow]:
        """Promises how much of each month a service of the key's landlord works: POST /v1/levels."""
        path = "/v1/levels"
        query = {}
        sent = {
            "service": service, "from": from_, "ladder": ladder, "cap": cap, "maintenance": maintenance,
            "excludes": excludes,
        }
        return self._act_page(models.LevelRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def publish_prices(
        self, body: Union[str, bytes], *, dry_run: Optional[bool] = None, idempotency_key: Optional[str] = None,
    ) -> models.Published:
        """Publishes a price sheet of the key's landlord, or only checks it: POST /v1/prices."""
        path = "/v1/prices"
        query = {"dryRun": dry_run}
        return self._act(
            models.Published, "POST", path, query, body, kind_of_body="application/yaml", key=idempotency_key,
            has_key=True,
        )

    def reclaim_lease(
        self, id: str, *, if_match: str, for_: Optional[str] = None, because: Optional[str] = None,
        until: Optional[str] = None, from_: Optional[str] = None, project: Optional[str] = None,
        per_hour: Optional[Decimal] = None, idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Takes a lease back, with the notice that was agreed: POST /v1/leases/{id}/reclaim."""
        path = f"/v1/leases/{quote(id, safe='')}/reclaim"
        query = {}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "perHour": per_hour,
        }
        return self._act(
            models.LeaseDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def record_payment(
        self, *, account: Optional[str] = None, reference: Optional[str] = None,
        amount: Optional[Union[Money, str]] = None, date: Optional[Union[datetime.date, str]] = None,
        invoices: Optional[List[Any]] = None, idempotency_key: Optional[str] = None,
    ) -> models.PaymentRecorded:
        """Records money that came; the same reference counts once: POST /v1/payments."""
        path = "/v1/payments"
        query = {}
        sent = {"account": account, "reference": reference, "amount": amount, "date": date, "invoices": invoices}
        return self._act(models.PaymentRecorded, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def record_payout(
        self, *, payee: Optional[str] = None, reference: Optional[str] = None,
        amount: Optional[Union[Money, str]] = None, month: Optional[str] = None,
        date: Optional[Union[datetime.date, str]] = None, idempotency_key: Optional[str] = None,
    ) -> models.Recorded:
        """Records money that went to a payee; the same reference counts once: POST /v1/payouts."""
        path = "/v1/payouts"
        query = {}
        sent = {"payee": payee, "reference": reference, "amount": amount, "month": month, "date": date}
        return self._act(models.Recorded, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def refund_credit(
        self, account: str, *, reference: Optional[str] = None, amount: Optional[Union[Money, str]] = None,
        date: Optional[Union[datetime.date, str]] = None, idempotency_key: Optional[str] = None,
    ) -> List[models.CreditUsed]:
        """Records credit that was paid out: POST /v1/accounts/{account}/refunds."""
        path = f"/v1/accounts/{quote(account, safe='')}/refunds"
        query = {}
        sent = {"reference": reference, "amount": amount, "date": date}
        return self._act(List[models.CreditUsed], "POST", path, query, sent, key=idempotency_key, has_key=True)

    def refund_invoice(
        self, *, number: Optional[str] = None, reference: Optional[str] = None,
        amount: Optional[Union[Money, str]] = None, idempotency_key: Optional[str] = None,
    ) -> models.RefundedInvoice:
        """Records what went back of an invoice; the same reference counts once: POST /v1/refunds."""
        path = "/v1/refunds"
        query = {}
        sent = {"number": number, "reference": reference, "amount": amount}
        return self._act(models.RefundedInvoice, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def register_webhook(
        self, *, url: Optional[str] = None, events: Optional[List[str]] = None, idempotency_key: Optional[str] = None,
    ) -> models.New:
        """Registers an address; the answer holds the secret that signs, this one time: POST /v1/webhooks."""
        path = "/v1/webhooks"
        query = {}
        sent = {"url": url, "events": events}
        return self._act(models.New, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def remove_webhook(self, id: str, *, if_match: str) -> None:
        """Removes a webhook and its secret: DELETE /v1/webhooks/{id}."""
        path = f"/v1/webhooks/{quote(id, safe='')}"
        query = {}
        return self._act(None, "DELETE", path, query, None, if_match=if_match)

    def replay_webhook(
        self, id: str, *, after: Optional[int] = None, idempotency_key: Optional[str] = None,
    ) -> models.Again:
        """Tells a webhook again of everything after a position: POST /v1/webhooks/{id}/replay."""
        path = f"/v1/webhooks/{quote(id, safe='')}/replay"
        query = {"after": after}
        return self._act(models.Again, "POST", path, query, None, key=idempotency_key, has_key=True)

    def reprice_agreement(
        self, id: str, *, if_match: str, landlord: Optional[str] = None, for_: Optional[str] = None,
        because: Optional[str] = None, until: Optional[str] = None, from_: Optional[str] = None,
        project: Optional[str] = None, rate: Optional[Decimal] = None, sku: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.DealDetails:
        """Proposes another price of a unit from an instant on: POST /v1/agreements/{id}/reprice."""
        path = f"/v1/agreements/{quote(id, safe='')}/reprice"
        query = {"landlord": landlord}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "rate": rate,
            "sku": sku,
        }
        return self._act(
            models.DealDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def reprice_lease(
        self, id: str, *, if_match: str, for_: Optional[str] = None, because: Optional[str] = None,
        until: Optional[str] = None, from_: Optional[str] = None, project: Optional[str] = None,
        per_hour: Optional[Decimal] = None, idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Proposes another price of a node and hour from an instant on: POST /v1/leases/{id}/reprice."""
        path = f"/v1/leases/{quote(id, safe='')}/reprice"
        query = {}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "perHour": per_hour,
        }
        return self._act(
            models.LeaseDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def resolve_dispute(
        self, payee: str, month: str, *, line: Optional[int] = None, because: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.PayeeStatement:
        """Records what came of a dispute of a statement: POST /v1/payouts/{payee}/{month}/resolve."""
        path = f"/v1/payouts/{quote(payee, safe='')}/{quote(month, safe='')}/resolve"
        query = {}
        sent = {"line": line, "because": because}
        return self._act(models.PayeeStatement, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def save_quote(
        self, *, project: Optional[str] = None, usage: Optional[List[Any]] = None, landlord: Optional[str] = None,
        cluster: Optional[str] = None, at: Optional[str] = None, valid_days: Optional[int] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.QuoteKept:
        """Saves a quote for a project, in the name of whoever answers for it: POST /v1/quotes/saved."""
        path = "/v1/quotes/saved"
        query = {}
        sent = {
            "project": project, "usage": usage, "landlord": landlord, "cluster": cluster, "at": at,
            "validDays": valid_days,
        }
        return self._act(models.QuoteKept, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def search(self, *, q: str) -> models.SearchAnswer:
        """Invoices, projects, PIs, resources and SKUs by a part of their name; at most ten of each kind: GET
        /v1/search."""
        path = "/v1/search"
        query = {"q": q}
        return self._get(models.SearchAnswer, path, query)

    def send_statement(self, peer: str, body: Union[str, bytes]) -> models.StatementTaken:
        """Takes the next signed statement of another exchange; its signature is all the credential it needs. With
        'Statement-Proof' (the body's SHA-256, signed) it has a place of its own among strangers: POST
        /v1/peers/{peer}/statements."""
        path = f"/v1/peers/{quote(peer, safe='')}/statements"
        query = {}
        return self._act(models.StatementTaken, "POST", path, query, body, kind_of_body="application/x-ndjson")

    def set_award(
        self, *, number: Optional[str] = None, pi: Optional[str] = None, sponsor: Optional[str] = None,
        from_: Optional[Union[datetime.date, str]] = None, to: Optional[Union[datetime.date, str]] = None,
        budget: Optional[Union[Money, str]] = None, projects: Optional[List[str]] = None,
        after_credits: Optional[bool] = None, thresholds: Optional[List[int]] = None,
        forecast_thresholds: Optional[List[int]] = None, recipients: Optional[List[str]] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.AwardSet:
        """Enters an award of a PI, or gives it other terms: POST /v1/awards."""
        path = "/v1/awards"
        query = {}
        sent = {
            "number": number, "pi": pi, "sponsor": sponsor, "from": from_, "to": to, "budget": budget,
            "projects": projects, "afterCredits": after_credits, "thresholds": thresholds,
            "forecastThresholds": forecast_thresholds, "recipients": recipients,
        }
        return self._act(models.AwardSet, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def set_customer(
        self, *, account: Optional[str] = None, name: Optional[str] = None, address: Optional[List[str]] = None,
        tax_id: Optional[str] = None, purchase_order: Optional[str] = None, terms_days: Optional[int] = None,
        text: Optional[str] = None, from_: Optional[Union[datetime.date, str]] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.CustomerProfile:
        """Sets what invoices say of a customer from a day on: POST /v1/settings/customers."""
        path = "/v1/settings/customers"
        query = {}
        sent = {
            "account": account, "name": name, "address": address, "taxId": tax_id, "purchaseOrder": purchase_order,
            "termsDays": terms_days, "text": text, "from": from_,
        }
        return self._act(models.CustomerProfile, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def set_issuer(
        self, *, name: Optional[str] = None, address: Optional[List[str]] = None, tax_id: Optional[str] = None,
        remittance: Optional[List[str]] = None, logo: Optional[str] = None, terms_days: Optional[int] = None,
        text: Optional[str] = None, from_: Optional[Union[datetime.date, str]] = None,
        hard_close_months: Optional[int] = None, idempotency_key: Optional[str] = None,
    ) -> models.IssuerProfile:
        """Sets what invoices say of the issuer from a day on: POST /v1/settings/issuer."""
        path = "/v1/settings/issuer"
        query = {}
        sent = {
            "name": name, "address": address, "taxId": tax_id, "remittance": remittance, "logo": logo,
            "termsDays": terms_days, "text": text, "from": from_, "hardCloseMonths": hard_close_months,
        }
        return self._act(models.IssuerProfile, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def transfer_agreement(
        self, id: str, *, if_match: str, landlord: Optional[str] = None, for_: Optional[str] = None,
        because: Optional[str] = None, until: Optional[str] = None, from_: Optional[str] = None,
        project: Optional[str] = None, rate: Optional[Decimal] = None, sku: Optional[str] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.DealDetails:
        """Proposes that another project holds and pays it: POST /v1/agreements/{id}/transfer."""
        path = f"/v1/agreements/{quote(id, safe='')}/transfer"
        query = {"landlord": landlord}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "rate": rate,
            "sku": sku,
        }
        return self._act(
            models.DealDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def transfer_lease(
        self, id: str, *, if_match: str, for_: Optional[str] = None, because: Optional[str] = None,
        until: Optional[str] = None, from_: Optional[str] = None, project: Optional[str] = None,
        per_hour: Optional[Decimal] = None, idempotency_key: Optional[str] = None,
    ) -> models.LeaseDetails:
        """Proposes that another project holds a lease: POST /v1/leases/{id}/transfer."""
        path = f"/v1/leases/{quote(id, safe='')}/transfer"
        query = {}
        sent = {
            "for": for_, "because": because, "until": until, "from": from_, "project": project, "perHour": per_hour,
        }
        return self._act(
            models.LeaseDetails, "POST", path, query, sent, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def void_invoice(
        self, *, number: Optional[str] = None, reason: Optional[str] = None, reissue: Optional[bool] = None,
        idempotency_key: Optional[str] = None,
    ) -> models.VoidedInvoice:
        """Takes an invoice back, and issues it again at once where that is asked for: POST /v1/voids."""
        path = "/v1/voids"
        query = {}
        sent = {"number": number, "reason": reason, "reissue": reissue}
        return self._act(models.VoidedInvoice, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def withdraw_from_auction(
        self, id: str, which: str, *, if_match: str, idempotency_key: Optional[str] = None,
    ) -> models.AuctionDetails:
        """Takes an ask or a bid back, before the auction closes: POST /v1/auctions/{id}/withdraw/{which}."""
        path = f"/v1/auctions/{quote(id, safe='')}/withdraw/{quote(which, safe='')}"
        query = {}
        return self._act(
            models.AuctionDetails, "POST", path, query, None, if_match=if_match, key=idempotency_key, has_key=True,
        )

    def withdraw_mandate(
        self, *, pi: Optional[str] = None, landlord: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.MandateRow:
        """Takes that back; what was ordered until then stays: POST /v1/mandates/withdraw."""
        path = "/v1/mandates/withdraw"
        query = {}
        sent = {"pi": pi, "landlord": landlord}
        return self._act(models.MandateRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def withdraw_outage(
        self, *, name: Optional[str] = None, reason: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> Page[models.OutageRow]:
        """Takes an outage of the key's landlord back: there was none: POST /v1/outages/withdraw."""
        path = "/v1/outages/withdraw"
        query = {}
        sent = {"name": name, "reason": reason}
        return self._act_page(models.OutageRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def withdraw_peer_dispute(
        self, peer: str, number: str, *, because: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.DisputeRow:
        """Says that a dispute of this exchange is over: POST /v1/peers/{peer}/disputes/{number}/withdraw."""
        path = f"/v1/peers/{quote(peer, safe='')}/disputes/{quote(number, safe='')}/withdraw"
        query = {}
        sent = {"because": because}
        return self._act(models.DisputeRow, "POST", path, query, sent, key=idempotency_key, has_key=True)

    def write_off_invoice(
        self, *, number: Optional[str] = None, amount: Optional[Union[Money, str]] = None,
        reason: Optional[str] = None, idempotency_key: Optional[str] = None,
    ) -> models.WrittenOff:
        """Bears what is open on an invoice and will not be paid: POST /v1/write-offs."""
        path = "/v1/write-offs"
        query = {}
        sent = {"number": number, "amount": amount, "reason": reason}
        return self._act(models.WrittenOff, "POST", path, query, sent, key=idempotency_key, has_key=True)
