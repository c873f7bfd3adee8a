using Exchange.Invoicing.Funds;
using NodaTime;

namespace Exchange.Portal.Funds;

/// <summary>A line of a list of PIs to enrol, and what would come of it.</summary>
/// <param name="Amount">What this PI gets a month instead of what the terms say; null for the terms.</param>
/// <param name="Wrong">Why the line cannot be taken; null when it can.</param>
internal sealed record EnrolLine(int Number, string Text, PiId? Pi, Money? Amount, string? Wrong);

/// <summary>Enrols the PIs of a list 'address,amount' in a subsidy: all of them in one append, or none.</summary>
internal static class EnrolMany
{
    public const int MaxPis = 5_000;

    /// <summary>No PI gets as much a month.</summary>
    public static readonly Money TooMuch = new(100_000_000);

    /// <summary>Reads the list; a first line of headings is passed over.</summary>
    public static IReadOnlyList<EnrolLine> Read(string csv)
    {
        var seen = new Dictionary<PiId, int>();
        var lines = new List<EnrolLine>();
        var all = csv.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < all.Length; i++)
        {
            var text = all[i].Trim().Trim('\uFEFF');
            if (text.Length > 0 && !(lines.Count == 0 && IsHeading(text)))
            {
                lines.Add(One(i + 1, text, seen));
            }
        }

        return lines;
    }

    /// <summary>What enrolling them decides about a programme; asked again once it is so, nothing.</summary>
    public static Decision<FundEvent> Rule(
        Fund fund, IReadOnlyList<EnrolLine> lines, BillingMonth from, string by, Instant now)
    {
        var events = new List<FundEvent>();
        foreach (var line in lines)
        {
            var pi = line.Pi ?? throw new InvalidOperationException($"Line {line.Number} is no PI.");
            List<Decision<FundEvent>> decided = [Fund.Enrol(fund, pi, from, by, now)];
            if (line.Amount is { } amount)
            {
                decided.Add(Fund.Cap(fund, pi, amount, from, by, now));
            }

            if (decided.Select(one => one.Refusal).FirstOrDefault(one => one is not null) is { } refusal)
            {
                return refusal with { Where = $"line {line.Number}" };
            }

            events.AddRange(decided.SelectMany(one => one.Events));
        }

        return [.. events];
    }

    /// <summary>Amounts for many at once: all of them in one append, or none.</summary>
    public static Decision<FundEvent> Caps(
        Fund fund, IReadOnlyList<(PiId Pi, Money Amount)> caps, BillingMonth from, string by, Instant now)
    {
        var events = new List<FundEvent>();
        foreach (var (pi, amount) in caps)
        {
            var decision = Fund.Cap(fund, pi, amount, from, by, now);
            if (decision.Refusal is { } refusal)
            {
                return refusal with { Message = $"{pi}: {refusal.Message} No amount was set." };
            }

            events.AddRange(decision.Events);
        }

        return [.. events];
    }

    private static bool IsHeading(string text) => !text.Contains('@', StringComparison.Ordinal) &&
        text.Split(',')[0].Trim().Trim('"').ToLowerInvariant() is "pi" or "address" or "email" or "e-mail";

    private static EnrolLine One(int number, string text, Dictionary<PiId, int> seen)
    {
        var cells = text.Split(',').Select(cell => cell.Trim().Trim('"').Trim()).ToArray();
        var shown = text.Length > 200 ? $"{text[..199]}…" : text;
        if (cells.Length > 2)
        {
            return Wrong("It has more than an address and an amount. Write amounts without thousands marks.");
        }

        if (!EmailAddress.TryNormalize(cells[0], out var address) ||
            !System.Net.Mail.MailAddress.TryCreate(address, out var mail) || mail.Address != address)
        {
            return Wrong($"'{cells[0]}' is not an address, like 'ada@bu.edu'.");
        }

        var pi = new PiId(address);
        if (!seen.TryAdd(pi, number))
        {
            return Wrong($"Line {seen[pi]} names '{address}' too.");
        }

        if (cells is not [_, { Length: > 0 } amount])
        {
            return new(number, shown, pi, null, null);
        }

        return TypedMoney.TryRead(amount, out var dollars, out _) && dollars < TooMuch
            ? new(number, shown, pi, dollars, null)
            : Wrong($"'{amount}' is not dollars and cents a month below a million, like '150.00'.");

        EnrolLine Wrong(string why) => new(number, shown, null, null, why);
    }
}
