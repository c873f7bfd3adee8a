using System.Text;
using Exchange.Market;
using Exchange.Market.Commands;
using Exchange.Market.Peers;
using Exchange.Portal.Peers;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>
/// /v1/peers — other exchanges, for finance's programs; and where they send statements: nobody is signed in there, the
/// signature says who it is.
/// </summary>
internal static class PeersOverHttp
{
    private const string Example = """
        {"name":"mit","knownAs":"nerc","url":"https://exchange.mit.example.org",
         "key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=","pi":"exchange@mit.edu","landlord":"mit","from":"2026-10"}
        """;

    /// <summary>An empty one, signed by the key of the example above, which is the first of RFC 8032.</summary>
    private const string StatementExample =
        "{\"statement\":\"exchange-statement/1\",\"from\":\"mit\",\"to\":\"nerc\",\"month\":\"2026-10\"," +
        "\"sequence\":1,\"lines\":0,\"total\":\"0.00 USD\"}\n" +
        "{\"signature\":\"PkskL+W6hQYJaOEh+QpMuCBMT//5VTXyRvFGDJI6/Yct" +
        "MEFlei5eTzGj2clcLlh5FRLIOhE9Y2XPv/sdo4ojBQ==\"}\n";

    /// <param name="Metered">Whether what is used there is metered here too; its statements are then compared.</param>
    internal sealed record PeerToAdmit(
        string? Name, string? KnownAs, string? Url, string? Key, PiId? Pi, LandlordId? Landlord, BillingMonth? From,
        bool? Metered);

    internal sealed record StatementTaken(bool IsNew);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/peers", List).Finance<PageOf<PeerRow>>(
            "GetPeers", "The other exchanges, and what waits to be sent.");
        app.MapPost("/v1/peers", Admit).FinanceAct<PeerToAdmit, PeerRow>(
            "AdmitPeer", "Admits another exchange by its key, or agrees otherwise with it.", Example);
        app.MapGet("/v1/peers/{peer}/months", Months).Finance<PageOf<PeerMonth>>(
            "GetPeerMonths", "What two exchanges ask of each other, month by month, and net.");
        app.MapGet("/v1/peers/{peer}/differences", Differences).Finance<PageOf<PeerDifference>>(
            "GetPeerDifferences", "The lines of a month on which two exchanges do not agree; none where they do.");
        app.MapPost("/v1/peers/{peer}/statements", Receive).Makes().TakesUpTo(PeerStatement.MaxBytes).AllowAnonymous()
            .WithName("SendStatement").WithTags("peers").WithSummary(
                "Takes the next signed statement of another exchange; its signature is all the credential it needs. " +
                "With 'Statement-Proof' (the body's SHA-256, signed) it has a place of its own among strangers.")
            .WithMetadata(new Takes(
                "The statement, a JSON object a line.", ["application/x-ndjson"], [StatementExample]))
            .Produces<StatementTaken>()
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(408).ProducesProblem(413)
            .ProducesProblem(422).ProducesProblem(429);
    }

    private static async Task<IResult> List(
        Composition exchange, string? cursor, int? limit, CancellationToken ct) =>
        new Tagged(PageOf<PeerRow>.Cut(
            [.. (await PeersFor.All(exchange, ct)).Select(of => PeersFor.Row(of.Peer))], cursor, limit,
            row => row.Name));

    private static async Task<IResult> Admit(HttpContext http, Composition exchange, CancellationToken ct)
    {
        if (await Body.Read<PeerToAdmit>(http, ct) is not
            { Name: { } name, KnownAs: { } knownAs, Url: { } url, Key: { } key, From: { } from } asked)
        {
            return FinanceRoute.Malformed(Example);
        }

        var terms = new PeerTerms(
            name, knownAs, url, key, asked.Pi, asked.Landlord, from, asked.Metered ?? false, IsInside: false);
        var by = Viewer.Needed(http).Actor;
        return await FinanceRoute.Act(
            http, exchange, new AdmitPeer(name, "admit peer", (peer, now) => Peer.Admit(peer, terms, by, now)),
            PeersFor.Row, ct);
    }

    private static async Task<IResult> Months(
        Composition exchange, string peer, string? cursor, int? limit, CancellationToken ct) =>
        await PeersFor.Find(exchange, peer, ct) is { } known
            ? new Tagged(PageOf<PeerMonth>.Cut(
                [.. PeersFor.Months(known).OrderBy(row => row.Month)], cursor, limit, row => row.Month.ToString()))
            : new NotThere();

    private static async Task<IResult> Differences(
        Composition exchange, string peer, BillingMonth month, string? cursor, int? limit, CancellationToken ct) =>
        await PeersFor.Find(exchange, peer, ct) is not null
            ? new Tagged(PageOf<PeerDifference>.Cut(
                await PeersFor.Differences(exchange, peer, month, ct), cursor, limit,
                row => $"{row.Project} {row.What}"))
            : new NotThere();

    private static async Task<IResult> Receive(
        HttpContext http, Composition exchange, StatementTurns turns, string peer, CancellationToken ct)
    {
        if (!Peer.IsName(peer))
        {
            return new NotThere();
        }

        // Strangers may ask for any name: who is no peer is read and refused like a peer who did not sign it.
        var known = await exchange.Kept.State(Peer.Fold, peer, ct);
        var proof = http.Request.Headers[StatementProof.Header].ToString();
        var promised = known.ReadBy(exchange.Clock.GetCurrentInstant())
            .Select(key => StatementProof.Promised(proof, key)).FirstOrDefault(hash => hash is not null);
        if (turns.Take(promised is null ? null : peer) is not { } turn)
        {
            http.Response.Headers.RetryAfter = "5";
            return Problem.Of(new("peer/busy", "Other statements are read now. Send it again."), 429);
        }

        try
        {
            var text = await Read(http, promised, ct);
            Peer.CheckSigned(known, text, exchange.Clock.GetCurrentInstant());
            var isNew = await PeersFor.Receive(
                exchange, peer, text, new($"peer:{peer}", AuthorizationResults.Origin(http), act =>
                    act == MarketPermissions.ReceiveStatements), ct);
            return Results.Json(new StatementTaken(isNew), Text.Json);
        }
        catch (RefusedException e)
        {
            return Problem.Of(e.Refusal, e.Refusal.Code switch
            {
                "peer/signature" => 403,
                "peer/too-slow" => StatusCodes.Status408RequestTimeout,
                _ => 422,
            });
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The body, while there is time for it.</summary>
    /// <exception cref="RefusedException">It takes too long, or is not the one that was promised.</exception>
    private static async Task<string> Read(HttpContext http, string? promised, CancellationToken ct)
    {
        UploadBody.AskForSpeed(http); // A stranger's slow body must not keep the turn of a peer.
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(StatementTurns.MaxTime);
        using var body = new MemoryStream();
        try
        {
            await http.Request.Body.CopyToAsync(body, late.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            http.Response.Headers.Connection = "close";
            throw new RefusedException(new(
                "peer/too-slow", $"The statement was not here within {StatementTurns.MaxTime.TotalSeconds:0} s. " +
                "Nothing of it is taken; send it again."));
        }

        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        return promised is null || promised == StatementProof.HashOf(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : throw new RefusedException(new(
                "peer/signature",
                "The statement is not the one whose hash was signed in its header. Nothing of it is taken."));
    }
}
