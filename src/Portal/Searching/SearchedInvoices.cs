using System.Globalization;
using System.Text.RegularExpressions;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Searching;

/// <summary>
/// Invoices by number: all of it as 'PI-2026-0080', or its end, which is looked for in the last years and in each kind
/// of number.
/// </summary>
internal sealed partial class SearchedInvoices(View view, Viewer viewer)
{
    private const int Years = 3;
    private const int Digits = 4;
    private static readonly string[] Kinds = ["PI", "IN", "PY", "PG"];

    public async Task<IReadOnlyList<SearchHit>> Run(string text, Instant now, CancellationToken ct)
    {
        var numbers = Numbers(text, now.InUtc().Year);
        return numbers.Count == 0 || (viewer.Sees != "money" && viewer.Pi is null) ? [] :
        [
            .. await Read("""
                select number, account, month from invoicing.invoice
                where number = any($1) and ($2::text is null or account = $2) order by number desc limit 11
                """, numbers, "/invoices/", ct),
            .. viewer.Sees != "money" ? [] : await Read("""
                select number, party, month from invoicing.party_invoice
                where number = any($1) and $2::text is null order by number desc limit 11
                """, numbers, "/finance/parties/", ct),
        ];
    }

    /// <summary>The numbers that a text may stand for.</summary>
    internal static IReadOnlyList<string> Numbers(string text, int year)
    {
        if (Whole().Match(text) is { Success: true } whole)
        {
            var kind = whole.Groups[1].Value.ToUpperInvariant();
            return [$"{kind}-{whole.Groups[2].Value}-{Padded(whole.Groups[3].Value)}"];
        }

        var end = End().Match(text);
        if (!end.Success)
        {
            return [];
        }

        var years = end.Groups[1].Success ? [int.Parse(end.Groups[1].Value, CultureInfo.InvariantCulture)]
            : Enumerable.Range(year - Years + 1, Years);
        return [.. from one in years
                   from of in Kinds
                   select string.Create(
                       CultureInfo.InvariantCulture, $"{of}-{one:0000}-{Padded(end.Groups[2].Value)}")];
    }

    private static string Padded(string digits) => digits.TrimStart('0').PadLeft(Digits, '0');

    private async Task<IReadOnlyList<SearchHit>> Read(
        string sql, IReadOnlyList<string> numbers, string path, CancellationToken ct)
    {
        await using var command = await view.Command(sql, ct);
        command.Parameters.Add(new() { Value = numbers.ToArray() });
        command.Parameters.Add(new() { Value = (object?)viewer.Pi?.Value ?? DBNull.Value, DataTypeName = "text" });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<SearchHit>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                "invoice", rows.GetString(0), $"{rows.GetString(1)}, {rows.GetString(2)}",
                path + Uri.EscapeDataString(rows.GetString(0))));
        }

        return found;
    }

    [GeneratedRegex("^(PI|IN|PY|PG)-([0-9]{4})-([0-9]{1,9})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex("^(?:([0-9]{4})-)?([0-9]{1,9})$", RegexOptions.CultureInvariant)]
    private static partial Regex End();
}
