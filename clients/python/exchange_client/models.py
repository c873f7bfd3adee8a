"""What the exchange answers, as classes.

Written by generate.py from the OpenAPI document of the exchange; never by hand.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, List, Optional

from .values import Money, Quantity, Rate


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who a charge is billed to: a PI, or nobody yet, which is the suspense account."""

    pi: Optional[str] = None
    #: How streams and tables name it; no address is this word.
    name: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """An account of the general ledger: what was debited, what was credited."""

    account: str
    debit: Money
    credit: Money
    #: What stood on it before; nothing, where all that ever was is in debit and credit.
    opening: Optional[Money] = None
    #: Above zero when more was debited.
    balance: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """An account as a list shows it."""

    account: str
    #: What is open of its invoices, those in its favor taken off.
    owed: Money
    #: Money that came and pays no invoice yet.
    unapplied: Money
    #: What is owed in all; below zero where the account has credit.
    balance: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class AccountStatement:
    """A statement of account: what was owed before a period, everything that changed it, and what is owed after.
    It is the general ledger of the account, so it adds up with the trial balance of the same day. A person
    whose addresses were merged has one, of all of them."""

    account: str
    from_: datetime.date = field(metadata={"json": "from"})
    until: datetime.date
    opening: Money
    lines: List[StatementLine]
    #: The last day that is in it.
    last: Optional[datetime.date] = None
    closing: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class AccruedMonth:
    """What the accrual of a month comes to, by account, and whether anything was posted for it."""

    month: str
    postings: List[Posting]
    is_new: bool = field(metadata={"json": "isNew"})


@dataclass(frozen=True, kw_only=True)
class ActedRow:
    """What an intermediary quoted, or ordered, in a customer's name, as it sees it."""

    quote: str
    #: Nothing while it is quoted and not ordered.
    order: Optional[str] = None
    pi: Optional[str] = None
    #: Instead of the PI, for a landlord that may not know its customers.
    customer: Optional[str] = None
    project: str
    #: Where it is provided: 'nerc, stack'.
    places: List[str]
    period: str
    total: Money
    #: Of the order, else of the quote.
    state: str
    awaits: List[str]


@dataclass(frozen=True, kw_only=True)
class Again:
    """How many events are told again."""

    deliveries: int


@dataclass(frozen=True, kw_only=True)
class AskRow:
    """An ask of the reader's own landlord."""

    id: str
    landlord: str
    cluster: str
    nodes: List[str]
    per_hour: Money = field(metadata={"json": "perHour"})
    #: What 'If-Match' names to take it back: it is as it was taken.
    version: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class AuctionDetails:
    """An auction with what in it is the reader's own."""

    auction: AuctionRow
    asks: List[AskRow]
    bids: List[BidRow]
    fills: List[FillRow]


@dataclass(frozen=True, kw_only=True)
class AuctionRow:
    """An auction as whoever may ask or bid sees it: how many did, and no price before it is cleared."""

    id: str
    from_: str = field(metadata={"json": "from"})
    until: str
    closes_at: str = field(metadata={"json": "closesAt"})
    #: 'open', 'closed' until it is cleared, or 'cleared'.
    state: str
    asks: int
    bids: int
    price: Optional[Money] = None
    #: What 'If-Match' names to clear it.
    version: str


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who may have something: everybody, or only some institutions and projects."""

    institutions: List[str]
    projects: List[Any]
    is_all: Optional[bool] = field(default=None, metadata={"json": "isAll"})


@dataclass(frozen=True, kw_only=True)
class Availability:
    """Whether a project may have something, and why not."""

    is_allowed: bool = field(metadata={"json": "isAllowed"})
    needs_approval: bool = field(metadata={"json": "needsApproval"})
    code: str
    why: str


@dataclass(frozen=True, kw_only=True)
class AwardDocument:
    """An award as programs read it: its terms, and how it stands."""

    number: str
    pi: str
    sponsor: str
    from_: datetime.date = field(metadata={"json": "from"})
    #: The first day that is not part of it.
    to: datetime.date
    #: As 'stack/p-17', or 'stack/p-17=50' for half of it.
    projects: List[str]
    after_credits: bool = field(metadata={"json": "afterCredits"})
    budget: Money
    spent: Money
    remaining: Money
    a_day: Optional[Forecast] = field(default=None, metadata={"json": "aDay"})
    forecast: Optional[Forecast] = None
    used_up_on: Optional[datetime.date] = field(default=None, metadata={"json": "usedUpOn"})
    as_of: Optional[str] = field(default=None, metadata={"json": "asOf"})


@dataclass(frozen=True, kw_only=True)
class AwardLine:
    """What an award paid for a project in a month, or in the part of it that was asked for."""

    month: str
    project: str
    cost: Money
    credits: Money
    net: Money
    #: A decimal as text, as '0.013'.
    percent: Decimal
    amount: Money


@dataclass(frozen=True, kw_only=True)
class AwardReportDocument:
    """What an award paid in a period, by month and project."""

    number: str
    pi: str
    sponsor: str
    from_: datetime.date = field(metadata={"json": "from"})
    #: The first day that is not part of it.
    to: datetime.date
    total: Money
    lines: List[AwardLine]
    as_of: Optional[str] = field(default=None, metadata={"json": "asOf"})


@dataclass(frozen=True, kw_only=True)
class AwardSet:
    """What became of an award that a program sent."""

    number: str
    pi: str
    #: False when it was so already.
    is_new: bool = field(metadata={"json": "isNew"})


@dataclass(frozen=True, kw_only=True)
class BidRow:
    """A bid for one of the reader's own projects."""

    id: str
    project: str
    nodes: int
    per_hour: Money = field(metadata={"json": "perHour"})
    #: What 'If-Match' names to take it back: it is as it was taken.
    version: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class BillTo:
    """A party: an institution, a payer or a group, by its name."""

    kind: Optional[str] = None
    name: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class CatalogItem:
    """An offer as the catalog shows it."""

    landlord: str
    service: str
    sku: str
    clusters: List[Any]
    #: Of which resources it is; empty for all.
    kinds: List[str]
    #: The list price of a unit; of one in steps the first.
    rate: Rate
    #: How it is priced: 'flat', 'graduated', …
    model: str
    sheet: str
    #: 'published', 'paused' or 'retired'.
    state: str
    #: For whom else it is, is seen by its landlord and finance only.
    terms: OfferTerms
    #: Whether it is for some only.
    is_limited: bool = field(metadata={"json": "isLimited"})
    because: Optional[str] = None
    public: List[PublicPriceBeside]
    id: Optional[str] = None
    #: Whether it costs more of a public price than was promised.
    is_dear: Optional[bool] = field(default=None, metadata={"json": "isDear"})


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What made a line of a closed month: a reading, an owner, a price, an outage, a void invoice."""

    #: late-reading, owner, price, outage, void or first-billed.
    kind: str
    #: In words, with what names it.
    what: str


@dataclass(frozen=True, kw_only=True)
class ChangeDocumentStep:
    """A cause of a change, and what it adds to the total before."""

    #: new, ended, hours, shape, usage, price, owner, corrections, credits-granted and so on.
    cause: str
    words: str
    amount: Money
    items: List[ChangedDocumentItem]


@dataclass(frozen=True, kw_only=True)
class ChangedDocumentItem:
    """What changed by how much; the charge that explains it, where one does."""

    what: str
    amount: Money
    month: Optional[str] = None
    charge: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class CorrectionBehind:
    """The correction of a reading that holds."""

    #: The id of the correction, of the same source.
    id: str
    #: The block that holds the correction.
    block: int
    reason: str
    #: What the reading says now; null where it was taken back.
    now: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class CostAmounts:
    """What a group, or everything together, comes to."""

    #: Before funds.
    cost: Money
    #: What funds take from it: below zero.
    credits: Money
    #: Cost and credits together.
    net: Money
    #: How much was used, of each unit.
    usage: List[Any]


@dataclass(frozen=True, kw_only=True)
class CostChangeDocument:
    """Why a total is not what it was: causes that add up to the difference, to the cent."""

    from_: datetime.date = field(metadata={"json": "from"})
    to: datetime.date
    earlier_from: datetime.date = field(metadata={"json": "earlierFrom"})
    earlier_to: datetime.date = field(metadata={"json": "earlierTo"})
    #: Net, of the earlier period.
    before: Money
    #: Net, of the later one.
    after: Money
    change: Money
    steps: List[ChangeDocumentStep]


@dataclass(frozen=True, kw_only=True)
class CostDocument:
    """The explorer's answer to programs."""

    from_: datetime.date = field(metadata={"json": "from"})
    #: The first day that is not part of it.
    to: datetime.date
    group_by: List[str] = field(metadata={"json": "groupBy"})
    as_of: Optional[str] = field(default=None, metadata={"json": "asOf"})
    #: The months in it that can still change.
    open_months: List[Any] = field(metadata={"json": "openMonths"})
    total: CostAmounts
    total_before: Optional[CostAmounts] = field(default=None, metadata={"json": "totalBefore"})
    items: List[CostItem]
    next: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """A group of costs: what it was grouped by, and what it comes to."""

    month: Optional[str] = None
    day: Optional[str] = None
    usage_month: Optional[str] = field(default=None, metadata={"json": "usageMonth"})
    landlord: Optional[str] = None
    service: Optional[str] = None
    sku: Optional[str] = None
    cluster: Optional[str] = None
    project: Optional[str] = None
    project_name: Optional[str] = field(default=None, metadata={"json": "projectName"})
    pi: Optional[str] = None
    #: The keyed name of a customer, where the reader may not know more.
    customer: Optional[str] = None
    institution: Optional[str] = None
    fund: Optional[str] = None
    payer: Optional[str] = None
    class_: Optional[str] = field(default=None, metadata={"json": "class"})
    charge: Optional[str] = None
    resource: Optional[str] = None
    cost: Money
    credits: Money
    net: Money
    usage: List[Any]
    before: Optional[CostAmounts] = None
    change: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class CreditKept:
    """CreditKept of the exchange."""

    account: str
    keep: bool
    is_new: bool = field(metadata={"json": "isNew"})


@dataclass(frozen=True, kw_only=True)
class CreditNote:
    """CreditNote of the exchange."""

    number: str
    on: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class CreditUsed:
    """Credit of an account that was used: a payment or an invoice in its favor, and what it paid."""

    from_: str = field(metadata={"json": "from"})
    to: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class CustomerProfile:
    """How a customer is to be addressed on its invoices, and its own terms of payment. Stored as it is here."""

    #: 'pi:ada@bu.edu', 'institution:Harvard University', 'payer:bu-research-it', or a prepaid group as 'group:cs-
    #: dept'.
    account: str
    #: The legal name; null for the one that the exchange knows.
    name: Optional[str] = None
    address: Optional[List[str]] = None
    tax_id: Optional[str] = field(default=None, metadata={"json": "taxId"})
    #: The number of the purchase order that its invoices name.
    purchase_order: Optional[str] = field(default=None, metadata={"json": "purchaseOrder"})
    #: Days to pay; null for those of the issuer.
    terms_days: Optional[int] = field(default=None, metadata={"json": "termsDays"})
    #: A sentence on each of its invoices.
    text: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class DealDetails:
    """An agreement with what was said of it and what it came to."""

    agreement: DealRow
    history: List[DealSaid]
    months: List[DealMonth]
    #: Whether the reader speaks for the landlord.
    is_landlord: bool = field(metadata={"json": "isLandlord"})
    #: Whether the reader speaks for the customer.
    is_customer: bool = field(metadata={"json": "isCustomer"})


@dataclass(frozen=True, kw_only=True)
class DealMonth:
    """What is owed of an agreement in a month, used or not."""

    month: str
    quantity: Optional[Quantity] = None
    charged: Money


@dataclass(frozen=True, kw_only=True)
class DealRow:
    """A reservation, a commitment or locked prices, as the two parties and finance see it."""

    id: str
    #: 'reservation', 'commitment' or 'price lock'.
    kind: str
    landlord: str
    cluster: str
    #: The project that pays, or paid last.
    holder: str
    #: What is agreed on, in words: '10 of gpu-a100'.
    what: str
    #: What a unit costs, and from when on another price holds.
    rate: str
    from_: str = field(metadata={"json": "from"})
    until: str
    #: 'proposed', 'agreed', 'declined' or 'over'.
    state: str
    #: What waits for an answer, and for whose.
    asked: str
    because: str
    #: How often something was said of it: who answers says which one they looked at.
    version: str


@dataclass(frozen=True, kw_only=True)
class DealSaid:
    """Something that was said of an agreement."""

    at: str
    side: str
    #: Who said it, where that is the reader's own side or the reader is finance; else empty.
    by: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class DeliveryRow:
    """What became of telling a webhook of one event."""

    webhook: str
    position: int
    event: str
    #: 'waiting', 'done', or 'given up'.
    state: str
    attempts: int
    done_at: Optional[str] = field(default=None, metadata={"json": "doneAt"})
    next_at: str = field(metadata={"json": "nextAt"})
    why: str


@dataclass(frozen=True, kw_only=True)
class Dismissed:
    """It stays as it is, and is not proposed again."""

    id: str
    reason: str
    by: str
    at: str


@dataclass(frozen=True, kw_only=True)
class DisputeRow:
    """A dispute as both exchanges see it."""

    number: int
    #: Whether this exchange disputes, or the other.
    is_ours: bool = field(metadata={"json": "isOurs"})
    month: str
    statement: int
    project: str
    what: str
    asked: Money
    here: Money
    reason: str
    #: 'waiting' to be sent, 'open', 'answered' by the other exchange or by another statement, 'withdrawn', or 'set
    #: aside' where it is about nothing that was asked.
    state: str
    #: What the other exchange said of it, or why it was set aside.
    answer: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class ElsewhereAnswer:
    """What a month came to, and what it would have cost elsewhere."""

    month: str
    #: Before credits and subsidies; bills of other clouds are not in it.
    here: Money
    #: Until when usage counts, at the prices of that month as they are published by now.
    as_of: str = field(metadata={"json": "asOf"})
    places: List[ElsewhereRow]
    here_after_funds: Optional[Money] = field(default=None, metadata={"json": "hereAfterFunds"})


@dataclass(frozen=True, kw_only=True)
class ElsewhereRow:
    """What the usage of a month would have cost at a place."""

    landlord: str
    cluster: str
    cost: Money
    #: To what it came to; below nothing where it would have been less.
    difference: Money
    #: Kinds of usage that are not sold there, which the cost leaves out.
    missing: List[str]
    cost_after_funds: Optional[Money] = field(default=None, metadata={"json": "costAfterFunds"})


@dataclass(frozen=True, kw_only=True)
class Erased:
    """From here on a token stands for a person."""

    token: str
    reason: str
    by: str
    at: str
    #: A hash of all that readers are shown instead of what was appended, after this erasure.
    shown: Optional[str] = None
    #: The same of charges that closes kept.
    shown_kept: Optional[str] = field(default=None, metadata={"json": "shownKept"})


@dataclass(frozen=True, kw_only=True)
class ExplainedPart:
    """One part of a charge: what a segment adds to it, and the readings that it rests on."""

    resource: str
    kind: str
    period: str
    state: str
    shape: str
    #: How much of it was an outage and is not charged: 'none' for nothing.
    outage: str
    arithmetic: str
    readings: List[ReadingBehind]
    #: Units at each moment; of a meter, what was counted; of a bill, what was billed.
    units: Optional[Decimal] = None
    #: How long it counts; null for what has no length.
    hours: Optional[Decimal] = None
    #: Units times hours, or what was counted: these add up to the quantity before it is made whole.
    adds: Optional[Decimal] = None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A charge down to its readings, and what was billed of it."""

    charge_id: str = field(metadata={"json": "chargeId"})
    project: str
    pi: Optional[str] = None
    sku: str
    quantity: Quantity
    rate: Rate
    amount: Money
    #: The version of the price sheet, and where its text can be seen.
    sheet: str
    sheet_sha256: str = field(metadata={"json": "sheetSha256"})
    policies: str
    arithmetic: str
    parts: List[ExplainedPart]
    #: The invoice lines of it; of an issued line that line alone.
    billed: List[InvoiceLine]
    #: What it comes to now and is not on an invoice yet.
    unbilled: Money
    #: Whose charge it is, by the one name under which a landlord that may not know it has it.
    customer: Optional[str] = None
    #: The agreement whose locked prices it is priced by; null for what is at list.
    agreement: Optional[str] = None
    #: Whether it is what was kept when the line was billed: then it is the same for ever.
    kept: Optional[bool] = None
    #: What the parts add up to, before it is made whole, priced in steps or shared.
    sum: Optional[Decimal] = None
    before: Optional[Money] = None
    #: Which funds paid, in what order, by which rule, and what they had left.
    funds: Optional[List[FundNote]] = None
    #: Of an adjustment: what caused it.
    causes: Optional[List[Cause]] = None


@dataclass(frozen=True, kw_only=True)
class FillRow:
    """Nodes that were sold, and the lease that came of it."""

    #: The reader's own ask or bid, never the other side's.
    of: str
    nodes: List[str]
    lease: str


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What something will come to when the days left are like the last ones, and between what and what."""

    low: Money
    expected: Money
    high: Money


@dataclass(frozen=True, kw_only=True)
class FundNote:
    """Why a fund paid so much of a charge, kept with the charge for whoever asks later."""

    fund: str
    payer: str
    #: Its place among the funds: each pays of what those before it left.
    order: int
    #: The grant, terms, cap or cover by which it paid.
    why: str
    #: What it could pay before this charge.
    before: Money
    paid: Money
    after: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class FundShare:
    """What one fund paid of a line."""

    #: The programme and its version, as it is printed: 'New-PI credit'.
    fund: str
    #: Who pays it: the exchange, an institution, a prepaid group.
    payer: str
    amount: Money
    #: A subsidy is still owed to the exchange, by its payer; every other fund ends the debt.
    is_subsidy: bool = field(metadata={"json": "isSubsidy"})


@dataclass(frozen=True, kw_only=True)
class HardwareDue:
    """What the owner of hardware gets for the metered hours of one SKU, whatever customers pay."""

    owner: str
    sku: str
    adjusts: Optional[str] = None
    hours: Quantity
    per_hour: Rate = field(metadata={"json": "perHour"})
    amount: Money


@dataclass(frozen=True, kw_only=True)
class IngestOutcome:
    """How many readings of a call were new, seen before, and set aside."""

    accepted: int
    duplicate: int
    quarantined: int


@dataclass(frozen=True, kw_only=True)
class InvoiceLine:
    """A charge, or the change of one of a closed month, as one invoice bills it."""

    #: The charge that explains the line.
    charge_id: str = field(metadata={"json": "chargeId"})
    #: When the usage was; an adjustment keeps the period of the month it belongs to.
    service_period: str = field(metadata={"json": "servicePeriod"})
    landlord: str
    service: str
    cluster: str
    project: str
    project_name: str = field(metadata={"json": "projectName"})
    sku: str
    quantity: Quantity
    rate: Rate
    amount: Money
    #: The version of the price sheet that the rate stands in.
    sheet: str
    funds: Optional[List[FundShare]] = None
    #: The project's customer code at the time of the usage; null for none, or where nobody kept it.
    code: Optional[str] = None
    passed_on: Optional[PassedOn] = field(default=None, metadata={"json": "passedOn"})
    #: Who is asked for it, an institution or "" for the PI, where that is another than who takes what the PI owes in
    #: the month of the invoice: what goes back to who was asked, and what was used before an institution began to
    #: take it, or before it ceased.
    back_to: Optional[str] = field(default=None, metadata={"json": "backTo"})
    adjusts: Optional[str] = None
    avoided: Optional[Money] = None
    #: What the exchange is owed for the line, by the PI and by those who subsidise: amount less other funds.
    balance: Optional[Money] = None
    #: What the PI owes: the balance less subsidies.
    pi_balance: Optional[Money] = field(default=None, metadata={"json": "piBalance"})


@dataclass(frozen=True, kw_only=True)
class InvoiceRow:
    """An invoice as a list shows it."""

    #: '2026-10:ada@bu.edu': its stream is 'invoice-' and this.
    id: str
    month: str
    account: Account
    institution: Optional[str] = None
    number: Optional[str] = None
    status: str
    lines: int
    total: Money
    #: What the exchange is owed by the PI and by subsidies.
    balance: Money
    owed: Money
    paid: Money
    due: Optional[datetime.date] = None
    issued_at: Optional[str] = field(default=None, metadata={"json": "issuedAt"})
    #: What of it credit notes, other credit and write-offs cover.
    credited: Optional[Money] = None
    #: What is still to be paid of it: nothing where an institution was billed instead.
    balance_due: Optional[Money] = field(default=None, metadata={"json": "balanceDue"})


@dataclass(frozen=True, kw_only=True)
class InvoiceToPay:
    """An invoice that a payment is to pay."""

    number: Optional[str] = None
    amount: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class IssuerProfile:
    """Who issues invoices: what stands on them, and how long there is to pay. Stored as it is here."""

    #: The legal name.
    name: str
    address: Optional[List[str]] = None
    #: As it is printed, with the name of its register: 'EIN 04-2103547'.
    tax_id: Optional[str] = field(default=None, metadata={"json": "taxId"})
    #: Where to pay to: bank, routing and account number, each a line.
    remittance: Optional[List[str]] = None
    #: A PNG, in base 64.
    logo: Optional[str] = None
    #: Days from the day of issue to the last day on which payment is in time.
    terms_days: Optional[int] = field(default=None, metadata={"json": "termsDays"})
    #: How many months before the one that is closed take corrections by themselves; beyond them finance decides each.
    #: Null for all of them.
    hard_close_months: Optional[int] = field(default=None, metadata={"json": "hardCloseMonths"})
    #: A sentence on every invoice.
    text: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class LateAccount:
    """LateAccount of the exchange."""

    account: str
    lines: int
    #: Gross, before funds.
    amount: Money
    #: What funds would pay more of what was billed before; less than nothing where they take back.
    funds: Money


@dataclass(frozen=True, kw_only=True)
class LateAdjustments:
    """LateAdjustments of the exchange."""

    month: str
    #: Whether the month is closed for good; else it is before the first closed.
    is_for_good: bool = field(metadata={"json": "isForGood"})
    amount: Money
    funds: Money
    #: What a decision is of: send it with it.
    seen: str
    #: Whether the next close bills it; null where nobody decided of exactly this.
    is_billed: Optional[bool] = field(default=None, metadata={"json": "isBilled"})
    decision: Optional[LateDecision] = None
    accounts: List[LateAccount]


@dataclass(frozen=True, kw_only=True)
class LateDecision:
    """What was decided last of the month; it may have been of something else."""

    is_billed: bool = field(metadata={"json": "isBilled"})
    accounts: int
    amount: Money
    reason: Optional[str] = None
    by: str
    at: str


@dataclass(frozen=True, kw_only=True)
class LeaseDetails:
    """A lease with what was said of it, what of it is sublet, and what it came to."""

    lease: LeaseRow
    #: Those that the reader is a party of.
    subleases: List[LeaseRow]
    history: List[LeaseSaid]
    months: List[LeaseMonth]
    #: Whether the reader speaks for the lessor.
    is_lessor: bool = field(metadata={"json": "isLessor"})
    #: Whether the reader speaks for the lessee.
    is_lessee: bool = field(metadata={"json": "isLessee"})


@dataclass(frozen=True, kw_only=True)
class LeaseMonth:
    """What a lease came to in a month: what its holder was charged, and what subleases of it earned."""

    month: str
    quantity: Optional[Quantity] = None
    charged: Money
    #: What those who sublet from it were charged, which is its holder's.
    subleases: Money
    #: What it costs its holder in the end; below nothing where subleases earn more.
    net: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class LeasePrice:
    """What a node and hour costs from an instant on, where both agreed on another price."""

    #: A decimal as text, as '0.013'.
    per_hour: Optional[Decimal] = field(default=None, metadata={"json": "perHour"})
    from_: Optional[str] = field(default=None, metadata={"json": "from"})


@dataclass(frozen=True, kw_only=True)
class LeaseRow:
    """A lease as its two parties and finance see it."""

    id: str
    landlord: str
    cluster: str
    nodes: List[str]
    #: The landlord, or the project that sublets.
    lessor: str
    #: The project that holds it, or held it last.
    holder: str
    parent: Optional[str] = None
    from_: str = field(metadata={"json": "from"})
    until: str
    #: A decimal as text, as '0.013'.
    per_hour: Optional[Decimal] = field(default=None, metadata={"json": "perHour"})
    notice_days: int = field(metadata={"json": "noticeDays"})
    is_own: bool = field(metadata={"json": "isOwn"})
    #: 'proposed', 'agreed', 'declined' or 'over'.
    state: str
    #: What waits for an answer, and for whose.
    asked: str
    because: str
    #: How often something was said of it: who answers says which one they looked at.
    version: str
    #: Prices of a node and hour that both agreed on later, with the instant from which each holds.
    repriced: Optional[List[LeasePrice]] = None


@dataclass(frozen=True, kw_only=True)
class LeaseSaid:
    """Something that was said of a lease."""

    at: str
    side: str
    #: Who said it, where that is the reader's own side or the reader is finance; else empty.
    by: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """An entry of the ledger, with the period that it belongs to and the day under which it is posted."""

    #: Its place in the journal.
    id: str
    period: str
    posted: datetime.date
    reference: str
    what: str
    postings: List[Posting]
    at: str


@dataclass(frozen=True, kw_only=True)
class LeftToPay:
    """Who would be billed for what funds leave of a plan."""

    #: A PI, or the institution that takes what its PIs owe; nothing while nobody is known.
    payer: Optional[str] = None
    amount: Money


@dataclass(frozen=True, kw_only=True)
class LevelRow:
    """What is promised of a service in a cluster, and how it did in a month so far."""

    landlord: str
    service: str
    cluster: str
    month: str
    #: In percent of the whole month, as the level counts.
    availability: Decimal
    #: What counts as out of service.
    out_hours: Decimal = field(metadata={"json": "outHours"})
    #: What was out of service and does not count.
    excluded_hours: Decimal = field(metadata={"json": "excludedHours"})
    #: The percent of the month's charges that is credited.
    credit: Decimal
    promised: str
    id: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """Line of the exchange."""

    sku: str
    quantity: Quantity
    rate: Rate
    amount: Money
    sheet: str
    avoided: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class ListedProject:
    """ListedProject of the exchange."""

    cluster: str
    project: str
    name: str
    pi: Optional[str] = None
    institution: Optional[str] = None
    code: Optional[str] = None
    is_course: bool = field(metadata={"json": "isCourse"})
    from_: str = field(metadata={"json": "from"})


@dataclass(frozen=True, kw_only=True)
class MandateRow:
    """An intermediary that acts for a customer, as either of them and finance see it."""

    pi: Optional[str] = None
    #: Instead of the PI, for a landlord that may not know its customers.
    customer: Optional[str] = None
    intermediary: str
    from_: str = field(metadata={"json": "from"})
    until: Optional[str] = None
    key: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class Mixed:
    """All of it over several places, each part where it costs least."""

    total: Money
    parts: List[Offer]
    unpriced: List[str]
    after_funds: Optional[PlanAfterFunds] = field(default=None, metadata={"json": "afterFunds"})


@dataclass(frozen=True, kw_only=True)
class MonthAmount:
    """What an order takes of a month's budget."""

    month: Optional[str] = None
    amount: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class New:
    """A new webhook as its owner gets it: the secret that signs is shown this one time."""

    id: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class OfSku:
    """What a project used of a SKU."""

    landlord: str
    service: str
    sku: str
    quantity: Quantity
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one cluster of a landlord would charge."""

    landlord: str
    cluster: str
    total: Money
    lines: List[Line]
    unpriced: List[str]
    after_funds: Optional[PlanAfterFunds] = field(default=None, metadata={"json": "afterFunds"})


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """On what terms a landlord offers a SKU, beside its price."""

    audience: Audience
    #: How many units there are at a time; null where that is not said.
    capacity: Optional[Decimal] = None
    #: How long before somebody says that they want it.
    notice_days: int = field(metadata={"json": "noticeDays"})
    #: Whether the landlord decides on each request.
    needs_approval: bool = field(metadata={"json": "needsApproval"})
    #: What is promised of it, in words; null for nothing.
    service_level: Optional[str] = field(default=None, metadata={"json": "serviceLevel"})


@dataclass(frozen=True, kw_only=True)
class OpenInvoice:
    """An invoice of an account on which something is open, or that is in its favor."""

    number: str
    month: str
    owed: Money
    #: What is owed; below zero where it is credit.
    open: Money
    due: datetime.date


@dataclass(frozen=True, kw_only=True)
class OrderPlaced:
    """OrderPlaced of the exchange."""

    id: str
    quote: str
    project: str
    landlord: str
    cluster: str
    total: Money
    #: Whose approval is missing: 'payer', 'landlord'.
    awaits: List[str]


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """An order as a list shows it."""

    id: str
    quote: str
    project: str
    pi: Optional[str] = None
    payer: Optional[str] = None
    landlord: str
    cluster: str
    period: str
    total: Money
    #: 'waiting', 'approved', 'rejected', 'canceled' or 'fulfilled'.
    state: str
    #: Whose approval is missing: 'pi', 'payer', 'landlord'.
    awaits: List[str]
    #: The reason of an end, or what was given.
    because: Optional[str] = None
    placed_at: str = field(metadata={"json": "placedAt"})
    #: Instead of the PI, for a landlord that may not know its customers.
    customer: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class OrderTerms:
    """What is ordered: a place of a saved quote, for its project."""

    id: str
    quote: str
    #: Which place of the quote, from 0.
    part: int
    landlord: str
    cluster: str
    project: str
    pi: str
    #: Who subsidizes the PI, as 'bu-research-it'; null where nobody does.
    payer: Optional[str] = None
    period: str
    total: Money
    months: List[MonthAmount]
    #: Who has to approve it.
    needs: List[Any]
    #: As budgets name the project: 'stack/p-17'.
    budget_of: Optional[str] = field(default=None, metadata={"json": "budgetOf"})


@dataclass(frozen=True, kw_only=True)
class OutageRow:
    """An outage, as 'outages list' and GET /v1/outages show it."""

    landlord: str
    name: str
    clusters: List[Any]
    from_: str = field(metadata={"json": "from"})
    until: Optional[str] = None
    known_to: List[str] = field(metadata={"json": "knownTo"})
    reason: str
    kind: str
    announced: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class PaidByFund:
    """What a program or a prepaid group would pay of a plan."""

    #: As invoices name it: 'nerc-new-pi-credit', 'prepay:GROUP'.
    fund: str
    payer: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PanelLink:
    """An address to put into a frame."""

    url: str
    #: Until when it shows anything; ask for another then.
    until: str


@dataclass(frozen=True, kw_only=True)
class PartKept:
    """PartKept of the exchange."""

    landlord: str
    cluster: str
    total: Money
    lines: List[QuoteLine]


@dataclass(frozen=True, kw_only=True)
class PartyLine:
    """What a party pays for one PI: of a project, or by a fund."""

    pi: str
    #: The project's name, or the fund that pays.
    what: str
    #: The institution's own customer code; null for none.
    code: Optional[str] = None
    #: The month of the usage.
    month: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PartyRow:
    """An invoice to an institution, payer or group as a list shows it."""

    number: str
    month: str
    party: BillTo
    #: issued, paid or void.
    status: str
    lines: int
    total: Money
    owed: Money
    paid: Money
    credited: Money
    due: datetime.date
    issued_at: str = field(metadata={"json": "issuedAt"})
    #: What is still owed.
    open: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class PassedOn:
    """What a landlord owes of a line to somebody behind it, whether the customer pays or not."""

    #: A landlord, or the project that sublets, as 'project:p-mit'.
    payee: str
    rate: Rate
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PayeeLine:
    """A line of a statement: what was sold, what the exchange keeps of it, or hours of hardware."""

    number: int
    what: str
    month: str
    quantity: Optional[Quantity] = None
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PayeeRow:
    """What a payee earned, was paid and is owed."""

    payee: str
    earned: Money
    paid_out: Money = field(metadata={"json": "paidOut"})
    open: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class PayeeStatement:
    """What a payee earned with a close, line by line; the lines come to the total."""

    payee: str
    month: str
    lines: List[PayeeLine]
    total: Money
    #: 'open', 'accepted' or 'disputed'.
    state: str


@dataclass(frozen=True, kw_only=True)
class PaymentRecorded:
    """What became of a payment: what it paid, and what of it pays nothing yet."""

    #: False when it was noted before.
    is_new: bool = field(metadata={"json": "isNew"})
    paid: List[InvoiceToPay]
    unapplied: Money


@dataclass(frozen=True, kw_only=True)
class PeerDifference:
    """A line on which two exchanges do not agree."""

    project: str
    what: str
    #: What the other asks for it.
    asked: Money
    #: What it comes to here.
    here: Money
    asked_quantity: Optional[Quantity] = field(default=None, metadata={"json": "askedQuantity"})
    quantity_here: Optional[Quantity] = field(default=None, metadata={"json": "quantityHere"})
    difference: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class PeerMonth:
    """A month between two exchanges."""

    peer: str
    month: str
    #: What this exchange asks of the other.
    asked: Money
    #: What the other asks of this one.
    owed: Money
    #: 'open' or 'settled'.
    state: str
    #: What this exchange pays, or below nothing is paid, once the smaller is set against the larger.
    net: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class PeerRow:
    """Another exchange as finance sees it."""

    name: str
    known_as: str = field(metadata={"json": "knownAs"})
    url: str
    key: str
    pi: Optional[str] = None
    landlord: Optional[str] = None
    from_: str = field(metadata={"json": "from"})
    is_metered_here: bool = field(metadata={"json": "isMeteredHere"})
    #: 'live' or 'suspended'.
    state: str
    #: How many statements wait to be sent.
    waiting: int
    #: Why they wait.
    why: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What was erased of a person, or would be."""

    #: What stands for each of their addresses from now on; of a dry run what nobody will see.
    tokens: List[str]
    events: int
    streams: int
    blocks: int
    documents: int
    #: Of mail, kept answers, runs of jobs and customers at Stripe.
    rows: int
    #: No of a dry run.
    is_done: bool = field(metadata={"json": "isDone"})


@dataclass(frozen=True, kw_only=True)
class PlanAfterFunds:
    """What a plan comes to for whoever pays: as it is priced, what funds would pay of it, and what is left to be
    billed."""

    #: Before funds.
    amount: Money
    funds: List[PaidByFund]
    left: List[LeftToPay]
    #: What of it is billed to nobody.
    not_billed: Money = field(metadata={"json": "notBilled"})
    #: After funds.
    owed: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class PlannedUsage:
    """A part of a plan as it was quoted: so many alike resources for so long, or so much of a meter."""

    kind: str
    #: As readings have it: '{"vcpu":"4"}'.
    shape: str
    #: How long; 0 for a meter.
    seconds: int
    resources: int
    state: str
    meter: Optional[str] = None
    #: A decimal as text, as '0.013'.
    quantity: Decimal
    #: In words: '2 × vm {"vcpu":"4"} for 100 h'.
    words: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One side of an entry: money on an account; debits are above zero, credits below."""

    account: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PriceRow:
    """A price, as 'prices show' shows it."""

    sheet: str
    service: str
    sku: str
    #: A decimal as text, as '0.013'.
    rate: Decimal
    model: str
    unit: str
    counts: str
    #: A decimal as text, as '0.013'.
    minimum: Decimal
    clusters: List[Any]


@dataclass(frozen=True, kw_only=True)
class ProblemDetails:
    """ProblemDetails of the exchange."""

    type: Optional[str] = None
    title: Optional[str] = None
    status: Optional[int] = None
    detail: Optional[str] = None
    instance: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class Programme:
    """A dated definition of money that pays part of charges instead of the PI: who pays, how much, for whom and
    for what. One file of 'pricing/programmes/'. Stored as it is here."""

    #: Its name for ever, as 'nerc-new-pi-credit'.
    id: str
    kind: str
    #: What stands beside its credits in reports; null for none.
    code: Optional[str] = None
    #: Who bears the money, as 'bu-research-it'.
    payer: str
    #: Programmes apply in this order; prepaid money comes after all of them.
    order: int
    #: False for a published form that is kept to be compared, not applied.
    in_force: bool = field(metadata={"json": "inForce"})
    terms: List[ProgrammeTerms]
    #: The address that its payer's invoices are mailed to; null where they are not.
    payer_email: Optional[str] = field(default=None, metadata={"json": "payerEmail"})


@dataclass(frozen=True, kw_only=True)
class ProgrammeTerms:
    """What a programme promised during some months."""

    from_: str = field(metadata={"json": "from"})
    until: Optional[str] = None
    amount: Optional[Money] = None
    #: For how many calendar months, the first included, a promotion can be used.
    window_months: int = field(metadata={"json": "windowMonths"})
    #: Whether only PIs of partners of the data centre are eligible.
    partners_only: bool = field(metadata={"json": "partnersOnly"})
    #: The institutions that are eligible, by name; empty for all.
    institutions: List[str]
    #: SKUs that it never pays for; '*' stands for any text.
    excluded_skus: List[str] = field(metadata={"json": "excludedSkus"})
    share: str
    #: Of a settlement: what an hour costs, by hardware.
    rates: List[SettlementRate]
    #: Who pays under these terms; null where the program says it for all of them.
    payer: Optional[str] = None
    #: Their place among the programs; null where the program says it for all of them.
    order: Optional[int] = None


@dataclass(frozen=True, kw_only=True)
class PublicPriceBeside:
    """A public cloud's price of what is like an offer, for the same quantity."""

    provider: str
    as_of: str = field(metadata={"json": "asOf"})
    like: str
    #: The price here as a part of it, to a thousandth.
    share: Decimal
    is_kept: bool = field(metadata={"json": "isKept"})


@dataclass(frozen=True, kw_only=True)
class Published:
    """What came of publishing."""

    new: int
    known: int
    dry_run: bool = field(metadata={"json": "dryRun"})


@dataclass(frozen=True, kw_only=True)
class PublishedRow:
    """A sheet in force, as 'prices list' and GET /v1/prices show it."""

    sheet: str
    landlord: str
    service: str
    clusters: List[Any]
    from_: str = field(metadata={"json": "from"})
    until: Optional[str] = None
    skus: int
    published_at: str = field(metadata={"json": "publishedAt"})
    published_by: str = field(metadata={"json": "publishedBy"})


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Quote of the exchange."""

    at: str
    #: Whole offers first, the cheapest first.
    offers: List[Offer]
    mix: Mixed


@dataclass(frozen=True, kw_only=True)
class QuoteKept:
    """What was quoted, to be ordered before it lapses."""

    id: str
    project: str
    period: str
    valid_until: str = field(metadata={"json": "validUntil"})
    total: Money
    parts: List[PartKept]


@dataclass(frozen=True, kw_only=True)
class QuoteLine:
    """A line of a quote: what a SKU comes to in a month."""

    month: str
    sku: str
    step: Optional[str] = None
    quantity: Quantity
    rate: Rate
    amount: Money
    sheet: str


@dataclass(frozen=True, kw_only=True)
class QuoteRow:
    """What one place quoted, as a list shows it."""

    id: str
    part: int
    project: str
    pi: Optional[str] = None
    landlord: str
    cluster: str
    period: str
    valid_until: str = field(metadata={"json": "validUntil"})
    total: Money
    #: 'open', 'lapsed', 'accepted' or 'ended'.
    state: str
    #: Instead of the PI, for a landlord that may not know its customers.
    customer: Optional[str] = None
    is_agreement: Optional[bool] = field(default=None, metadata={"json": "isAgreement"})


@dataclass(frozen=True, kw_only=True)
class QuoteWithLines:
    """What one place quoted, line by line."""

    quote: QuoteRow
    usage: List[PlannedUsage]
    lines: List[QuoteLine]


@dataclass(frozen=True, kw_only=True)
class ReadingBehind:
    """A reading that a segment rests on, and the number of the block that holds it; 0 for a row of a bill."""

    source: str
    id: str
    block: int
    text: str
    corrected: Optional[CorrectionBehind] = None


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Recorded of the exchange."""

    payee: str
    reference: str
    is_new: bool = field(metadata={"json": "isNew"})


@dataclass(frozen=True, kw_only=True)
class RefundedInvoice:
    """RefundedInvoice of the exchange."""

    number: str
    reference: str
    is_new: bool = field(metadata={"json": "isNew"})


@dataclass(frozen=True, kw_only=True)
class Saving:
    """Something that a PI could do without, or have for less, and what that would save a month."""

    #: The same for the same thing as long as it goes on: 'idle-gpu:nerc/stack/p-17'.
    id: str
    #: idle-gpu, stopped or elsewhere.
    kind: str
    landlord: str
    cluster: str
    project: str
    #: The resource, or the resources alike.
    subject: str
    #: How that is known.
    why: str
    #: What somebody would do about it.
    to_do: str = field(metadata={"json": "toDo"})
    #: What it would save in a whole month like this one, before funds.
    a_month: Money = field(metadata={"json": "aMonth"})
    #: The address of the quote that it rests on; null where it rests on none.
    quote: Optional[str] = None
    dismissed: Optional[Dismissed] = None


@dataclass(frozen=True, kw_only=True)
class SealedNumber:
    """The number of an ask or a bid that was taken: nobody else is told of it."""

    id: str


@dataclass(frozen=True, kw_only=True)
class SearchAnswer:
    """What was looked for, and what of it is the reader's to see."""

    text: str
    items: List[SearchHit]
    #: Whether there is more of a kind than is shown: a longer text finds it.
    is_cut: bool = field(metadata={"json": "isCut"})


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """Something that was found: what it is, its name, a word about it, and the page that shows it."""

    #: invoice, project, PI, resource, SKU or source.
    kind: str
    name: str
    about: str
    #: Its address in the portal, from the root.
    page: str


@dataclass(frozen=True, kw_only=True)
class SettingsOn:
    """What holds on a day."""

    on: datetime.date
    issuer: IssuerProfile
    customers: List[CustomerProfile]


@dataclass(frozen=True, kw_only=True)
class SettlementLine:
    """What a landlord sold of one SKU with a close."""

    service: str
    cluster: str
    sku: str
    adjusts: Optional[str] = None
    quantity: Quantity
    rate: Rate
    amount: Money
    #: The lease that it was sold by; null for what was not leased.
    lease: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class SettlementRate:
    """What the owner of hardware gets for an hour of one service unit."""

    #: What the name of a SKU holds when it runs on this hardware, as 'GPUH100'.
    hardware: str
    #: Dollars an hour for one GPU.
    per_hour: Decimal = field(metadata={"json": "perHour"})
    #: The SKUs that the owner's report has always listed.
    skus: List[str]
    #: How many GPUs one hour of a bare-metal node counts.
    node_gpus: int = field(metadata={"json": "nodeGpus"})


@dataclass(frozen=True, kw_only=True)
class SettlementRow:
    """What a landlord gets for a month."""

    landlord: str
    month: str
    gross: Money
    #: What the exchange keeps of the gross.
    share: Money
    #: What of it goes to those whose hardware the landlord sells.
    hardware: Money
    lines: int
    drawn_at: str = field(metadata={"json": "drawnAt"})
    #: What comes from sellers before it, less what goes to sellers behind it.
    transfers: Optional[Money] = None
    payable: Optional[Money] = None


@dataclass(frozen=True, kw_only=True)
class ShownCharge:
    """A charge as pages and the API show it: with who answers for its project."""

    month: str
    id: str
    landlord: str
    service: str
    cluster: str
    project: str
    project_name: str = field(metadata={"json": "projectName"})
    pi: Optional[str] = None
    institution: Optional[str] = None
    #: Whose charge it is, by the one name under which a landlord that may not know it has it.
    customer: Optional[str] = None
    sku: str
    quantity: Quantity
    rate: Rate
    amount: Money
    avoided: Optional[Money] = None
    sheet: str
    period: str


@dataclass(frozen=True, kw_only=True)
class Spend:
    """Spend of the exchange."""

    project: str
    name: str
    month: str
    billed: bool
    as_of: Optional[str] = field(default=None, metadata={"json": "asOf"})
    amount: Money
    funds: Optional[Money] = None
    owed: Optional[Money] = None
    skus: List[OfSku]


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One thing that changed what an account owes."""

    day: datetime.date
    #: The invoice or payment that it is about.
    document: str
    what: str
    #: Above zero when more is owed.
    amount: Money
    #: What is owed after it; below zero where the account has credit.
    balance: Money


@dataclass(frozen=True, kw_only=True)
class StatementTaken:
    """StatementTaken of the exchange."""

    is_new: bool = field(metadata={"json": "isNew"})


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What goes from one seller to another: for what is sold at wholesale, and for what is sublet. It stands in
    both settlements, with opposite signs."""

    #: Whom it goes to, or comes from.
    with_: str = field(metadata={"json": "with"})
    #: Whether this is the side that pays.
    pays: bool
    service: str
    sku: str
    adjusts: Optional[str] = None
    quantity: Quantity
    rate: Rate
    #: Below nothing on the side that pays, but for corrections.
    amount: Money
    #: The lease that it is paid for; null for what was not leased.
    lease: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class VoidedInvoice:
    """VoidedInvoice of the exchange."""

    number: str
    #: False when it was void before.
    is_new: bool = field(metadata={"json": "isNew"})
    #: The numbers under which it was issued again.
    reissued: List[str]


@dataclass(frozen=True, kw_only=True)
class WebhookRow:
    """A webhook as it is listed."""

    id: str
    url: str
    landlord: Optional[str] = None
    events: List[str]
    created_at: str = field(metadata={"json": "createdAt"})
    #: What 'If-Match' names. One that is listed was registered, and nothing was done to it since.
    version: Optional[str] = None


@dataclass(frozen=True, kw_only=True)
class WholeAccount:
    """A statement with what is open now."""

    statement: AccountStatement
    closing: Money
    open: List[OpenInvoice]


@dataclass(frozen=True, kw_only=True)
class WholeInvoice:
    """An invoice with its lines."""

    invoice: InvoiceRow
    lines: List[InvoiceLine]


@dataclass(frozen=True, kw_only=True)
class WholePartyInvoice:
    """An invoice to a party with its lines."""

    invoice: PartyRow
    lines: List[PartyLine]


@dataclass(frozen=True, kw_only=True)
class WholeSettlement:
    """A settlement with what was sold of each SKU, corrections too, and what of it goes to others."""

    settlement: SettlementRow
    lines: List[SettlementLine]
    hardware: List[HardwareDue]
    transfers: List[Transfer]


@dataclass(frozen=True, kw_only=True)
class WrittenOff:
    """WrittenOff of the exchange."""

    number: str
    amount: Money
