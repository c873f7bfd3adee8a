using System.Globalization;
using System.Text;
using Exchange.Invoicing;
using Exchange.Metering.Csv;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Awards.Reports;

/// <summary>What an award paid for a project in a month, or in the part of it that was asked for.</summary>
internal sealed record AwardLine(
    BillingMonth Month, string Project, Money Cost, Money Credits, Money Net, decimal Percent, Money Amount);

/// <summary>What an award paid in its sponsor's period, by month and project, as PDF and CSV.</summary>
/// <param name="To">The first day that is not part of it.</param>
internal sealed record AwardReport(
    AwardTerms Terms, LocalDate From, LocalDate To, Instant? AsOf, IReadOnlyList<AwardLine> Lines)
{
    private static readonly string[] Columns =
        ["award", "month", "project", "cost", "credits", "net", "share_percent", "amount", "currency"];

    public Money Total => Money.Sum(Lines.Select(line => line.Amount));

    /// <param name="from">Null for the award's first day.</param>
    /// <param name="to">The first day that is not part of it; null for the award's end.</param>
    /// <exception cref="RefusedException">No day of the award lies in it.</exception>
    public static AwardReport Of(AwardStanding standing, LocalDate? from, LocalDate? to)
    {
        var terms = standing.Terms;
        var (first, end) = (Later(from ?? terms.From, terms.From), Earlier(to ?? terms.To, terms.To));
        if (end <= first)
        {
            throw new RefusedException(new(
                "awards/period",
                $"No day of {terms.Number} lies from {Text(from ?? terms.From)} to {Text(to ?? terms.To)}: it is " +
                $"from {Text(terms.From)} to {Text(terms.To)}, and 'to' is the first day after it.", "to"));
        }

        return new(terms, first, end, standing.AsOf,
        [
            .. standing.Days.Where(one => one.Of.Day >= first && one.Of.Day < end)
                .GroupBy(one => (Month: new BillingMonth(one.Of.Day.Year, one.Of.Day.Month), one.Of.Project))
                .OrderBy(of => of.Key.Month).ThenBy(of => of.Key.Project, StringComparer.Ordinal)
                .Select(of => new AwardLine(
                    of.Key.Month, of.Key.Project, Money.Sum(of.Select(one => one.Of.Cost)),
                    Money.Sum(of.Select(one => one.Of.Credits)), Money.Sum(of.Select(one => one.Of.Net)),
                    terms.PercentOf(of.Key.Project), Money.Sum(of.Select(one => one.Amount)))),
        ]);
    }

    public string FileName => $"award-{Terms.Number}-{Text(From)}-{Text(To)}";

    public byte[] Csv()
    {
        var text = new StringBuilder(CsvWriter.Row(Columns, exact: false, end: "\r\n"));
        foreach (var line in Lines)
        {
            text.Append(CsvWriter.Row(
                [
                    Terms.Number, line.Month.ToString(), line.Project, line.Cost.Plain, line.Credits.Plain,
                    line.Net.Plain, Percent(line.Percent), line.Amount.Plain, $"{line.Amount.Currency}",
                ], exact: false, end: "\r\n"));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <exception cref="RefusedException">The system's text and PDF libraries are not installed.</exception>
    public byte[] Pdf(Instant now) => TablePdf.Draw(
        $"{Terms.Sponsor}, award {Terms.Number}: {Text(From)} to {Text(To.PlusDays(-1))}, " +
        $"{(Terms.Rules.AfterCredits ? "after" : "before")} credits" +
        (AsOf is { } asOf ? $", as of {Exchange.Text.Of(asOf)}" : ""),
        Exchange.Text.Of(now),
        ["Month", "Project", "Cost", "Credits", "Net", "Share", "Amount (USD)"],
        [
            .. Lines.Select(line => (IReadOnlyList<string?>)[
                line.Month.ToString(), line.Project, line.Cost.Plain, line.Credits.Plain, line.Net.Plain,
                $"{Percent(line.Percent)} %", line.Amount.Plain]),
            ["Total", null, null, null, null, null, Total.Plain],
        ]);

    private static LocalDate Later(LocalDate left, LocalDate right) => left > right ? left : right;

    private static LocalDate Earlier(LocalDate left, LocalDate right) => left < right ? left : right;

    private static string Percent(decimal percent) => percent.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Text(LocalDate day) => LocalDatePattern.Iso.Format(day);
}
