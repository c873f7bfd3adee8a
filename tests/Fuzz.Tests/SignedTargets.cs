using System.Security.Cryptography;
using System.Text;
using Exchange.Journal;
using Exchange.Market.Peers;
using Exchange.Metering.Collectors.Live;
using NodaTime;

namespace Exchange.Fuzz.Tests;

/// <summary>
/// What comes signed from somebody who was let in and means harm: what is drawn is signed by their own key, so that
/// the signature keeps nothing out. What is taken is appended, and can be read again.
/// </summary>
internal static class SignedTargets
{
    private static readonly BillingMonth October = new(2026, 10);
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 3, 0, 0);
    private static readonly SigningKey Theirs = SigningKey.Of([.. Enumerable.Repeat((byte)7, 32)]);
    private static readonly ECDsa Meter = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string MeterKey = Meter.ExportSubjectPublicKeyInfoPem();

    private static readonly PeerTerms Terms = new(
        "mit", "bu", "https://mit.example.org", Theirs.Public, new("mit@bu.edu"), new("mit"), October, false, false);

    private static readonly Peer Admitted = Grown(Peer.Fold.Initial, Peer.Admit(Peer.Fold.Initial, Terms, "f", Now));

    private static readonly PeerLine Line = new(
        "2026-10:mit:stack:p-17:CPU", October, October.Period, new("mit"), new("stack"), new("p-17"), new("CPU"), null,
        new(744, Unit.Parse("SU-hour")), new(0.013m, Unit.Parse("SU-hour")), new(967), new(100), false);

    /// <summary>The lines of statements that are right, without their signatures.</summary>
    public static List<byte[]> Statements() =>
    [
        Unsigned(new PeerStatement("mit", "bu", October, 1, null, [Line]).Write(Theirs).Text),
        Unsigned(new PeerStatement("mit", "bu", October, 1, null,
        [
            Line, Line with { Charge = "2026-09:mit:stack:p-17:CPU", Month = new(2026, 9), Amount = -Line.Amount, Step = "first 100" },
        ]).Write(Theirs).Text),
    ];

    public static void Statement(byte[] bytes)
    {
        var text = Signed(bytes);
        var taken = Grown(Admitted, Peer.Receive(Admitted, text, Now));
        foreach (var kept in taken.Received)
        {
            var statement = PeerStatement.Kept(kept.Text);
            Same(kept.Total, statement.Total);
            Same(statement.Lines.Length, statement.Lines.Select(line => $"{line.What} {line.Due}").Count());
            Same(0, Peer.Receive(taken, text, Now).OrThrow().Count); // What comes again changes nothing.
        }
    }

    /// <summary>What they say of a statement that this exchange drew.</summary>
    public static List<byte[]> Disputes() =>
    [
        Unsigned(new PeerDispute(
            "mit", "bu", October, 1, 1, new("p-17"), Line.What, new(967), new(900), "half of it was idle", null).Write(Theirs)),
    ];

    public static void Dispute(byte[] bytes)
    {
        var text = Signed(bytes);
        var asking = Grown(Admitted, Peer.Draw(Admitted, October, [Line], Theirs, Now));
        var taken = Grown(asking, Peer.ReceiveDispute(asking, text, Now));
        if (taken.DisputedThere.Length > 0)
        {
            Same(0, Peer.ReceiveDispute(taken, text, Now).OrThrow().Count);
        }
    }

    public static List<byte[]> Heads() =>
        [Encoding.UTF8.GetBytes(SignedHead.Sign(7, new byte[32], Now, Meter).Write())];

    public static void Head(byte[] bytes) => SignedHead.Parse(Encoding.UTF8.GetString(bytes), "x").IsGenuine();

    /// <summary>Events as a meter without a network hands them over, under the signature of that meter.</summary>
    public static void Bundle(byte[] bytes)
    {
        var packed = new MemoryStream();
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        new MeterBundle { Meter = "m", Sequence = 1, Events = lines }.Write(packed, Meter);
        var bundle = MeterBundle.Read(new MemoryStream(packed.ToArray()), "x", _ => MeterKey);
        Same(lines.Length, bundle.Events.Count);
        _ = MeterBundle.Read(new MemoryStream(bytes), "x", _ => MeterKey);
    }

    public static void Manifest(byte[] bytes)
    {
        var path = Path.Combine(Path.GetTempPath(), $"manifest-{Environment.ProcessId}.json");
        try
        {
            File.WriteAllBytes(path, bytes);
            foreach (var file in BillManifest.Read(path))
            {
                _ = BillManifest.Find(file.Name, Path.GetTempPath());
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Unsigned(string text) => Encoding.UTF8.GetBytes(text[..SignedText.End(text)]);

    private static string Signed(byte[] bytes) => SignedText.Of(Encoding.UTF8.GetString(bytes).TrimEnd('\n') + "\n", Theirs);

    /// <summary>What was decided, as the journal gives it back.</summary>
    private static Peer Grown(Peer peer, Decision<PeerEvent> decided) => decided.OrThrow().Aggregate(
        peer, (so, happened) => Peer.Fold.Evolve(so, ReadBack.Of<PeerEvent>(happened)));

    private static void Same<T>(T expected, T found)
    {
        if (!Equals(expected, found))
        {
            throw new InvalidOperationException($"It was {expected} and is {found}.");
        }
    }
}
