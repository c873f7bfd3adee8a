using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Savings;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Cli;

/// <summary>exchange savings list | dismiss | restore | mail — what a PI could do without or have for less.</summary>
internal static class SavingVerbs
{
    public static Command Command() => new("savings", "Shows what a PI could save a month, and dismisses proposals.")
    {
        List(), Dismiss(), Restore(), Mail(),
    };

    private static Command List()
    {
        var pi = Pi();
        return new Command("list", "Lists what could be saved, the most first.") { pi }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var found = await Find(verb, exchange, verb.Get(pi), ct);
            return new(found, terminal =>
            {
                terminal.Table(["a month", "what", "project", "resources", "because", "id"], found.Select(one =>
                    (IReadOnlyList<string>)[
                        one.AMonth.ToString(), one.Dismissed is null ? one.Kind : $"{one.Kind} (dismissed)",
                        one.Project.Value, one.Subject, one.Why, one.Id]));
                var open = Saving.Together(found);
                terminal.Say($"{open} a month could be saved, before funds.");
            });
        });
    }

    private static Command Dismiss()
    {
        var (id, pi) = (Id(), Pi());
        var because = new Option<string>("--because") { Description = "Why.", HelpName = "TEXT", Required = true };
        return new Command("dismiss", "Says that it stays as it is.") { id, pi, because }.Does(
            (verb, ct) => Answer(verb, verb.Get(pi), verb.Get(id), verb.Get(because), ct));
    }

    private static Command Restore()
    {
        var (id, pi) = (Id(), Pi());
        return new Command("restore", "Has it proposed again.") { id, pi }.Does(
            (verb, ct) => Answer(verb, verb.Get(pi), verb.Get(id), null, ct));
    }

    private static Command Mail()
    {
        var pi = Pi();
        var off = new Option<bool>("--off") { Description = "Send none from now on; without it they come again." };
        return new Command("mail", "Says whether a PI is told of savings once a week.") { pi, off }.Does(
            async (verb, ct) =>
            {
                var (who, isWanted) = (verb.Get(pi), !verb.Get(off));
                await using var exchange = await verb.Open(ct);
                await exchange.Commands.Execute(
                    new MailSavings(who, isWanted, Verb.By), Actors.Local(Verb.By), ct);
                return new(new { pi = who, isWanted }, terminal => terminal.Say(
                    isWanted ? $"{who} is told of savings once a week." : $"{who} is told of savings no more."));
            });
    }

    private static async Task<Answer> Answer(Verb verb, PiId pi, string id, string? reason, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var found = await Find(verb, exchange, pi, ct);
        await exchange.Commands.Execute(new AnswerSaving(pi, id, reason, Verb.By, found), Actors.Local(Verb.By), ct);
        return new(new { pi, id, isDismissed = reason is not null }, terminal => terminal.Say(
            reason is null ? $"{id} is proposed again." : $"{id} stays as it is: {reason}"));
    }

    private static async Task<IReadOnlyList<Saving>> Find(
        Verb verb, Composition exchange, PiId pi, CancellationToken ct)
    {
        await verb.Terminal.Progress("Rating open months …", async step =>
        {
            await exchange.Projections.CatchUp(ct);
            await RateMonths.Run(exchange, step, ct);
            return 0;
        });
        await using var view = new View(exchange.Views, new(Verb.By, "", Role.Pi, Pi: pi));
        return await new FindSavings(exchange, view, verb.Clock.GetCurrentInstant()).Run(pi, ct);
    }

    private static Argument<string> Id() => new("id") { Description = "The proposal, as 'savings list' names it." };

    private static Option<PiId> Pi() => Settings.KnownNeeded<PiId>("--pi", "ADDRESS", "Whose projects.");
}
