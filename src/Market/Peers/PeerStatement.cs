using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Market.Peers;

/// <summary>
/// What one exchange asks of another for a month: lines of JSON, the first of which says from whom to whom, the last
/// of which is the Ed25519 signature of all before it. Statements are numbered without a gap and name the hash of the
/// one before, as bundles of meters do.
/// </summary>
/// <param name="From">Who asks, as the other knows it.</param>
/// <param name="To">Who is asked, as the asking one knows it.</param>
public sealed record PeerStatement(
    string From, string To, BillingMonth Month, long Sequence, string? Previous, ImmutableArray<PeerLine> Lines)
{
    public const string Form = "exchange-statement/1";

    /// <summary>Some 25,000 lines.</summary>
    public const int MaxBytes = 8 << 20;

    public Money Total => Money.Sum(Lines.Select(line => line.Due));

    private sealed record Header(
        string Statement, string From, string To, BillingMonth Month, long Sequence, string? Previous, int Lines,
        Money Total);

    /// <summary>A statement as it is sent, and the hash of what was signed.</summary>
    public (string Text, string Sha256) Write(SigningKey key)
    {
        var header = new Header(Form, From, To, Month, Sequence, Previous, Lines.Length, Total);
        var signed = string.Concat(Lines.Select(line => JsonSerializer.Serialize(line, Exchange.Text.Json))
            .Prepend(JsonSerializer.Serialize(header, Exchange.Text.Json)).Select(line => line + "\n"));
        var text = SignedText.Of(signed, key);
        return Encoding.UTF8.GetByteCount(text) <= MaxBytes
            ? (text, HashOf(signed))
            : throw new RefusedException(new(
                "peer/too-large", $"The statement of {Month} to {To} has {Lines.Length} lines, which is more than " +
                $"{MaxBytes >> 20} MiB. Have some of its projects billed by another account.", To));
    }

    /// <summary>Reads a statement; nothing of one that its exchange did not sign as it is is handed out.</summary>
    /// <param name="publicKeys">Of the exchange that it has to be from: one of them signed it.</param>
    /// <exception cref="RefusedException">It is cut off, changed, of somebody else, or contradicts itself.</exception>
    public static (PeerStatement Statement, string Sha256) Read(string text, params IReadOnlyList<string> publicKeys)
    {
        var signed = SignedText.Read(text, publicKeys);
        return (Parse(text, signed.Length), HashOf(signed));
    }

    /// <summary>
    /// The same statement with the same hash, signed by another key: one that waits goes out by the key that the other
    /// takes now.
    /// </summary>
    public static string SignedAgain(string text, SigningKey key) => SignedText.Again(text, key);

    /// <summary>One that was taken or drawn, whichever key had signed it then.</summary>
    public static PeerStatement Kept(string text) => Parse(text, SignedText.End(text));

    private static string HashOf(string signed) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signed)));

    private static PeerStatement Parse(string text, int end)
    {
        var lines = text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || Parsed<Header>(lines[0]) is not { Statement: Form, Sequence: > 0 } header)
        {
            throw Broken("its first line is no header");
        }

        var statement = new PeerStatement(
            header.From, header.To, header.Month, header.Sequence, header.Previous,
            [.. lines.Skip(1).Select((line, i) => Parsed<PeerLine>(line) ?? throw Broken($"line {i + 1} is none"))]);
        if (statement.Lines.Any(line => line is not { HasBounds: true }))
        {
            throw Broken("a line has an amount above a trillion dollars, or a quantity above a quadrillion");
        }

        return statement.Lines.Length != header.Lines || statement.Total != header.Total
            ? throw Broken($"its header says {header.Lines} lines and {header.Total}, and there are " +
                $"{statement.Lines.Length} and {statement.Total}")
            : statement;
    }

    private static RefusedException Broken(string why) => new(new(
        "peer/broken", $"This is not a whole statement: {why}. Nothing of it is taken."));

    private static T? Parsed<T>(string line) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, Exchange.Text.Json);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or OverflowException)
        {
            return null; // Whatever it is, it is not that line.
        }
    }
}
