namespace Exchange.Portal.Cli;

/// <summary>Examples of what finance types: adjustments, payments, accounts, the ledger, payouts and mail.</summary>
internal static partial class Examples
{
    private static readonly Dictionary<string, string[]> OfFinance = new(StringComparer.Ordinal)
    {
        ["adjustments list"] = ["exchange adjustments list", "exchange adjustments list --json"],
        ["adjustments accept"] = ["exchange adjustments accept 2025-08 --seen 5A0C2D9F31B7E684"],
        ["adjustments decline"] =
            ["exchange adjustments decline 2025-08 --seen 5A0C2D9F31B7E684 --because \"the landlord bears it\""],
        ["payments record"] = [
            "exchange payments record ada@bu.edu --reference wire-17 --amount \"250.00 USD\" --date 2026-11-03",
            "exchange payments record \"institution:Harvard University\" --reference wire-18 --amount \"900.00 USD\" " +
                "--invoice IN-2026-0001 --invoice \"IN-2026-0002=40.00 USD\""],
        ["payments import"] = [
            "exchange payments import november.csv", "exchange payments import statement.xml --commit"],
        ["accounts list"] = ["exchange accounts list", "exchange accounts list --json"],
        ["accounts show"] = ["exchange accounts show ada@bu.edu",
            "exchange accounts show payer:bu-research-it --from 2026-10-01 --until 2026-11-01 --csv october.csv"],
        ["accounts apply"] = ["exchange accounts apply ada@bu.edu",
            "exchange accounts apply ada@bu.edu --invoice PI-2026-0007"],
        ["accounts refund"] = ["exchange accounts refund ada@bu.edu --reference back-3 --amount \"31.20 USD\""],
        ["accounts keep-credit"] = ["exchange accounts keep-credit ada@bu.edu",
            "exchange accounts keep-credit ada@bu.edu --off"],
        ["invoices write-off"] = ["exchange invoices write-off PI-2026-0003 --because \"the group has left\""],
        ["ledger balance"] = ["exchange ledger balance --month 2026-10",
            "exchange ledger balance --month 2026-10 --by posted --json"],
        ["ledger entries"] = ["exchange ledger entries --month 2026-10 --by posted"],
        ["ledger accrue"] = [
            "exchange ledger accrue --month 2026-11", "exchange ledger accrue --month 2026-11 --commit"],
        ["settings show"] = ["exchange settings show", "exchange settings show --for pi:ada@bu.edu --on 2026-12-01"],
        ["settings set"] = [
            "exchange settings set --name \"Massachusetts Open Cloud\" --address \"8 St. Mary's Street\" " +
                "--address \"Boston, MA 02215\" --tax-id \"EIN 00-0000000\" --terms-days 45 --from 2026-12-01",
            "exchange settings set --for \"institution:Harvard University\" --purchase-order PO-7781"],
        ["settings list"] = ["exchange settings list"],
        ["settings versions"] = ["exchange settings versions exchange", "exchange settings versions pi:ada@bu.edu"],
        ["settings publish"] = ["exchange settings publish pricing/issuer.yaml pricing/customers.yaml --dry-run"],
        ["settings withdraw"] = ["exchange settings withdraw pi:ada@bu.edu --from 2027-01"],
        ["payouts list"] = ["exchange payouts list", "exchange payouts list --json"],
        ["payouts statement"] = ["exchange payouts statement nerc --month 2026-10",
            "exchange payouts statement hardware:lenovo --month 2026-10 --json"],
        ["payouts accept"] = ["exchange payouts accept landlord:nerc --month 2026-10"],
        ["payouts dispute"] = [
            "exchange payouts dispute nerc --month 2026-10 --line 3 --because \"the node was away\""],
        ["payouts resolve"] = [
            "exchange payouts resolve nerc --month 2026-10 --line 3 --because \"a credit note was issued\""],
        ["payouts record"] = [
            "exchange payouts record nerc --reference out-10 --amount \"900.00 USD\" --month 2026-10"],
        ["mail send"] = [
            "exchange mail send", "exchange mail send --month 2026-10",
            "exchange mail send --server \"smtp://mail.example.org:587?from=billing@example.org\"",
        ],
        ["mail remind"] = ["exchange mail remind", "exchange mail remind --json"],
        ["mail list"] = ["exchange mail list", "exchange mail list --json"],
    };
}
