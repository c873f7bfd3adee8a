using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/finance/people — erases a person's address and name: first what it would touch, then for good.</summary>
internal static class ErasePeoplePage
{
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
        return Layout.Page(http, "Erase a person", Html.Of($"""
            <p class="crumbs"><a href="{SettingsPage.Path}">Invoice settings</a></p>
            <p class="lead">Takes a person's addresses and names out of pages, exports, documents, mail and answers.
            Amounts stay, under a token. It cannot be taken back. What was printed, mailed or downloaded before,
            backups, logs and readings are not reached.</p>
            {form.Summary()}
            {Html.If(looked is not null, () => Touched(looked!))}
            {Form.Post(http, Path, Html.Of($"""
            {form.Input("address", "Address", "Any address of the person, as ada@bu.edu.")}
            {form.Input("because", "Reason", "It stays in the journal. Names in it are erased too.", longest: 400)}
            {form.Area("names", "Other names", "What the person is called beside what the directory says; one a line.",
                longest: 2_000, rows: 3)}
            {form.Input("confirm", "Address once more", "Only to erase.")}
            <p><button class="main" name="do" value="look">Show what it touches</button>
            <button name="do" value="erase">Erase person</button></p>
            """))}
            {Table.Of("Erased people", erased.OfType<ErasureEvent.Erased>().Reverse().ToList(), [
                Column<ErasureEvent.Erased>.Words("Token", one => one.Token),
                Column<ErasureEvent.Erased>.Time("Erased", one => one.At),
                Column<ErasureEvent.Erased>.Words("By", one => one.By),
                Column<ErasureEvent.Erased>.Words("Reason", one => one.Reason),
            ], "Nobody was erased.")}
            """), form.Status);
    }

    private static Html Touched(PersonErased looked) => Html.Of($"""
        <div class="note-box"><p>{looked.Events} events, {looked.Streams} streams, {looked.Blocks} blocks of closes,
        {looked.Documents} documents and {looked.Rows} rows of mail and answers would change. Nothing was changed
        yet.</p></div>
        """);
}
