using System.CommandLine;
using Exchange.Invoicing.Published;
using Exchange.Portal.Commands;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange prices withdraw — takes back a price sheet that has not begun.</summary>
internal static class WithdrawPrices
{
    public static Command Command()
    {
        var name = new Argument<string>("sheet") { Description = "The sheet as 'exchange prices list' names it." };
        return new Command("withdraw", "Takes back a price sheet that has not begun; what held before it holds on.")
        {
            name,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var id = verb.Get(name);
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            if (books.Sheet(id) is not { } sheet)
            {
                throw new RefusedException(PriceBook.Unknown(id));
            }

            _ = await exchange.Commands.Execute(
                new WithdrawSheet(
                    sheet, await PriceStanding.Of(exchange.Sources, sheet, verb.Clock.GetCurrentInstant(), ct), Verb.By,
                    Permissions.PublishSheets), Actors.Local(Verb.By), ct);
            return new(new { withdrawn = id }, terminal => terminal.Say($"{id} is withdrawn."));
        });
    }
}
