using Exchange.Journal;

namespace Exchange.Portal.Api;

/// <summary>/v1/people — erases a person's address and name, and says who was erased, by token.</summary>
internal static class PeopleOverHttp
{
    private const string Example = """
        {"address":"ada@bu.edu","because":"Asked for it on Nov 12, 2026.","names":[],"dryRun":true}
        """;

    /// <summary>Whom to erase, and why.</summary>
    /// <param name="Names">What the person is called beside what the directory says.</param>
    /// <param name="DryRun">Says what would be touched, and changes nothing.</param>
    internal sealed record PersonToErase(
        string? Address, string? Because, IReadOnlyList<string>? Names = null, bool? DryRun = null);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/people/erased", Get).Finance<IReadOnlyList<ErasureEvent.Erased>>(
            "ListErasedPeople", "Who was erased, by token, when and why.");
        app.MapPost("/v1/people/erase", Erase).FinanceAct<PersonToErase, PersonErased>(
            "ErasePerson", "Erases a person's addresses and names; amounts stay under a token.", Example);
    }

    private static async Task<IResult> Get(Composition exchange, CancellationToken ct) => new Tagged(
        (IReadOnlyList<ErasureEvent.Erased>)[
            .. (await exchange.Journal.Read<ErasureEvent>(ErasureEvent.Stream, ct)).OfType<ErasureEvent.Erased>(),
        ]);

    private static async Task<IResult> Erase(HttpContext http, Composition exchange, CancellationToken ct) =>
        await Body.Read<PersonToErase>(http, ct) is { Address: { } typed } asked &&
            PiId.TryParse(typed, null, out var pi)
            ? await FinanceRoute.Act(
                http, exchange,
                new ErasePerson(
                    exchange, pi, asked.Names ?? [], asked.Because ?? "", FinanceRoute.Actor(http).Name,
                    asked.DryRun ?? false), done => done, ct)
            : FinanceRoute.Malformed(Example);
}
