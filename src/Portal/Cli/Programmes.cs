using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange programs list | show | versions | publish | withdraw | enroll | cap | suspend | resume | free — which
/// programs there are, and whom they pay for.
/// </summary>
internal static class Programmes
{
    private static readonly string[] Kinds = [Programme.Facts.Name];

    public static Command Command() => new("programs", "Shows and publishes programs, and whom they pay for.")
    {
        Aliases = { "programmes" },
        Subcommands =
        {
            List(), Stands(),
            FactVerbs.Versions("versions", Kinds),
            FactVerbs.Publish("promotions, subsidies and free SKUs", Kinds),
            FactVerbs.Withdraw("withdraw", Programme.Facts),
            Act("enroll", "Lets a subsidy pay for a PI whom its terms do not name.", Fund.Enrol, "enrol"),
            Cap(),
            Act("suspend", "Lets a subsidy pay nothing for a PI from a month on.", Fund.Suspend),
            Act("resume", "Lets a subsidy pay for a PI again from a month on.", Fund.Resume),
            Free(),
        },
    };

    private static Command List() => new Command("list", "Lists the programs.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        var states = FactStatus.All(exchange.Facts.Facts, Kinds);
        var known = exchange.Programmes.Select(p => Programme.Facts.Fact(p).ToString()).ToHashSet();
        var rows = exchange.Programmes.Select(p => new ProgrammeRow(
                p.Id, p.Kind, p.Code, p.Payer, p.Order, p.InForce, p.Terms,
                FactStatus.StateOf(states, Programme.Facts.Fact(p))))
            .Concat(states.Where(one => !known.Contains(one.Fact)).Select(one => new ProgrammeRow(
                one.Name, null, null, "", 0, false, [], one.State))).ToList();
        return new(rows, terminal => terminal.Table(
            ["program", "kind", "code", "payer", "order", "in force", "state"],
            rows.Select(p => (IReadOnlyList<string>)[
                p.Id, p.Kind is { } kind ? ActOnFund.NameOf(kind) : "", p.Code ?? "", p.Payer,
                p.Kind is null ? "" : $"{p.Order}", p.Kind is null ? "" : p.InForce ? "yes" : "no", p.State])));
    });

    private static Command Stands()
    {
        var (programme, month) = (Named(), Settings.Month());
        return new Command("show", "What a program promised, paid, has left and will come to.") { programme, month }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                var standing = await ProgrammeStanding.Of(
                    exchange.Sources, verb.Get(programme), verb.Get(month), verb.Clock.GetCurrentInstant(), ct);
                return new(standing, terminal =>
                {
                    terminal.Table(
                        ["PI", "institution", "committed", "used", "left", "forecast", ""],
                        standing.Pis.Select(p => (IReadOnlyList<string>)[
                            p.Pi.Value, p.Institution ?? "", p.Committed.ToString(), p.Used.ToString(),
                            p.Left.ToString(), p.Forecast.ToString(),
                            p.IsSuspended ? "suspended" : p.Cap is { } cap ? $"capped at {cap}" : ""]));
                    terminal.Say($"{standing.Payer} for {standing.Month}: committed {standing.Committed}, used " +
                        $"{standing.Used}, left {standing.Left}, forecast {standing.Forecast}");
                });
            });
    }

    private static Command Act(
        string name, string what, Func<Fund, PiId, BillingMonth, string, Instant, Decision<FundEvent>> rule,
        string? alias = null)
    {
        var (programme, pi, from, accept) = (Named(), Pi(), From(), FactVerbs.Accept());
        var command = new Command(name, what) { programme, pi, from, accept };
        if (alias is not null)
        {
            command.Aliases.Add(alias);
        }

        return command.Does((verb, ct) => Decide(
            verb, new(name, ProgrammeKind.Subsidy, verb.Get(programme), verb.Get(from), verb.Get(accept))
            {
                Detail = $"{verb.Get(pi)} from {verb.Get(from)}",
            },
            fund => rule(
                fund, Files.Person(verb.Get(pi)), verb.Get(from), Verb.By, verb.Clock.GetCurrentInstant()), ct));
    }

    private static Command Cap()
    {
        var (programme, pi, from, accept) = (Named(), Pi(), From(), FactVerbs.Accept());
        var amount = Settings.NeededAmount("At most so much a month, as \"50.00 USD\".");
        return new Command("cap", "Limits what a subsidy pays for a PI a month.")
        {
            programme, pi, amount, from, accept,
        }.Does((verb, ct) => Decide(
            verb, new("cap", ProgrammeKind.Subsidy, verb.Get(programme), verb.Get(from), verb.Get(accept))
            {
                Detail = $"{verb.Get(pi)} {verb.Get(amount)} from {verb.Get(from)}",
            },
            fund => Fund.Cap(
                fund, Files.Person(verb.Get(pi)), verb.Get(amount), verb.Get(from), Verb.By,
                verb.Clock.GetCurrentInstant()), ct));
    }

    private static Command Free()
    {
        var (programme, pi, from, accept) = (Named(), Pi(), From(), FactVerbs.Accept());
        var sku = new Option<string>("--sku")
        {
            Description = "The SKU that is free; '*' stands for any text.",
            HelpName = "SKU",
            Required = true,
        };
        var until = Settings.Value<BillingMonth>("--until", "MONTH", "The first month in which it no longer is.");
        return new Command("free", "Lets a PI use a SKU for free.") { programme, pi, sku, from, until, accept }.Does(
            (verb, ct) => Decide(
                verb, new("free", ProgrammeKind.FreeSku, verb.Get(programme), verb.Get(from), verb.Get(accept))
                {
                    Detail = $"{verb.Get(pi)} {verb.Get(sku)} from {verb.Get(from)}",
                },
                fund => Fund.Free(fund, new(
                    Files.Person(verb.Get(pi)), verb.Get(sku), verb.Get(from), verb.Get(until), Verb.By,
                    verb.Clock.GetCurrentInstant())), ct));
    }

    /// <summary>What is to be done to the money of a program, which must be of a kind.</summary>
    /// <param name="Accepts">Whether closed months may come to change by it.</param>
    private sealed record FundAct(string Name, ProgrammeKind Kind, string Programme, BillingMonth From, bool Accepts)
    {
        /// <summary>To whom and since when, as the audit log has it.</summary>
        public required string Detail { get; init; }
    }

    private static async Task<Answer> Decide(
        Verb verb, FundAct act, Func<Fund, Decision<FundEvent>> rule, CancellationToken ct)
    {
        var (programme, detail) = (act.Programme, act.Detail);
        await using var exchange = await verb.Open(ct);
        await ActOnFund.CheckOpen(exchange.Journal, act.From, act.Accepts, ct);
        var changed = await exchange.Commands.Execute(
            new ChangeFund(
                ActOnFund.Find(exchange.Programmes, programme), [act.Kind], $"{act.Name} in program",
                $"{programme} {detail}", (fund, _) => rule(fund)), Actors.Local(Verb.By), ct);
        return new(new { programme, act = act.Name, detail, changed }, terminal => terminal.Say(
            changed ? $"{programme}: {act.Name} {detail}." : $"{programme}: it was so already."));
    }

    private static Argument<string> Named() =>
        new("programme") { Description = "The program, as 'exchange programs list' names it." };

    private static Option<PiId> Pi() => Settings.Needed<PiId>("--pi", "PI", "The PI's address.");

    private static Option<BillingMonth> From() =>
        Settings.Needed<BillingMonth>("--from", "MONTH", "The first month, as 2026-10.");
}

/// <summary>A program as 'programs list' shows it.</summary>
/// <param name="Kind">Null for one that only a file says.</param>
/// <param name="State">Whether what was published is what its file says.</param>
internal sealed record ProgrammeRow(
    string Id, ProgrammeKind? Kind, string? Code, string Payer, int Order, bool InForce,
    IReadOnlyList<ProgrammeTerms> Terms, string State);
