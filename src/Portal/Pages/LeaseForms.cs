using System.Collections.Immutable;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>What forms about leases have in common: names of nodes and instants.</summary>
internal static class LeaseForms
{
    public const string Hint = "UTC, as 2027-01-14T12:00:00Z.";

    private const int MaxText = 4_000;

    public static ImmutableArray<string> Nodes(Form form) =>
    [
        .. form.Line("nodes", "The nodes", MaxText).Split(
            [' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
    ];

    /// <returns>Null where it is no instant; then the form says so.</returns>
    public static Instant? At(Form form, string name, string what)
    {
        var typed = form.Line(name, what, 30);
        if (typed.Length == 0)
        {
            return null;
        }

        try
        {
            return Exchange.Text.Instant(typed);
        }
        catch (FormatException e)
        {
            form.Wrong(name, e.Message);
            return null;
        }
    }
}
