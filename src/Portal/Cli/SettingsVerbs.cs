using System.CommandLine;
using Exchange.Facts;
using Exchange.Invoicing;
using Exchange.Invoicing.Profiles;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange settings show | set | list | versions | publish | withdraw — what stands on invoices.</summary>
internal static class SettingsVerbs
{
    private static readonly string[] Kinds =
        [IssuerProfile.Facts.Name, CustomerProfile.Facts.Name, ChartOfAccounts.Facts.Name];

    public static Command Command() =>
        new("settings", "Shows and sets what stands on invoices: issuer, customers, and days to pay.")
        {
            ShowOne(), Set(),
            FactVerbs.List("issuer, customers and chart of accounts", Kinds),
            FactVerbs.Versions("versions", Kinds),
            FactVerbs.Publish("issuer, customers and chart of accounts", Kinds),
            FactVerbs.Withdraw("withdraw", CustomerProfile.Facts),
        };

    private static Command ShowOne()
    {
        var account = For("Only this customer's: 'pi:ada@bu.edu', 'institution:NAME', 'payer:NAME' or 'group:NAME'.");
        var on = Settings.Day("--on", "What an invoice of this day says; today otherwise.");
        var asOf = AsOfDay.Option();
        return new Command("show", "Shows who issues invoices, how customers are addressed, and days to pay.")
        {
            account, on, asOf,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var profiles = BillingProfiles.Of(await PublishFacts.Read(exchange.Journal, ct, verb.Get(asOf)));
            var day = verb.Get(on) ?? verb.Clock.GetCurrentInstant().InUtc().Date;
            var issuer = profiles.IssuerOn(day) ?? new(Issuer.Name);
            var customers = (verb.Get(account) is { } one ? [one] : profiles.Customers)
                .Select(name => profiles.CustomerOn(name, day)).OfType<CustomerProfile>().ToList();
            return new(new { on = day, issuer, customers }, terminal => terminal.Table(
                ["of", "what", "says"],
                [
                    .. verb.Get(account) is null ? Rows("issuer", ProfileLines.Of(issuer)) : [],
                    .. customers.SelectMany(customer => Rows(customer.Account, ProfileLines.Of(customer))),
                ]));
        });
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(string of, IEnumerable<(string What, string Says)> lines) =>
        lines.Select(line => (IReadOnlyList<string>)[of, line.What, line.Says]);

    private static Command Set()
    {
        var options = new ProfileOptions();
        var account = For("The customer that it is said of; the issuer otherwise.");
        var from = Settings.Day("--from", "The first day of issue on which it holds; today otherwise.");
        var command = new Command("set", "Sets what invoices say from a day on; what is not given stays.")
        {
            account, from,
        };
        options.AddTo(command);
        return command.Does(async (verb, ct) =>
        {
            var text = options.Read(verb, isIssuer: verb.Get(account) is null);
            await using var exchange = await verb.Open(ct);
            if (verb.Get(account) is { } name)
            {
                var customer = await exchange.Commands.Execute(
                    new ChangeCustomer(name, text.Change, verb.Get(from), Verb.By), Actors.Local(Verb.By), ct);
                return AnswerFor(customer, customer.Account, ProfileLines.Of(customer));
            }

            var issuer = await exchange.Commands.Execute(
                new ChangeIssuer(text.Change, verb.Get(from), Verb.By), Actors.Local(Verb.By), ct);
            return AnswerFor(issuer, "issuer", ProfileLines.Of(issuer));
        });
    }

    private static Answer AnswerFor(object said, string of, IEnumerable<(string What, string Says)> lines) =>
        new(said, terminal => terminal.Table(["of", "what", "says"], Rows(of, lines)));

    private static Option<string?> For(string description) => new("--for")
    {
        Description = description,
        HelpName = "ACCOUNT",
        CustomParser = argument =>
        {
            var typed = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
            if (CustomerProfile.AccountOf(typed) is { } account)
            {
                return account;
            }

            argument.AddError($"'{typed}' is no account. Write 'pi:ada@bu.edu', 'institution:Harvard University', " +
                "'payer:bu-research-it' or 'group:cs-dept'.");
            return null;
        },
    };
}
