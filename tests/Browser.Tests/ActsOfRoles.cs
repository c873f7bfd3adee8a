namespace Exchange.Browser.Tests;

/// <summary>What somebody does: on which page, by which button, and what they type before.</summary>
/// <param name="Page">Where; empty for the page that the act before came to. Names in braces stand for what was made.
/// </param>
/// <param name="Button">Its words; with a blank at the end they go on.</param>
internal sealed record ActOfRole(
    string Who, string Page, string Route, string Button, params (string Name, string Value)[] Typed)
{
    /// <summary>What the name at the end of the address is called afterwards.</summary>
    public string Makes { get; init; } = "";
}

/// <summary>An act for each form that any page has, in an order in which one makes what the next is about.</summary>
internal static class ActsOfRoles
{
    private const string Invoice = "/invoices/PI-2026-0002", Party = "/finance/parties/IN-2026-0001";
    private const string Customer = "/finance/customers/pi%3Aben%40mit.edu";
    private const string Offer = "/landlord/offer?service=openstack&sku=OpenStack%20CPU";
    private const string Plan = "machines=2&form=vm&vcpu=4&ram=16&gpus=0&gpu=&fpgas=0&hours=100&storage=&egress=";

    public static IReadOnlyList<ActOfRole> All =>
        [.. Market, .. OfPi, .. OfLandlord, .. OfPayer, .. OfOperator, .. Billing, .. Billed, .. Erasing];

    private static readonly ActOfRole[] Market =
    [
        new("nerc", Offer, "/landlord/offer", "Save draft", ("approval", "yes")),
        new("nerc", Offer, "/landlord/offer", "Publish offer"),
        new("ada", $"/quotes?{Plan}", "/quotes/saved", "Save quote") { Makes = "quote" },
        new("ada", "/quotes/saved/{quote}", "/orders/place", "Order at ") { Makes = "order" },
        new("subsidy", "/orders/{order}", "/orders/{id}/answer", "Approve order"),
        new("ada", $"/quotes?{Plan}", "/quotes/saved", "Save quote") { Makes = "second" },
        new("ada", "/quotes/saved/{second}", "/quotes/saved/{id}/accept", "Accept quote"),
        new("ada", "/quotes/saved/{second}", "/quotes/saved/{id}/end", "End agreement"),
        new("ada", "/pi/intermediaries", "/pi/intermediaries", "Grant mandate", ("landlord", "nerc")),
        new("nerc", $"/quotes?{Plan}", "/landlord/customers/quotes", "Save quote") { Makes = "acted" },
        new("nerc", "", "/landlord/customers/orders", "Order at "),
        new("nerc", "/leases", "/leases/nodes", "Lend nodes", ("cluster", "bm"), ("nodes", "N20 N21"),
            ("from", "2027-06-01T00:00:00Z"), ("until", "2027-07-01T00:00:00Z")),
        new("nerc", "/leases/new", "/leases/new", "Propose lease", ("cluster", "bm"), ("nodes", "N20"),
            ("project", "p-ada"), ("from", "2027-06-01T00:00:00Z"), ("until", "2027-06-02T00:00:00Z"), ("price", "1"),
            ("notice", "5"), ("shape", "")) { Makes = "lease" },
        new("ada", "/leases/{lease}", "/leases/{id}/answer", "Accept"),
        new("nerc", "/agreements/new", "/agreements/new", "Propose agreement", ("cluster", "stack"),
            ("sku", "OpenStack CPU"), ("project", "p-ada"), ("from", "2027-01-01T00:00:00Z"),
            ("until", "2027-03-01T00:00:00Z"), ("amount", "1"), ("price", "0.01")) { Makes = "agreement" },
        new("ada", "/agreements/{agreement}", "/agreements/{id}/answer", "Accept"),
        new("finance", "/auctions", "/auctions", "Open auction", ("from", "2027-06-10T00:00:00Z"),
            ("until", "2027-06-11T00:00:00Z"), ("closes", "2027-05-01T00:00:00Z")) { Makes = "auction" },
        new("nerc", "/auctions?id={auction}", "/auctions", "Offer nodes", ("cluster", "bm"), ("nodes", "N21"),
            ("price", "0.40")),
        new("nerc", "/auctions?id={auction}", "/auctions/act", "Withdraw "),
    ];

    private static readonly ActOfRole[] OfPi =
    [
        new("ada", "/pi/budget", "/pi/budget", "Save budget", ("amount", "750"), ("thresholds", "50, 80")),
        new("ada", "/pi/awards", "/pi/awards", "Add award", ("number", "NSF-9"), ("sponsor", "NSF"),
            ("from", "2026-10-01"), ("last", "2027-09-30"), ("budget", "25000"), ("projects", "stack/p-ada")),
        new("ada", "/pi/awards/NSF-9", "/pi/awards/{number}", "Save award", ("budget", "26000")),
        new("ada", "/pi/savings", "/pi/savings", "Stop weekly mail"),
    ];

    private static readonly ActOfRole[] OfLandlord =
    [
        new("nerc", "/landlord/levels", "/landlord/levels", "Publish service level", ("month", "2027-01")),
        new("nerc", "/landlord/levels", "/landlord/outages", "Declare outage", ("name", "power-7"), ("clusters", "stack"),
            ("from", "2026-11-02T00:00:00Z"), ("until", "2026-11-02T09:00:00Z"), ("reason", "a feed failed")),
        new("nerc", "/landlord/levels", "/landlord/outages/withdraw", "Withdraw outage", ("outage", "power-7"),
            ("because", "there was none")),
        new("nerc", "/landlord/sheets/new?from={sheet}", "/landlord/sheets/new", "Preview prices", ("starts", "2027-03")),
        new("nerc", "", "/landlord/sheets/new", "Publish sheet from "),
        new("nerc", "/landlord/sheets/withdraw?id=nerc/openstack/2027-03-01%231", "/landlord/sheets/withdraw",
            "Withdraw sheet", ("confirm", "nerc/openstack/2027-03-01#1")),
        new("nerc", "/landlord/keys", "/landlord/keys", "Create key", ("name", "collector")),
        new("nerc", "/landlord/keys", "/landlord/keys", "Create key", ("name", "another")),
        new("nerc", "/landlord/keys", "/landlord/keys/revoke", "Revoke "),
        new("nerc", "/webhooks", "/webhooks", "Register webhook", ("url", "https://nerc.example.org/")),
        new("nerc", "/webhooks", "/webhooks/act", "Delete webhook"),
    ];

    private static readonly ActOfRole[] OfPayer =
    [
        new("subsidy", "/subsidy", "/subsidy/caps", "Set caps", ("caps", "ada@bu.edu,55.00")),
        new("subsidy", "/subsidy", "/subsidy/suspension", "Apply", ("pi", "ada@bu.edu"), ("from", "2026-12")),
        new("subsidy", "/subsidy/enrol", "/subsidy/enrol", "Preview enrollment", ("list", "carla@bu.edu,20.00")),
        new("subsidy", "", "/subsidy/enrol", "Enroll 1 PI"),
    ];

    private static readonly ActOfRole[] OfOperator =
    [
        new("operator", "/operator/quarantine/{reading}", "/operator/quarantine/{name}", "Discard reading",
            ("because", "a test")),
        new("operator", "/operator/quarantine-by-reason?reason={reason}", "/operator/quarantine-by-reason",
            "Preview changes", ("find", "dreaming"), ("put", "running")),
        new("operator", "", "/operator/quarantine-by-reason", "Apply to all 1"),
        new("operator", "/operator/corrections", "/operator/corrections", "Preview corrections", ("landlord", "nerc"),
            ("source", "urn:test"), ("ids", "odd-1"), ("reason", "never was")),
        new("operator", "/operator/sources", "/operator/sources", "Set interval", ("every", "2h")),
        new("operator", "/operator/keys", "/operator/keys/revoke", "Revoke "),
        new("operator", "/jobs/verify", "/jobs/{name}/run", "Run now"),
    ];

    private static readonly ActOfRole[] Billing =
    [
        new("finance", "/finance/settings/issuer", "/finance/settings/issuer", "Save issuer", ("name", "MOC")),
        new("finance", "/finance/settings/customer?account=pi%3Aada%40bu.edu", "/finance/settings/customer",
            "Save customer", ("name", "Ada's laboratory")),
        new("finance", "/finance/peers", "/finance/peers", "Admit peer", ("name", "wpi"), ("known-as", "nerc"),
            ("url", "https://wpi.example.org"), ("key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
            ("pi", "ben@mit.edu"), ("from", "2026-11")),
        new("finance", "/finance/peers/mit?month=2026-10", "/finance/peers/{peer}", "Answer dispute", ("answer", "It ran.")),
        new("finance", "/finance/accounts", "/finance/accounts/accrue", "Post accrual of Oct 2026"),
        new("finance", "/mail", "/mail/again", "Send again "),
        new("finance", "/finance/close?month=2026-10", "/finance/close", "Close and issue", ("confirm", "2026-10")),
    ];

    private static readonly ActOfRole[] Billed =
    [
        new("finance", Invoice, "/invoices/{number}/payments", "Record payment", ("reference", "bank-1"), ("amount", "2.00")),
        new("finance", Invoice, "/invoices/{number}/refunds", "Record refund", ("back_reference", "b-1"), ("back", "0.50")),
        new("finance", Invoice, "/invoices/{number}/corrections", "Issue credit note", ("credit", "1.00"),
            ("because", "an outage")),
        new("finance", Party, "/finance/parties/{number}/void", "Void and reissue invoice", ("because", "another address"),
            ("confirm", "IN-2026-0001")),
        new("finance", "/finance/parties/IN-2026-0002", "/finance/parties/{number}/payments", "Record payment",
            ("reference", "wire-2"), ("amount", "2.00")),
        new("finance", "/finance/parties/IN-2026-0002", "/finance/parties/{number}/refunds", "Record refund",
            ("back_reference", "b-2"), ("back", "1.00")),
        new("finance", "/finance/parties/IN-2026-0002", "/finance/parties/{number}/credits", "Issue credit note",
            ("credit", "1.00"), ("reason", "an outage")),
        new("finance", Customer, "/finance/customers/{account}/payments", "Record payment", ("reference", "wire-3"),
            ("amount", "3.00")),
        new("finance", Customer, "/finance/customers/{account}/credit", "Keep credit"),
        new("finance", "/finance/payments", "/finance/payments", "Review matches",
            ("list", "date,amount,currency,reference,text\n2026-11-04,2.00,USD,bank-9,PI-2026-0002\n")),
        new("finance", "", "/finance/payments", "Record payments"),
        new("nerc", "/landlord/statements/landlord/2026-10", "/landlord/statements/{kind}/{month}", "Dispute line",
            ("line", "1"), ("because", "fewer hours")),
        new("finance", "/finance/payouts/landlord%3Anerc/2026-10", "/finance/payouts/{payee}/{month}", "Resolve dispute",
            ("line", "1"), ("because", "hours are right")),
        new("finance", "/finance/payouts/landlord%3Anerc", "/finance/payouts/{payee}", "Record payout",
            ("reference", "out-1"), ("amount", "1.00")),
        new("finance", "/finance/adjustments", "/finance/adjustments", "Leave month as billed", ("because", "too late")),
        new("ada", "/pi", "/sign-out", "Sign out"),
    ];

    /// <summary>Last: nobody is left of them.</summary>
    private static readonly ActOfRole[] Erasing =
    [
        new("finance", "/finance/people", "/finance/people", "Preview erasure", ("address", "ben@mit.edu"),
            ("because", "asked to be forgotten")),
        new("finance", "", "/finance/people", "Erase person", ("confirm", "ben@mit.edu")),
    ];
}
