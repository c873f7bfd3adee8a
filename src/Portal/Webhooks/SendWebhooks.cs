using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Webhooks;

/// <summary>
/// A job: tells webhooks what waits for them, signed. What is not answered with 2xx is sent again later and later. It
/// may be sent twice when the program dies between the answer and its note, never not at all. Many are told at once,
/// but only so many of one address and of one owner: whoever is slow holds up nobody else.
/// </summary>
internal static class SendWebhooks
{
    /// <summary>After so many it is given up until its owner asks for it again: some two days.</summary>
    public const int MaxAttempts = 18;

    /// <summary>How many of one host, and of one owner, may be under way.</summary>
    public const int MaxOfHost = 4;
    public const int MaxOfOwner = 8;

    /// <summary>How many of all: they hold a socket each, and no connection of the database.</summary>
    private const int MaxInAll = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly Duration First = Duration.FromSeconds(5);
    private static readonly Duration MaxPause = Duration.FromHours(6);

    /// <summary>Sends everything that is due now.</summary>
    /// <returns>How many attempts were made.</returns>
    public static async Task<int> Run(NpgsqlDataSource database, HttpClient http, IClock clock, CancellationToken ct)
    {
        var attempts = 0;
        var underWay = new Dictionary<Task, WebhookDue>();
        while (true)
        {
            var free = MaxInAll - underWay.Count;
            var due = free == 0
                ? []
                : Choose(
                    await WebhookQueue.Due(database, MaxAttempts, clock.GetCurrentInstant(), ct),
                    [.. underWay.Values], free);
            foreach (var one in due)
            {
                if (await WebhookQueue.Take(database, one, clock.GetCurrentInstant(), ct))
                {
                    attempts++;
                    underWay[Deliver(database, http, clock, one, ct)] = one;
                }
            }

            if (underWay.Count == 0)
            {
                return attempts;
            }

            await Task.WhenAny([.. underWay.Keys, Task.Delay(Pause, ct)]);
            foreach (var done in underWay.Keys.Where(task => task.IsCompleted).ToList())
            {
                underWay.Remove(done);
                await done; // What failed for another reason than its receiver is heard of.
            }
        }
    }

    /// <summary>
    /// Which are told next: the owners in turn, as many as there is room for, one at a time of each webhook.
    /// </summary>
    public static IReadOnlyList<WebhookDue> Choose(
        IReadOnlyList<WebhookDue> due, IReadOnlyCollection<WebhookDue> underWay, int free)
    {
        var chosen = new List<WebhookDue>();
        var (webhooks, hosts, owners) = (
            underWay.Select(one => one.Webhook).ToHashSet(StringComparer.Ordinal),
            underWay.CountBy(one => one.Host).ToDictionary(StringComparer.Ordinal),
            underWay.CountBy(one => one.Owner).ToDictionary(StringComparer.Ordinal));
        var waiting = due.GroupBy(one => one.Owner)
            .Select(owner => new Queue<WebhookDue>(owner)).ToList();
        while (chosen.Count < free && waiting.Count > 0)
        {
            foreach (var queue in waiting.TakeWhile(_ => chosen.Count < free))
            {
                while (queue.TryDequeue(out var one))
                {
                    var (ofHost, ofOwner) = (hosts.GetValueOrDefault(one.Host), owners.GetValueOrDefault(one.Owner));
                    if (ofHost < MaxOfHost && ofOwner < MaxOfOwner && webhooks.Add(one.Webhook))
                    {
                        (hosts[one.Host], owners[one.Owner]) = (ofHost + 1, ofOwner + 1);
                        chosen.Add(one);
                        break;
                    }
                }
            }

            waiting.RemoveAll(queue => queue.Count == 0);
        }

        return chosen;
    }

    /// <summary>'t=1760000000,v1=…': HMAC-SHA-256 over the time, a point and the body.</summary>
    public static string Sign(string secret, Instant at, string body)
    {
        var time = at.ToUnixTimeSeconds();
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},v1={Convert.ToHexStringLower(hash)}";
    }

    /// <summary>How long to wait after so many attempts that failed.</summary>
    public static Duration Wait(int attempts) =>
        attempts >= 14 ? MaxPause : Duration.Min(MaxPause, First * (1L << attempts));

    private static async Task Deliver(
        NpgsqlDataSource database, HttpClient http, IClock clock, WebhookDue due, CancellationToken ct)
    {
        var began = clock.GetCurrentInstant();
        var why = await Send(http, due, began, ct);
        var now = clock.GetCurrentInstant();
        await (why is null
            ? WebhookQueue.Done(database, due, now, ct)
            : WebhookQueue.Later(database, due, why, now + Wait(due.Attempts), ct));
    }

    /// <returns>Why it did not arrive; null when it did.</returns>
    private static async Task<string?> Send(HttpClient http, WebhookDue due, Instant now, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, due.Url)
        {
            Content = new StringContent(due.Body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Exchange-Event", due.Event);
        request.Headers.Add("Exchange-Delivery", $"{due.Webhook}-{due.Position}");
        request.Headers.Add("Exchange-Signature", Sign(due.Secret, now, due.Body));
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return answer.IsSuccessStatusCode ? null : $"answered {(int)answer.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException ||
            (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return e is OperationCanceledException ? "did not answer in time"
                : e.InnerException is PublicOnly.NotPublicException inner ? inner.Message : "cannot be reached";
        }
    }
}
