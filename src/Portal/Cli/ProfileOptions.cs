using System.Collections.Immutable;
using System.CommandLine;
using Exchange.Invoicing.Profiles;

namespace Exchange.Portal.Cli;

/// <summary>What 'settings set' takes: a text replaces what was said, an empty one takes it away.</summary>
internal sealed class ProfileOptions
{
    private readonly Option<string?> _name = One("--name", "TEXT", "The legal name.");
    private readonly Option<string[]> _address = Many("--address", "A line of the address; once for each line.");
    private readonly Option<string?> _taxId = One("--tax-id", "TEXT", "The tax id, as it is printed.");
    private readonly Option<string[]> _remittance = Many("--remittance", "A line of where to pay to. Issuer only.");
    private readonly Option<string?> _logo = One("--logo", "FILE", "A PNG of at most 32 KiB. Issuer only.");
    private readonly Option<string?> _order = One("--purchase-order", "TEXT", "The PO number. Customers only.");
    private readonly Option<string?> _text = One("--text", "TEXT", "A sentence on each invoice.");
    private readonly Option<int?> _terms = new("--terms-days")
    {
        Description = "Days from the day of issue to the last day for payment.",
        HelpName = "DAYS",
    };

    private readonly Option<int?> _hardClose = new("--hard-close-months")
    {
        Description = "How many months back take corrections by themselves; beyond them finance decides each. " +
            "0 for all. Issuer only.",
        HelpName = "MONTHS",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[
            _name, _address, _taxId, _remittance, _logo, _order, _text, _terms, _hardClose])
        {
            command.Add(option);
        }
    }

    /// <exception cref="RefusedException">It is said of who has no such thing, or the logo cannot be read.</exception>
    public ProfileChange Read(Verb verb, bool isIssuer)
    {
        var change = new ProfileChange(
            verb.Get(_name), Lines(verb.Get(_address)), verb.Get(_taxId), Lines(verb.Get(_remittance)),
            verb.Get(_logo) is { Length: > 0 } file ? LogoImage.Read(Path.GetFileName(file), Path.GetFullPath(file))
                : verb.Get(_logo),
            verb.Get(_order), verb.Get(_text), verb.Get(_terms))
        {
            HardCloseMonths = verb.Get(_hardClose),
        };
        return isIssuer && change.PurchaseOrder is not null
            ? throw new RefusedException(new(
                "settings/not-of-this", "A PO number is a customer's. Add '--for ACCOUNT'.", "--purchase-order"))
            : !isIssuer && (change.Remittance is not null || change.Logo is not null ||
                change.HardCloseMonths is not null)
                ? throw new RefusedException(new(
                    "settings/not-of-this", "Remittance, logo and horizon are the issuer's. Leave '--for' out.",
                    "--for"))
                : change;
    }

    private static ImmutableArray<string>? Lines(string[] given) =>
        given.Length == 0 ? null : [.. given.Where(line => line.Length > 0)];

    private static Option<string?> One(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    private static Option<string[]> Many(string name, string description) =>
        new(name) { Description = description, HelpName = "LINE" };
}
