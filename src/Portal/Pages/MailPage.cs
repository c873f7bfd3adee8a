using Exchange.Portal.Commands;
using Exchange.Portal.Mail;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>/mail — what waits to be sent, what went, what was refused, and sending one again.</summary>
public sealed partial class MailPage
{
    private const int MaxShown = 5_000;

    /// <summary>What waits, went and was refused for good.</summary>
    public sealed record Letters(bool HasServer, bool IsCut, IListing Mail)
    {
        public required long Waiting { get; init; }

        public required long Sent { get; init; }

        public required long Failed { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/mail", Get).RequireAuthorization(Permissions.SeeMail).ExcludeFromDescription();
        app.MapPost("/mail/again", Again).RequireAuthorization(Permissions.SendMail).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static async Task<IResult> Get(HttpContext http, View view, CancellationToken ct)
    {
        var connection = await view.Connection(ct);
        var listing = List(await Outbox.List(connection, MaxShown, ct));
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var counts = await Outbox.Counts(connection, ct);
        return Page.Of<MailPage, Letters>(
            http, "Mail", new(MailSettings.Here() is not null, listing.Rows.Count == MaxShown, listing)
            {
                Waiting = counts.GetValueOrDefault("queued"),
                Sent = counts.GetValueOrDefault("sent"),
                Failed = counts.GetValueOrDefault("failed"),
            });
    }

    private static async Task<IResult> Again(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var id = (await Form.Read(http, ct)).Typed("id");
        return await exchange.Commands.Try(new SendAgain(exchange.Database, id), http, ct) is null
            ? Results.Redirect("/mail")
            : new NotThere();
    }

    private static Listing<MailRow> List(IReadOnlyList<MailRow> rows) => new("mail", "Mail", rows,
    [
        Column<MailRow>.Time("Queued", r => r.QueuedAt),
        Column<MailRow>.Words("To", r => r.Recipient),
        Column<MailRow>.Words("Subject", r => r.Subject),
        new("State", r => Cell.Tag(r.State, r.State switch { "sent" => "good", "failed" => "bad", _ => "warn" }),
            Plain: r => r.State, Key: r => r.State),
        Column<MailRow>.Time("Sent", r => r.SentAt),
        Column<MailRow>.Number("Attempts", r => (decimal)r.Attempts),
        Column<MailRow>.Words("Why", r => r.Why),
        new("Actions", r => Cell.If(r.State != "queued", () => Cell.Of<MailAgain>(
            nameof(MailAgain.Of), (r.Id, $"{r.Subject} to {r.Recipient}")))),
    ], "There is no mail. Invoices and alerts are queued when a mail server is named.");
}
