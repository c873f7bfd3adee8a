using System.Text;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Market.Peers;
using Exchange.Portal.Commands;
using Exchange.Portal.Webhooks;

namespace Exchange.Portal.Peers;

/// <summary>
/// A job: draws what peers are to be asked for of closed months, and sends what they do not have yet, in order. One
/// that does not answer is asked again with the next run, for as long as it takes; the reason is shown meanwhile.
/// </summary>
internal static class SendStatements
{
    private const int MaxAnswer = 4 << 10;

    /// <summary>How long the reason of a refusal is waited for: who never says it holds up all other peers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task<string> Run(Composition exchange, CancellationToken ct)
    {
        var (drawn, sent, waiting) = (0, 0, new List<string>());
        var key = await SigningKey.Own(exchange.Database, ct);
        foreach (var (name, before) in await PeersFor.All(exchange, ct))
        {
            if (before.IsLive)
            {
                drawn += await Draw(exchange, name, before, ct);
                var peer = await exchange.Journal.State(Peer.Fold, name, ct);
                using var http = PublicOnly.Client(peer.Terms!.IsInside);
                string? why = null;
                foreach (var statement in peer.Waiting)
                {
                    why = await Send(
                        http, peer.Terms, PeerStatement.SignedAgain(statement.Text, key), key, ct);
                    await exchange.Journal.Decide(Peer.Fold, name, state => Peer.Send(
                        state, statement.Sequence, why, exchange.Clock.GetCurrentInstant()), ct);
                    if (why is not null)
                    {
                        waiting.Add($"{name} {why}");
                        break; // They are taken in order.
                    }

                    sent++;
                }

                if (why is null && await SendDisputes(exchange, http, name, peer, key, ct) is { } later)
                {
                    waiting.Add($"{name} {later}");
                }
            }
        }

        var said = $"{drawn} statements drawn, {sent} sent.";
        return waiting.Count == 0 ? said : $"{said} Tried again later: {string.Join("; ", waiting)}.";
    }

    /// <summary>Every closed month that was not asked for, and the last two, which may have changed.</summary>
    private static async Task<int> Draw(Composition exchange, string name, Peer peer, CancellationToken ct)
    {
        var drawn = 0;
        if (peer.Terms is { Pi: not null, From: var from })
        {
            var closed = (await exchange.Journal.State(Months.Fold, Months.Id, ct)).Closed.Keys
                .Where(month => month >= from).Order().ToList();
            foreach (var month in closed.Where((month, i) => peer.DrawnOf(month) is null || i >= closed.Count - 2))
            {
                var now = await PeersFor.Draw(exchange, name, month, Actors.Local("job:peers"), ct);
                drawn += now?.Sequence > (peer.Drawn.LastOrDefault()?.Sequence ?? 0) ? 1 : 0;
            }
        }

        return drawn;
    }

    /// <summary>What this exchange disputes of the other's statements, in order.</summary>
    /// <returns>Why one did not arrive; null when all did.</returns>
    private static async Task<string?> SendDisputes(
        Composition exchange, HttpClient http, string name, Peer peer, SigningKey key, CancellationToken ct)
    {
        foreach (var dispute in peer.Disputes.Where(one => one.Number > peer.DisputesSent))
        {
            if (await Send(http, peer.Terms!, dispute.Write(key), key, ct) is { } why)
            {
                return why;
            }

            await exchange.Journal.Decide(Peer.Fold, name, state => Peer.SendDispute(
                state, dispute.Number, exchange.Clock.GetCurrentInstant()), ct);
        }

        return null;
    }

    /// <returns>Why it did not arrive; null when it did.</returns>
    private static async Task<string?> Send(
        HttpClient http, PeerTerms terms, string text, SigningKey key, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{terms.Address.TrimEnd('/')}/v1/peers/{terms.KnownAs}/statements")
        {
            Content = new StringContent(text, Encoding.UTF8, "application/x-ndjson"),
        };
        request.Headers.Add(StatementProof.Header, StatementProof.Of(key, text));
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return answer.IsSuccessStatusCode ? null
                : $"answered {(int)answer.StatusCode}{await CodeOf(answer, ct)}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException ||
            (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return e is OperationCanceledException ? "did not answer in time"
                : e.InnerException is PublicOnly.NotPublicException inner ? inner.Message : "cannot be reached";
        }
    }

    /// <summary>The code of a problem document, so that whoever looks knows what to do.</summary>
    private static async Task<string> CodeOf(HttpResponseMessage answer, CancellationToken ct)
    {
        var text = Encoding.UTF8.GetString(await Start(answer, ct));
        var at = text.IndexOf("\"peer/", StringComparison.Ordinal);
        var end = at < 0 ? -1 : text.IndexOf('"', at + 1);
        return end < 0 || end - at > 60 ? "" : $" ({text[(at + 1)..end]})";
    }

    /// <summary>What came of the body while it was waited for; at most so much.</summary>
    private static async Task<byte[]> Start(HttpResponseMessage answer, CancellationToken ct)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(Patience);
        var (start, length) = (new byte[MaxAnswer], 0);
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(late.Token);
            while (length < start.Length &&
                await body.ReadAsync(start.AsMemory(length), late.Token) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The status alone is told.
        }

        return start[..length];
    }
}
