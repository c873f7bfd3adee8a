using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Portal.Commands;
using Exchange.Portal.Funds;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>POST /subsidy/caps — what a subsidy pays at most for many PIs at once.</summary>
internal static class SubsidyCaps
{
    private const int MaxCaps = 2_000;

    /// <summary>Lines 'address,amount': all of them, or none.</summary>
    public static async Task<IResult> Post(HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var caps = Read(form);
        var now = clock.GetCurrentInstant();
        var programme = await SubsidyPage.Own(http, exchange, form, now, ct);
        if (programme is not null)
        {
            var paysFor = await programme.PaysFor(exchange, now, ct);
            foreach (var (pi, _) in caps.Where(cap => cap.Pi.Value is not null && !paysFor(cap.Pi)))
            {
                form.Wrong("caps", $"'{pi}' is not enrolled, and the terms do not name them. Enroll them first, or " +
                    "correct the address. No amount was set.");
            }
        }

        if (form.IsRight && programme is not null)
        {
            var by = Viewer.Needed(http).Actor;
            var refusal = await exchange.Commands.Try(
                new ChangeFund(
                    programme.Programme, [ProgrammeKind.Subsidy], "subsidy cap",
                    string.Join(", ", caps.Select(cap => $"{cap.Pi} {cap.Amount}")),
                    (fund, at) => EnrolMany.Caps(fund, caps, BillingMonth.Of(now), by, at)), http, ct);
            if (refusal is null)
            {
                return Results.Redirect("/subsidy");
            }

            form.Wrong("caps", refusal.Message);
        }

        return await SubsidyPage.Draw(http, exchange, clock, null, form, ct);
    }

    private static List<(PiId Pi, Money Amount)> Read(Form form)
    {
        var lines = form.Typed("caps").ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries |
            StringSplitOptions.RemoveEmptyEntries);
        var caps = lines.Take(MaxCaps).Select((line, i) => ReadCap(form, line, i + 1)).ToList();
        if (lines.Length is 0 or > MaxCaps)
        {
            form.Wrong("caps", $"Type 1 to {MaxCaps} lines like 'ada@bu.edu,150.00'.");
        }

        if (caps.Where(cap => cap.Pi.Value is not null).GroupBy(cap => cap.Pi)
            .FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
        {
            form.Wrong("caps", $"'{twice}' stands in the list more than once. Say one amount for each.");
        }

        return caps;
    }

    private static (PiId Pi, Money Amount) ReadCap(Form form, string line, int number)
    {
        if (line.Split(',', StringSplitOptions.TrimEntries) is [var written, var text] &&
            EmailAddress.TryNormalize(written, out var address) && TypedMoney.TryRead(text, out var amount, out _) &&
            amount < EnrolMany.TooMuch)
        {
            return (new(address), amount);
        }

        form.Wrong("caps", $"Line {number} is '{line}'. Write an address and an amount a month, like " +
            "'ada@bu.edu,150.00'.");
        return default;
    }
}
