using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange prepaid list | open | pay | cover — groups that pay in before they use.</summary>
internal static class Prepaid
{
    public static Command Command() => new("prepaid", "Shows prepaid groups, and sets what they pay for.")
    {
        List(), Open(), Pay(), Cover(),
    };

    private static Command List() => new Command("list", "Lists the groups, their money and their projects.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var groups = (await exchange.Journal.State(PrepaidGroups.Fold, PrepaidGroups.Id, ct)).Groups.Values
                .Select(group => new
                {
                    group.Name,
                    group.Contact,
                    PaidIn = Money.Sum(group.Payments.Select(one => one.Amount)),
                    Used = Money.Sum(group.Uses.Values),
                    group.Balance,
                    group.Projects,
                    Uses = group.Uses.Select(use => new { use.Key.Month, use.Key.Pi, Amount = use.Value }),
                }).ToList();
            return new(groups, terminal => terminal.Table(
                ["group", "contact", "paid in", "used", "balance", "projects"],
                groups.Select(group => (IReadOnlyList<string>)[
                    group.Name, group.Contact, group.PaidIn.ToString(), group.Used.ToString(),
                    group.Balance.ToString(),
                    string.Join(", ", group.Projects.Select(one => one.Until is { } until
                        ? $"{one.Project} {one.From} until {until}"
                        : $"{one.Project} from {one.From}"))])));
        });

    private static Command Open()
    {
        var group = Group();
        var contact = Needed("--contact", "ADDRESS", "Whom to ask about the group.");
        return new Command("open", "Opens a group, or changes whom to ask about it.") { group, contact }.Does(
            (verb, ct) => Decide(
                verb, "open", $"{verb.Get(group)} {verb.Get(contact)}", (all, now) => PrepaidGroups.Open(
                    all, verb.Get(group), verb.Get(contact), Verb.By, now), ct));
    }

    private static Command Pay()
    {
        var (group, from) = (Group(), From());
        var amount = Settings.NeededAmount(
            "What was paid in, as \"500.00 USD\"; below zero when it goes back.", mayBeNegative: true);
        var reference = Needed("--reference", "TEXT", "What tells this payment from others; the same one counts once.");
        return new Command("pay", "Notes what a group paid in.") { group, amount, reference, from }.Does(
            (verb, ct) => Decide(
                verb, "pay", $"{verb.Get(group)} {verb.Get(amount)} {verb.Get(reference)}",
                (all, now) => PrepaidGroups.Pay(all, new(
                    verb.Get(group), verb.Get(reference), verb.Get(amount), verb.Get(from), Verb.By, now)), ct));
    }

    private static Command Cover()
    {
        var (group, from) = (Group(), From());
        var project = Needed("--project", "PROJECT", "Its id, or its name, with or without '-' and its allocation.");
        var until = Settings.Value<BillingMonth>("--until", "MONTH", "The first month that it no longer pays.");
        return new Command("cover", "Lets a group pay for a project.") { group, project, from, until }.Does(
            (verb, ct) => Decide(
                verb, "cover", $"{verb.Get(group)} {verb.Get(project)} from {verb.Get(from)}",
                (all, now) => PrepaidGroups.Cover(all, new(
                    verb.Get(group), verb.Get(project), verb.Get(from), verb.Get(until), Verb.By, now)), ct));
    }

    private static async Task<Answer> Decide(
        Verb verb, string act, string detail, Func<PrepaidGroups, Instant, Decision<PrepaidEvent>> rule,
        CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var changed = await exchange.Commands.Execute(
            new ChangePrepaid($"prepaid {act}", detail, rule), Actors.Local(Verb.By), ct);
        return new(new { act, detail, changed }, terminal => terminal.Say(
            changed ? $"Done: {act} {detail}." : "It was so already."));
    }

    private static Argument<string> Group() => new("group") { Description = "The group's name." };

    private static Option<string> Needed(string name, string value, string what) =>
        new(name) { Description = what, HelpName = value, Required = true };

    private static Option<BillingMonth> From() =>
        Settings.Needed<BillingMonth>("--from", "MONTH", "The first month, as 2026-10.");
}
