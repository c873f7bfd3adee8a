using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Exchange.Market.Peers;

/// <summary>
/// What one exchange says of a line that another asks for: two lines of JSON, of which the second is the Ed25519
/// signature of the first. They are numbered without a gap.
/// </summary>
/// <param name="From">Who disputes, as the other knows it.</param>
/// <param name="To">Who asked, as the disputing one knows it.</param>
/// <param name="Statement">The number of the statement that it is about.</param>
/// <param name="Asked">What the statement asks for the line.</param>
/// <param name="Here">What it comes to where it is disputed.</param>
/// <param name="Withdraws">The number of the dispute that is over by this; null for one that begins.</param>
public sealed record PeerDispute(
    string From, string To, BillingMonth Month, long Number, long Statement, ProjectId Project, string What,
    Money Asked, Money Here, string Reason, long? Withdraws)
{
    /// <summary>The number of the other's dispute that is over by this, for its reason; null for one's own.</summary>
    public long? Answers { get; init; }

    /// <summary>Whether a dispute begins by this.</summary>
    [JsonIgnore]
    public bool Begins => Withdraws is null && Answers is null;

    public const string Form = "exchange-dispute/1";
    public const int MaxReason = 500;
    private const int MaxWhat = 300;
    private const string Start = $"{{\"dispute\":\"{Form}\"";

    private sealed record Header(
        string Dispute, string From, string To, BillingMonth Month, long Number, long Statement, ProjectId Project,
        string What, Money Asked, Money Here, string Reason, long? Withdraws, long? Answers);

    /// <summary>Whether what another exchange sent is one of these and no statement.</summary>
    public static bool IsOne(string text) => text.StartsWith(Start, StringComparison.Ordinal);

    /// <summary>As it is sent.</summary>
    public string Write(SigningKey key) => SignedText.Of(JsonSerializer.Serialize(new Header(
        Form, From, To, Month, Number, Statement, Project, What, Asked, Here, Reason, Withdraws, Answers),
        Exchange.Text.Json) + "\n", key);

    /// <param name="publicKeys">Of the exchange that it has to be from: one of them signed it.</param>
    /// <exception cref="RefusedException">It is changed, of somebody else, or none.</exception>
    public static PeerDispute Read(string text, params IReadOnlyList<string> publicKeys)
    {
        var signed = SignedText.Read(text, publicKeys);
        Header? header;
        try
        {
            header = JsonSerializer.Deserialize<Header>(signed, Exchange.Text.Json);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or OverflowException)
        {
            header = null; // Whatever it is, it is no dispute.
        }

        return header is { Number: > 0, Statement: > 0, Reason.Length: > 0 and <= MaxReason } &&
            header.What is { Length: <= MaxWhat } && (header.Withdraws is null || header.Answers is null) &&
            Name.IsOne(header.Project.Value)
                ? new(
                    header.From, header.To, header.Month, header.Number, header.Statement, header.Project, header.What,
                    header.Asked, header.Here, header.Reason, header.Withdraws)
                {
                    Answers = header.Answers,
                }
                : throw new RefusedException(new(
                    "peer/broken", "This is no whole dispute: it lacks its number, statement, project, line or " +
                    "reason. Nothing of it is taken."));
    }
}

/// <summary>Lines with the signature of all of them in one more line.</summary>
internal static class SignedText
{
    private sealed record Seal(string Signature);

    public static string Of(string signed, SigningKey key) => signed + JsonSerializer.Serialize(
        new Seal(Convert.ToBase64String(key.Sign(Encoding.UTF8.GetBytes(signed)))), Exchange.Text.Json) + "\n";

    /// <summary>The same lines, signed by another key: what is waiting goes out by the key that the other knows now.
    /// </summary>
    public static string Again(string text, SigningKey key) => Of(text[..End(text)], key);

    /// <returns>What was signed.</returns>
    /// <exception cref="RefusedException">None of the keys signed it as it is.</exception>
    public static string Read(string text, IReadOnlyList<string> publicKeys)
    {
        var end = End(text);
        if (end == 0 || Parsed(text[end..]) is not { Signature.Length: > 0 } seal)
        {
            throw new RefusedException(new(
                "peer/broken", "This is not a whole statement: it has no signature. Nothing of it is taken."));
        }

        var (signed, signature) = (Encoding.UTF8.GetBytes(text[..end]), new byte[seal.Signature.Length]);
        return Convert.TryFromBase64String(seal.Signature, signature, out var length) &&
            publicKeys.Any(key => SigningKey.IsSignedBy(key, signed, signature[..length]))
                ? text[..end]
                : throw new RefusedException(new(
                    "peer/signature", "The statement is not signed by the key that was admitted, or was changed " +
                    "after it was signed. Nothing of it is taken; ask the other exchange for its key."));
    }

    public static int End(string text) => text.AsSpan().TrimEnd('\n').LastIndexOf('\n') + 1;

    private static Seal? Parsed(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Seal>(line, Exchange.Text.Json);
        }
        catch (JsonException)
        {
            return null; // Whatever it is, it is no signature.
        }
    }
}
