using System.CommandLine;
using Exchange.Invoicing.Exports;
using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Exports;

namespace Exchange.Portal.Cli;

/// <summary>exchange export — writes a report of a month as files, from what the exchange holds.</summary>
internal static class Export
{
    public static Command Command()
    {
        var report = new Argument<string>("report")
        {
            HelpName = "report",
            Description = $"What to write: {string.Join(", ", Report.All.Select(one => one.Name))}.",
        };
        report.AcceptOnlyFromAmong([.. Report.All.Select(one => one.Name)]);
        var month = Settings.Month();
        var directory = new Option<string>("--out")
        {
            Description = "The directory to write to; it is made when it is missing.",
            HelpName = "DIR",
            Required = true,
        };
        var cluster = Settings.Known<ClusterId>("--cluster", "C", "Only what was used there.");
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only what is this landlord's.");
        var policies = new Option<string>("--policies")
        {
            Description = "nerc-compatible, with the faults of NERC's scripts, or corrected.",
            HelpName = "P",
            DefaultValueFactory = _ => "corrected",
        };
        policies.AcceptOnlyFromAmong("nerc-compatible", "corrected");
        var asOf = AsOfDay.Option();
        var form = new Option<string>("--as")
        {
            Description = "csv; parquet for focus; workday, peoplesoft or quickbooks for the journal.",
            HelpName = "FORM",
            DefaultValueFactory = _ => "csv",
        };
        form.AcceptOnlyFromAmong(["csv", "parquet", "ledger", "beancount", .. JournalExport.Layouts]);
        var focus = new Option<string>("--focus")
        {
            Description = "The version of FOCUS, 1.2 or 1.3; in 1.3 each invoice to an institution, payer or group " +
                "has rows too.",
            HelpName = "VERSION",
            DefaultValueFactory = _ => FocusVersions.Default,
        };
        focus.AcceptOnlyFromAmong([.. FocusVersions.Names]);
        var by = LedgerVerbs.By();
        return new Command("export", "Writes a report of a month as files.")
        {
            report, month, directory, cluster, landlord, policies, asOf, form, focus, by,
        }.Does(async (verb, ct) =>
        {
            var chosen = Report.All.Single(one => one.Name == verb.Get(report));
            if (verb.Get(asOf) is not null && chosen.Name is not ("charges" or "focus" or "settlement" or "journal"))
            {
                throw new RefusedException(new(
                    "as-of/no-such-report",
                    $"'{chosen.Name}' cannot be had as of a day; charges, focus, settlement and journal can.",
                    "--as-of"));
            }

            if (verb.Get(form) is var wanted and not "csv" &&
                chosen.Name != (wanted == "parquet" ? "focus" : "journal"))
            {
                throw new RefusedException(new(
                    "export/no-such-form",
                    $"'{chosen.Name}' is written as CSV or text; focus can be Parquet, and the journal can be had as " +
                    $"{string.Join(", ", JournalExport.Layouts)}.", "--as"));
            }

            if (verb.Get(focus) != FocusVersions.Default && chosen.Name != "focus")
            {
                throw new RefusedException(new(
                    "export/no-such-form", $"'{chosen.Name}' is no FOCUS; leave out --focus, or export focus.",
                    "--focus"));
            }

            await using var exchange = await verb.Open(ct);
            var what = $"{chosen.Name} {verb.Get(month)} {verb.Get(policies)}";
            var written = await verb.Terminal.Progress("Writing …", _ => exchange.Commands.Noted(
                "export", what, ct => chosen.Write(
                new(exchange, verb.Get(month), verb.Get(directory), verb.Get(cluster), verb.Get(landlord),
                    verb.Get(policies))
                {
                    AsOf = verb.Get(asOf),
                    AsParquet = verb.Get(form) == "parquet",
                    Layout = verb.Get(form),
                    Focus = FocusVersions.Named(verb.Get(focus))!.Value,
                    By = LedgerVerbs.View(verb.Get(by)),
                }, ct), ct));
            // What was kept by a day is whole, whatever became of the readings since.
            if (verb.Get(asOf) is null &&
                UnfoldedBlock.Notice(exchange.Meter.Unfolded, verb.Get(landlord)) is { } incomplete)
            {
                written = written with { Notes = [.. written.Notes, incomplete] };
            }

            return new(written, terminal =>
            {
                foreach (var file in written.Files)
                {
                    terminal.Say(Path.Combine(verb.Get(directory), file));
                }

                foreach (var note in written.Notes)
                {
                    terminal.Error.WriteLine(note);
                }
            });
        });
    }
}
