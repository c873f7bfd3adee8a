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

    /// <summary>What the price sheet asks of a node, as JSON; nothing where it is left empty.</summary>
    public static string Shape(Form form)
    {
        var typed = form.Typed("shape").Trim();
        try
        {
            return typed.Length == 0 ? "{}" : Metering.Shape.Parse(typed).ToString();
        }
        catch (FormatException e)
        {
            form.Wrong("shape", e.Message);
            return "{}";
        }
    }

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

    /// <returns>Null where it is no number; then the form says so.</returns>
    public static decimal? Price(Form form, string typed) => Number(form, "price", typed.TrimStart('$'));

    /// <returns>Null where it is no number; then the form says so.</returns>
    public static decimal? Number(Form form, string name, string typed)
    {
        try
        {
            return Exchange.Text.Number(typed);
        }
        catch (FormatException e)
        {
            form.Wrong(name, e.Message);
            return null;
        }
    }
}
