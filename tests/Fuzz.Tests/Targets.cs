using System.Text;
using System.Text.Json;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Published;
using Exchange.Metering;
using Exchange.Metering.Collectors;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;

namespace Exchange.Fuzz.Tests;

/// <summary>Every door that bytes from outside come in by, and every reader of bytes that were stored.</summary>
internal static class Targets
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 1, 0, 0);
    private static readonly UTF8Encoding Strict = new(false, true);

    public static IReadOnlyList<Target> All { get; } =
    [
        new("events", Seeds("events"), Events),
        .. CollectorFormats.All.Select(one => new Target(one.Key, Seeds($"{one.Key}."),
            bytes => Collected(one.Value(new MemoryStream(bytes), Context())))),
        new("focus", Seeds("focus."), bytes => Bill(FocusRows.Read(new MemoryStream(bytes), Context())
            .Select(read => (read.Row is not null, read.Misfit)))),
        new("nerc-service-csv", Seeds("nerc-service-csv."), bytes => Bill(RatedLines.Read(new MemoryStream(bytes), Context())
            .Select(read => (read.Line is not null, read.Misfit)))),
        Text("price-sheets", Pricing("nerc/storage", "nerc/openstack", "blockbank", "gatefarm"),
            text => SheetReader.Read(text, "x.yaml")),
        Text("pricing-files", Pricing(""), PublishedTargets.Price),
        Text("outages", Pricing("outages.yaml"), text => Outage.Read(text, "x.yaml")),
        Text("public-prices", Pricing("public"), text => PublicPrices.Read(text, "x.yaml")),
        Text("programs", Pricing("programmes"), text => ProgrammeFile.Parse(text, "x.yaml")),
        Text("facts", Pricing("institutions.yaml", "landlords.yaml", "billability.yaml", "programmes"),
            text => FactFiles.Read(text, "x.yaml")),
        Text("bank-files", Seeds("bank."), text => BankFile.Parse(text, "x")),
        Text("projects", Seeds("projects."), text => ToldProjects.Parse(text, "x")),
        Text("released-readings", Readings(), text => Collected([ReadAgain.Of(text)])),
        new("bill-manifests", Seeds("bill-manifests."), SignedTargets.Manifest),
        new("meter-bundles", Seeds("events.ndjson"), SignedTargets.Bundle),
        new("signed-heads", SignedTargets.Heads(), SignedTargets.Head),
        new("peer-statements", SignedTargets.Statements(), SignedTargets.Statement),
        new("peer-disputes", SignedTargets.Disputes(), SignedTargets.Dispute),
        new("stored-blocks", Blocks(), Block),
        new("stored-pages", Pages(), StoredPage),
        new("stored-names", Names(), bytes => NamedBlock.Of(1, 0, Packed(bytes))?.AddTo(new())),
        new("stored-filters", [KeyFilter.Of([1, 2, 3, ulong.MaxValue]).Bytes()], bytes => KeyFilter.Read(bytes).MayHave(7)),
    ];

    private static CollectorContext Context() => new(new("nerc"), new("stack"), Now, "x") { Step = Duration.FromMinutes(15) };

    private static List<byte[]> Seeds(params string[] names) => [.. names.SelectMany(name => Directory
        .GetFiles(Product.File("tests/Fuzz.Tests/Seeds"), $"{name}*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes))];

    private static List<byte[]> Pricing(params string[] under) => [.. under
        .SelectMany(path => Product.File(Path.Combine("pricing", path)) is var full && File.Exists(full)
            ? [full] : Directory.GetFiles(full, "*.yaml", SearchOption.AllDirectories))
        .Order(StringComparer.Ordinal).Where((_, at) => at < 12).Select(File.ReadAllBytes)];

    /// <summary>A reader of text: what is no UTF-8 was refused before it.</summary>
    private static Target Text(string name, IReadOnlyList<byte[]> seeds, Action<string> read) =>
        new(name, seeds, bytes => read(Encoding.UTF8.GetString(bytes)));

    /// <summary>Each event of the seeds, and a reading as it is set aside.</summary>
    private static List<byte[]> Readings() =>
    [
        .. Strict.GetString(Seeds("events.ndjson")[0]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Strict.GetBytes),
        .. Strict.GetString(Seeds("events.ndjson")[0]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => ReadAgain.Of(line).Reading?.ToLine()).OfType<string>().Select(Strict.GetBytes),
    ];

    /// <summary>Whatever is collected can be stored as it is: a reading in bounds comes back from its block.</summary>
    private static void Collected(IEnumerable<Collected> collected)
    {
        var batch = new Batch(new());
        foreach (var one in collected)
        {
            batch.Add(one, Now);
        }

        Stored(batch);
    }

    private static void Bill(IEnumerable<(bool IsRow, RejectedReading? Misfit)> rows)
    {
        foreach (var (isRow, misfit) in rows)
        {
            if (isRow == misfit is not null)
            {
                throw new InvalidOperationException("A row was neither taken nor rejected.");
            }

            Kept(misfit);
        }
    }

    private static void Events(byte[] bytes)
    {
        var batch = new Batch(new());
        try
        {
            batch = EventStream.Read(
                new MemoryStream(bytes), new(new(), new(), null, Now), batch, 16 << 20, null, default)
                .GetAwaiter().GetResult();
        }
        catch (JsonException)
        {
            return; // The request is refused as a whole.
        }

        Stored(batch!);
    }

    private static void Stored(Batch batch)
    {
        foreach (var (_, misfit) in batch.Misfits)
        {
            Kept(misfit);
        }

        var names = new Names();
        batch.Resolve(names);
        var rows = batch.Rows.ToArray();
        Row[] room = [];
        var again = Metering.Block.Pack(1, rows, names, 0, new()).Unpack(ref room);
        for (var at = 0; at < rows.Length; at++)
        {
            if (!Told(rows[at]).Equals(Told(again[at])))
            {
                throw new InvalidOperationException($"Row {at} came back as {Told(again[at])} and was {Told(rows[at])}.");
            }
        }

        batch.Release();
    }

    private static (long, long, string, int, int, int, int, int, ReadingType, ResourceState, decimal, Correction?) Told(in Row row) => (
        row.From, row.To, row.Id.ToString()!, row.Source, row.Resource, row.Project, row.Shape, row.Meter, row.Type, row.State,
        row.Quantity, row.Correction);

    /// <summary>What is set aside can be written to the database: whole characters.</summary>
    private static void Kept(RejectedReading? misfit)
    {
        if (misfit is not null)
        {
            _ = Strict.GetBytes($"{misfit.Reason}{misfit.Why}{misfit.Source}{misfit.Id}{misfit.Text}");
        }
    }

    /// <summary>Rows of all kinds, as they would be written.</summary>
    private static Batch Written()
    {
        var batch = EventStream.Read(
            new MemoryStream(Seeds("events.ndjson")[0]), new(new(), new(), null, Now), new(new()), 16 << 20, null, default)
            .GetAwaiter().GetResult()!;
        batch.Resolve(new());
        return batch;
    }

    /// <summary>What a block says, before it is compressed: damage would not get past the decompression otherwise.</summary>
    private static List<byte[]> Blocks() => [BytesReader.Unpacked(Metering.Block.Pack(1, Written().Rows, new(), 0, new()).Body)];

    private static List<byte[]> Names() =>
        [BytesReader.Unpacked(Metering.Block.Pack(1, [], Named(), 0, new()).Names)];

    private static Names Named()
    {
        var names = new Names();
        foreach (var text in (string[])["vm-0001", "p-17", "urn:nerc:stack", "", "\U0001f469"])
        {
            names.FindOrAdd([Metering.Names.Project, .. Encoding.UTF8.GetBytes(text)]);
        }

        return names;
    }

    private static void Block(byte[] body)
    {
        Row[] room = [];
        var ids = new byte[16];
        new Block(1, Written().Count, 0, 0, 1, [], Packed(body), ids).Unpack(ref room);
        new Block(1, Written().Count, 0, 0, 1, [], body, ids).Unpack(ref room);
    }

    private static List<byte[]> Pages()
    {
        var page = new Page();
        foreach (var row in Written().Rows)
        {
            page.Add(FoldRow.Of(row));
        }

        return [BytesReader.Unpacked(page.Pack())];
    }

    private static void StoredPage(byte[] body)
    {
        Page.Unpack(Packed(body));
        Page.Unpack(body);
    }

    private static byte[] Packed(byte[] bytes)
    {
        var writer = new BytesWriter();
        foreach (var one in bytes)
        {
            writer.Byte(one);
        }

        return writer.Packed(1);
    }
}
