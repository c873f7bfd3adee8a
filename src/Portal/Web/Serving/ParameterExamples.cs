using System.Text.Json.Nodes;

namespace Exchange.Portal.Web;

/// <summary>What the parameters of routes look like, for whoever reads the description or tries a route.</summary>
internal static class ParameterExamples
{
    private static readonly Dictionary<string, Func<JsonNode>> Alike = new(StringComparer.Ordinal)
    {
        ["month"] = () => "2026-10",
        ["project"] = () => "p-17",
        ["cluster"] = () => "stack",
        ["landlord"] = () => "nerc",
        ["pi"] = () => "ada@bu.edu",
        ["award"] = () => "NSF-2412345",
        ["which"] = () => "B-7F3K2M9Q",
        ["report"] = () => "charges",
        ["policies"] = () => Rating.Policies.Corrected,
        ["focus"] = () => Invoicing.Exports.FocusVersions.Default,
        ["as"] = () => "csv",
        ["at"] = () => "2026-10-05T00:00:00Z",
        ["on"] = () => "2026-11-01",
        ["account"] = () => "pi:ben@mit.edu",
        ["payee"] = () => "landlord:nerc",
        ["peer"] = () => "mit",
        ["until"] = () => "2026-12-01",
        ["by"] = () => "period",
        ["from"] = () => "2026-10-01",
        ["to"] = () => "2026-11-01",
        ["group_by"] = () => new JsonArray("sku", "month"),
        ["service"] = () => "openstack",
        ["search"] = () => "OpenStack",
        ["q"] = () => "OpenStack",
        ["sku"] = () => "OpenStack CPU",
        ["institution"] = () => "Boston University",
        ["fund"] = () => "nerc-new-pi-credit",
        ["payer"] = () => "mghpcc",
        ["class"] = () => "usage",
        ["compare"] = () => "previous",
        ["limit"] = () => 100,
        ["after"] = () => 0,
        ["webhook"] = () => "w0123456789ab",
        ["dryRun"] = () => true,
        ["details"] = () => true,
        [IdempotencyFilter.Header] = () => "close-2026-10-first",
    };

    /// <summary>Null for a cursor, which only an answer can give.</summary>
    public static JsonNode? Of(string name, string path) => name switch
    {
        "id" => Id(path.Split('/')[1]),
        "number" => path.Contains("disputes", StringComparison.Ordinal) ? 1
            : path.Contains("party", StringComparison.Ordinal) ? "PY-2026-0001" : "PI-2026-0001",
        "If-Match" => $"\"{Version(path)}\"",
        _ => Alike.GetValueOrDefault(name)?.Invoke(),
    };

    /// <summary>What is agreed has one more than was said of it: what was locked by a quote stands before.</summary>
    private static int Version(string path) =>
        (path.Split('/')[^1] is "extend" or "end" or "transfer" or "reprice" or "reclaim" ? 2 : 1) +
        (path.Contains("agreements", StringComparison.Ordinal) ? 1 : 0);

    private static string Id(string things) => things switch
    {
        "projects" => "p-17",
        "explain" => "2026-10:nerc:stack:p-17:OpenStack CPU:nerc/openstack/2025-06-01#1",
        "price-sheets" => "nerc/openstack/2025-06-01#1",
        "leases" => "L-7F3K2M9Q",
        "auctions" => "A-7F3K2M9Q",
        _ => "w0123456789ab",
    };
}
