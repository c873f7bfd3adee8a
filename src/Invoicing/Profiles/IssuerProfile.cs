using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Rating;

namespace Exchange.Invoicing.Profiles;

/// <summary>Who issues invoices: what stands on them, and how long there is to pay. Stored as it is here.</summary>
/// <param name="Name">The legal name.</param>
public sealed record IssuerProfile(string Name)
{
    /// <summary>The name of the one fact: an exchange issues its invoices itself.</summary>
    public const string Exchange = "exchange";

    /// <summary>How long there is to pay where nobody says otherwise.</summary>
    public const int UsualTerms = 30;

    private const int MaxMonths = 120;

    public static readonly FactKind<IssuerProfile> Facts = new("issuer", _ => Exchange, Says) { DecidesMoney = false };

    public ImmutableArray<string> Address { get; init; } = [];

    /// <summary>As it is printed, with the name of its register: 'EIN 04-2103547'.</summary>
    public string? TaxId { get; init; }

    /// <summary>Where to pay to: bank, routing and account number, each a line.</summary>
    public ImmutableArray<string> Remittance { get; init; } = [];

    /// <summary>A PNG, in base 64.</summary>
    public string? Logo { get; init; }

    /// <summary>Days from the day of issue to the last day on which payment is in time.</summary>
    public int TermsDays { get; init; } = UsualTerms;

    /// <summary>
    /// How many months before the one that is closed take corrections by themselves; beyond them finance decides each.
    /// Null for all of them.
    /// </summary>
    public int? HardCloseMonths { get; init; }

    /// <summary>A sentence on every invoice.</summary>
    public string? Text { get; init; }

    /// <exception cref="RefusedException">It is not such a file; file and line are named.</exception>
    public static IssuerProfile Parse(string yaml, string file)
    {
        var root = YamlMap.Read(yaml, file);
        var map = root.Map("issuer") ?? throw root.Missing("issuer");
        root.NoOthers();
        var issuer = new IssuerProfile(map.Required("name"))
        {
            Address = [.. map.Words("address")],
            TaxId = map.Word("tax_id"),
            Remittance = [.. map.Words("remittance")],
            Logo = map.Word("logo") is { } png ? LogoImage.Read(png, file) : null,
            TermsDays = map.Whole("terms_days") ?? UsualTerms,
            HardCloseMonths = map.Whole("hard_close_months"),
            Text = map.Word("text"),
        };
        map.NoOthers();
        return Checked(issuer) is { } refusal ? throw new RefusedException(refusal with { Where = map.Where }) : issuer;
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static Refusal? Checked(IssuerProfile issuer) => ProfileText.Checked(
        [("name", issuer.Name), ("tax id", issuer.TaxId), ("text", issuer.Text)],
        [("address", issuer.Address), ("remittance", issuer.Remittance)], issuer.TermsDays)
        ?? (issuer.Logo is { } logo ? LogoImage.Checked(logo) : null)
        ?? (issuer.HardCloseMonths is < 1 or > MaxMonths
            ? new Refusal(
                "settings/hard-close",
                $"{issuer.HardCloseMonths} is no horizon. Months close for good after 1 to {MaxMonths} months, or " +
                "never where nothing is said.")
            : null);

    private static IEnumerable<(string What, string Says)> Says(IssuerProfile issuer, BillingMonth month) =>
        ProfileText.Said(
            ("name", issuer.Name), ("address", ProfileText.Joined(issuer.Address)), ("tax id", issuer.TaxId),
            ("remittance", ProfileText.Joined(issuer.Remittance)),
            ("logo", issuer.Logo is { } logo ? LogoImage.HashOf(logo)[..12] : null),
            ("days to pay", $"{issuer.TermsDays}"),
            ("months until closed for good", issuer.HardCloseMonths is { } months ? $"{months}" : null),
            ("text", issuer.Text));
}
