using System.CommandLine;
using Exchange.Invoicing.Settlements;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange directory list | show | publish | withdraw — facts about institutions and people.</summary>
internal static class DirectoryVerbs
{
    private static readonly string[] Kinds = [Institution.Facts.Name];

    public static Command Command() => new("directory", "Shows and publishes who is who: institutions and people.")
    {
        FactVerbs.List("institutions", Kinds),
        FactVerbs.Versions("show", Kinds),
        FactVerbs.Publish("institutions", Kinds),
        FactVerbs.Withdraw(Institution.Facts),
    };
}

/// <summary>exchange landlords list | show | publish | withdraw — what was agreed with landlords.</summary>
internal static class LandlordVerbs
{
    private static readonly string[] Kinds = [Landlord.Facts.Name];

    public static Command Command() => new("landlords", "Shows and publishes what was agreed with landlords.")
    {
        FactVerbs.List("landlords", Kinds),
        FactVerbs.Versions("show", Kinds),
        FactVerbs.Publish("terms and hardware of landlords", Kinds),
        FactVerbs.Withdraw(Landlord.Facts),
    };
}
