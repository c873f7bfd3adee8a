using System.CommandLine;
using Exchange.Invoicing.Exports;
using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Exports;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange export — writes a report of a month as files, from what the exchange holds.</summary>
internal static class Export
{
    public static Command Command()
    {
        var options = new ExportOptions();
        return new Command("export", "Writes a report of a month as files.")
        {
            options.Report, options.Month, options.Directory, options.Cluster, options.Landlord, options.Policies,
            options.AsOf, options.Form, options.Focus, options.By,
        }.Does((verb, ct) => Run(verb, options, ct));
    }

    private static async Task<Answer> Run(Verb verb, ExportOptions options, CancellationToken ct)
    {
        var chosen = Report.All.Single(one => one.Name == verb.Get(options.Report));
        RefuseOtherForms(verb, options, chosen);
        await using var exchange = await verb.Open(ct);
        var what = $"{chosen.Name} {verb.Get(options.Month)} {verb.Get(options.Policies)}";
        var written = await verb.Terminal.Progress("Writing …", _ => exchange.Commands.Noted(
            "export", what, ct => chosen.Write(options.Ask(verb, exchange), ct), ct));

        // What was kept by a day is whole, whatever became of the readings since.
        if (verb.Get(options.AsOf) is null &&
            UnfoldedBlock.Notice(exchange.Meter.Unfolded, verb.Get(options.Landlord)) is { } incomplete)
        {
            written = written with { Notes = [.. written.Notes, incomplete] };
        }

        return new(written, terminal =>
        {
            foreach (var file in written.Files)
            {
                terminal.Say(Path.Combine(verb.Get(options.Directory), file));
            }

            foreach (var note in written.Notes)
            {
                terminal.Error.WriteLine(note);
            }
        });
    }

    /// <exception cref="RefusedException">The report is not had as of a day, or in the form that was typed.</exception>
    private static void RefuseOtherForms(Verb verb, ExportOptions options, Report chosen)
    {
        if (verb.Get(options.AsOf) is not null &&
            chosen.Name is not ("charges" or "focus" or "settlement" or "journal"))
        {
            throw new RefusedException(new(
                "as-of/no-such-report",
                $"'{chosen.Name}' cannot be had as of a day; charges, focus, settlement and journal can.",
                "--as-of"));
        }

        if (verb.Get(options.Form) is var wanted and not "csv" &&
            chosen.Name != (wanted == "parquet" ? "focus" : "journal"))
        {
            throw new RefusedException(new(
                "export/no-such-form",
                $"'{chosen.Name}' is written as CSV or text; focus can be Parquet, and the journal can be had as " +
                $"{string.Join(", ", JournalExport.Layouts)}.", "--as"));
        }

        if (verb.Get(options.Focus) != FocusVersions.Default && chosen.Name != "focus")
        {
            throw new RefusedException(new(
                "export/no-such-form", $"'{chosen.Name}' is no FOCUS; leave out --focus, or export focus.",
                "--focus"));
        }
    }

    /// <summary>Which report of which month, in which form and where to.</summary>
    private sealed class ExportOptions
    {
        public ExportOptions()
        {
            Report.AcceptOnlyFromAmong([.. Exports.Report.All.Select(one => one.Name)]);
            Policies.AcceptOnlyFromAmong("nerc-compatible", "corrected");
            Form.AcceptOnlyFromAmong(["csv", "parquet", "ledger", "beancount", .. JournalExport.Layouts]);
            Focus.AcceptOnlyFromAmong([.. FocusVersions.Names]);
        }

        public Argument<string> Report { get; } = new("report")
        {
            HelpName = "report",
            Description = $"What to write: {string.Join(", ", Exports.Report.All.Select(one => one.Name))}.",
        };

        public Option<BillingMonth> Month { get; } = Settings.Month();

        public Option<string> Directory { get; } = new("--out")
        {
            Description = "The directory to write to; it is made when it is missing.",
            HelpName = "DIR",
            Required = true,
        };

        public Option<ClusterId?> Cluster { get; } =
            Settings.Known<ClusterId>("--cluster", "C", "Only what was used there.");

        public Option<LandlordId?> Landlord { get; } =
            Settings.Known<LandlordId>("--landlord", "L", "Only what is this landlord's.");

        public Option<string> Policies { get; } = new("--policies")
        {
            Description = "nerc-compatible, with the faults of NERC's scripts, or corrected.",
            HelpName = "P",
            DefaultValueFactory = _ => "corrected",
        };

        public Option<Instant?> AsOf { get; } = AsOfDay.Option();

        public Option<string> Form { get; } = new("--as")
        {
            Description = "csv; parquet for focus; workday, peoplesoft or quickbooks for the journal.",
            HelpName = "FORM",
            DefaultValueFactory = _ => "csv",
        };

        public Option<string> Focus { get; } = new("--focus")
        {
            Description = "The version of FOCUS, 1.2 or 1.3; in 1.3 each invoice to an institution, payer or group " +
                "has rows too.",
            HelpName = "VERSION",
            DefaultValueFactory = _ => FocusVersions.Default,
        };

        public Option<string> By { get; } = LedgerVerbs.By();

        public Asked Ask(Verb verb, Composition exchange) => new(
            exchange, verb.Get(Month), verb.Get(Directory), verb.Get(Cluster), verb.Get(Landlord), verb.Get(Policies))
        {
            AsOf = verb.Get(AsOf),
            AsParquet = verb.Get(Form) == "parquet",
            Layout = verb.Get(Form),
            Focus = FocusVersions.Named(verb.Get(Focus))!.Value,
            By = LedgerVerbs.View(verb.Get(By)),
        };
    }
}
