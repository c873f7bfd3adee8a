using System.Globalization;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>What a landlord promises of its services, on its page of service levels, and the form for it.</summary>
public sealed partial class LevelsBox
{
    /// <summary>What a landlord promises, and the services that it sells.</summary>
    public sealed record Promises(ITable All, IReadOnlyList<string> Services);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/landlord/levels", Publish).RequireAuthorization(Permissions.KeepLevels).ChecksForm().Makes()
            .ExcludeFromDescription();

    internal static Promises PromisesOf(IReadOnlyList<LevelRow> rows, IReadOnlyList<string> services) => new(
        new TableOf<LevelRow>("What is promised, and what is credited for it this month", rows,
        [
            Column<LevelRow>.Words("Service", r => r.Service),
            Column<LevelRow>.Words("Cluster", r => r.Cluster.Value),
            Column<LevelRow>.Words("Availability, of the whole month", r => $"{Show.Of(r.Availability)} %"),
            Column<LevelRow>.Number("Counted (hours)", r => r.OutHours),
            Column<LevelRow>.Number("Excluded (hours)", r => r.ExcludedHours),
            Column<LevelRow>.State("Credit", r => $"{Show.Of(r.Credit)} %", r => r.Credit == 0),
            Column<LevelRow>.Words("Promised", r => r.Promised),
        ], "Nothing is promised yet, so nothing is credited."), services);

    private static async Task<IResult> Publish(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        var service = form.Line("service", "The service");
        var from = form.Value<BillingMonth>("month", "The month");
        var (cap, notice) = (Number(form, "cap"), Number(form, "notice"));
        var hours = Number(form, "hours");
        if (form.IsRight)
        {
            try
            {
                var level = new ServiceLevel(
                    viewer.Landlord!.Value, service, from!.Value, [.. Lines(form, "ladder").Select(PublishLevels.Step)],
                    cap ?? 100, notice is { } days ? new((int)decimal.Clamp(days, 0, 1_000), hours) : null,
                    [.. form.Typed("excludes").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                        .Select(PublishLevels.Kind)]);
                await PublishLevels.Run(exchange, level, isCorrection: false, Actors.Of(http), ct);
                return Results.Redirect("/landlord/levels");
            }
            catch (RefusedException e)
            {
                form.Wrong(e.Refusal.Code is "levels/no-notice" or "levels/closed-month" ? "month" : "ladder",
                    e.Refusal.Message);
            }
        }

        return await LevelsPage.Draw(http, view, exchange, form, ct);
    }

    private static string[] Lines(Form form, string name) => form.Typed(name).ReplaceLineEndings("\n")
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static decimal? Number(Form form, string name)
    {
        var typed = form.Typed(name).Trim();
        if (typed.Length == 0)
        {
            return null;
        }

        if (decimal.TryParse(typed, Exchange.Text.PlainNumber, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        form.Wrong(name, $"Write a number like 8, not '{typed}'.");
        return null;
    }
}
