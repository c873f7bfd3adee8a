using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/finance/people — erases a person's address and name: first what it would touch, then for good.</summary>
public sealed partial class ErasePeoplePage
{
    /// <summary>Who was erased, and what it would touch to erase somebody; null where nobody asked.</summary>
    public sealed record People(Touched? Touched, ITable Erased);

    /// <summary>What would change.</summary>
    public sealed record Touched(int Events, int Streams, int Blocks, int Documents, int Rows);

    public const string Path = "/finance/people";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.ErasePeople).ExcludeFromDescription();
        app.MapPost(Path, Post).RequireAuthorization(Permissions.ErasePeople).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, null, ct);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var isForGood = form.Typed("do") == "erase";
        var (address, because) = (form.Value<PiId>("address", "The address"), form.Line("because", "The reason", 400));
        if (isForGood && form.Typed("confirm").Trim() != form.Typed("address").Trim())
        {
            form.Wrong("confirm", "Type the address once more: what is erased cannot be brought back.");
        }

        PersonErased? done = null;
        if (address is { } person && form.IsRight)
        {
            (done, var refusal) = await exchange.Commands.Ask(
                new ErasePerson(exchange, person, Names(form), because, Viewer.Needed(http).Actor, !isForGood), http,
                ct);
            if (refusal is not null)
            {
                form.Wrong(refusal.Code == "people/no-reason" ? "because" : "address", refusal.Message);
            }
            else if (isForGood)
            {
                return Results.Redirect(Path);
            }
        }

        return await Draw(http, exchange, form, done, ct);
    }

    private static string[] Names(Form form) => form.Typed("names").Split(
        '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, PersonErased? looked, CancellationToken ct)
    {
        var erased = await exchange.Journal.Read<ErasureEvent>(ErasureEvent.Stream, ct);
        return Page.Of<ErasePeoplePage, People>(http, "Erase a person", new(
            looked is null ? null
                : new(looked.Events, looked.Streams, looked.Blocks, looked.Documents, looked.Rows),
            new TableOf<ErasureEvent.Erased>("Erased people", [.. erased.OfType<ErasureEvent.Erased>().Reverse()],
            [
                Column<ErasureEvent.Erased>.Words("Token", one => one.Token),
                Column<ErasureEvent.Erased>.Time("Erased", one => one.At),
                Column<ErasureEvent.Erased>.Words("By", one => one.By),
                Column<ErasureEvent.Erased>.Words("Reason", one => one.Reason),
            ], "Nobody was erased.")), form);
    }
}
