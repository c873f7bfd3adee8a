using System.Text;
using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// Bills of other clouds, passed on at cost: what was asked for comes to the cent, or nothing is taken and it is said;
/// never a part as if it were the bill.
/// </summary>
public sealed class BillsThatComeInParts
{
    private const string OfInternet2 = "--format focus --landlord internet2";

    private const string Header = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,ProviderName,PublisherName,ChargeDescription\n";

    private const string October = "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z";

    /// <summary>12.34 and 9.10, in each of the ways in which clouds write the times of their bills.</summary>
    [Theory]
    [InlineData("2026-10-01T00:00Z,2026-11-01T00:00Z", "2026-10-04T00:00Z,2026-10-05T00:00Z")]
    [InlineData("2026-10-01T00:00:00.000Z,2026-11-01T00:00:00.000Z", "2026-10-04T07:00:00.000Z,2026-10-04T08:00:00.000Z")]
    [InlineData("2026-10-01 00:00:00 UTC,2026-11-01 00:00:00 UTC", "2026-10-04 07:00:00.123456 UTC,2026-10-04 08:00:00 UTC")]
    [InlineData("2026-10-01,2026-11-01", "2026-10-04 07:00,2026-10-04 08:00")]
    [InlineData("20261001T000000Z,20261101T000000Z", "2026-10-04T09:00:00+02:00,2026-10-04T08:00:00-0000")]
    public async Task Whatever_form_their_times_have(string period, string charged)
    {
        using var exchange = await PricedExchange.Start();
        var done = await exchange.Ingest($"{OfInternet2} --cluster azure",
            $"\uFEFF{Header}12.34,b,USD,{period},Usage,{charged},VM,sub-chem,Microsoft,,\n" +
            $"9.10,b,USD,{period},Usage,{charged},VM,sub-bio,Microsoft,,\n");
        Assert.True(done.Exit == 0, done.Errors);
        Assert.Equal(["sub-bio 9.10", "sub-chem 12.34"], await exchange.Charges());
        Assert.Empty(await exchange.Charges("2026-09"));
        Assert.Empty(await exchange.Charges("2026-11"));
    }

    /// <summary>Purchases, credits, tax and roundings belong to the bill's month, with or without a service.</summary>
    [Fact]
    public async Task Whatever_the_rows_are_for()
    {
        using var exchange = await PricedExchange.Start();
        var done = await exchange.Ingest($"{OfInternet2} --cluster aws", Header + string.Concat(
            Row("1200.00", "Purchase", "2026-10-10T00:00:00Z,2027-10-10T00:00:00Z", "", "team-a"),
            Row("0", "Usage", "2026-10-11T00:00:00Z,2026-10-12T00:00:00Z", "EC2", "team-b"),
            Row("-15.50", "Usage", "2026-09-03T00:00:00Z,2026-09-04T00:00:00Z", "S3", "team-a"),
            Row("-4.00", "Credit", October, "NULL", "team-c"), Row("8.25", "Tax", October, "Tax", ""),
            Row("85.00", "Purchase", October, "", "team-d", "Some Vendor Inc"),
            Row("0.01", "Adjustment", October, "", "")));
        Assert.True(done.Exit == 0, done.Errors);
        var charges = await exchange.Charges();
        Assert.Equal(
            ["acct 8.26", "team-a 1184.50", "team-b 0.00", "team-c -4.00", "team-d 85.00"],
            charges.Any(one => one.StartsWith("team-b", StringComparison.Ordinal))
                ? charges
                : charges.Append("team-b 0.00").Order(StringComparer.Ordinal));
        Assert.Empty(await exchange.Charges("2026-09"));
        Assert.Empty(await exchange.Charges("2026-11"));
    }

    /// <summary>100 and 40 and 7 are one bill of 147: of three files in a directory none is the bill.</summary>
    [Fact]
    public async Task In_a_directory_where_nobody_says_what_belongs_together()
    {
        using var exchange = await PricedExchange.Start();
        var folder = exchange.Folder("drop");
        string[] parts = ["100.00", "40.00", "7.00"];
        var files = parts.Select((cost, i) => exchange.File(
            $"drop/2026-10-focus-{i}.csv", Header + Row(cost, "Usage", October, $"s{i}", "team"))).ToList();
        string Yaml(string more) => exchange.File("collectors.yaml", "collectors:\n" +
            $"  - {{name: bills, kind: files, landlord: internet2, cluster: aws, directory: {folder}, " +
            $"pattern: \"*.csv\", format: focus, every: 1h{more}}}\n");
        var alone = await exchange.Line($"collect run --collectors {Yaml("")}");
        Assert.Equal(1, alone.Exit);
        Assert.Contains("bill/part-or-again", alone.Errors, StringComparison.Ordinal);

        var together = Yaml(", together: '^(\\d{4}-\\d{2})-focus-\\d+\\.csv$'");
        Assert.Equal(0, (await exchange.Line($"collect run --collectors {together}")).Exit);
        Assert.Equal(["team 147.00"], await exchange.Charges());
        Assert.Equal(0, (await exchange.Line($"ingest {string.Join(' ', files)} {OfInternet2} --cluster aws")).Exit);
        Assert.Equal(["team 147.00"], await exchange.Charges());
    }

    /// <summary>A manifest names three; until the third is there, nothing is taken.</summary>
    [Theory]
    [InlineData("""{"dataFiles":["s3://b/p/0.csv","s3://b/p/1.csv","s3://b/p/2.csv"]}""")]
    [InlineData("""{"reportKeys":["p/0.csv","p/1.csv","p/2.csv"],"assemblyId":"a"}""")]
    [InlineData("""{"blobs":[{"blobName":"x/0.csv"},{"blobName":"x/1.csv"},{"blobName":"x/2.csv"}]}""")]
    public async Task With_a_manifest_that_names_what_is_not_there_yet(string manifest)
    {
        using var exchange = await PricedExchange.Start();
        var folder = exchange.Folder("drop");
        exchange.File("drop/manifest.json", manifest);
        var yaml = exchange.File("collectors.yaml", "collectors:\n" +
            $"  - {{name: bills, kind: files, landlord: internet2, cluster: aws, directory: {folder}, " +
            "pattern: \"*.csv\", format: focus, manifest: \"*manifest.json\", every: 1h}\n");
        foreach (var (cost, i) in new[] { "100.00", "40.00", "7.00" }.Select((cost, i) => (cost, i)))
        {
            exchange.File($"drop/{i}.csv", Header + Row(cost, "Usage", October, $"s{i}", "team"));
            var run = await exchange.Line($"collect run --collectors {yaml}");
            Assert.Equal(i == 2, run.Exit == 0);
            Assert.Equal(i == 2 ? ["team 147.00"] : [], await exchange.Charges());
        }
    }

    /// <summary>
    /// Drawn: cells lost and added, quotes left open, letters of another encoding, files cut in the middle of a row.
    /// Whatever was done to it, the bill comes to all of its money or to nothing and a refusal.
    /// </summary>
    [Fact]
    public async Task Damaged_in_any_way()
    {
        var random = new Random(11);
        using var exchange = await PricedExchange.Start();
        for (var number = 0; number < 40; number++)
        {
            var account = $"acct-{number}";
            var rows = Enumerable.Range(0, random.Next(2, 6)).Select(i => $"{random.Next(1, 900)}.0{i},{account},USD,{October}," +
                $"Usage,{October},\"Sérvice, \"\"{i}\"\"\",team-{number},AWS,\"Ünited, Inc\",\"a\nb\"\n").ToList();
            var total = rows.Sum(row => decimal.Parse(row.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture));
            var (what, bytes) = Damaged(random, Header + string.Concat(rows));
            var file = exchange.File($"bill-{number}.csv", bytes);
            var done = await exchange.Line($"ingest {file} {OfInternet2} --cluster aws");
            var billed = (await exchange.Charges()).SingleOrDefault(one => one.StartsWith($"team-{number} ", StringComparison.Ordinal));
            var expected = done.Exit == 0
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"team-{number} {total:0.00}")
                : null;
            Assert.True(expected == billed, $"{number}, {what}: {billed} and not {expected}\n{done.Errors}");
            Assert.True(done.Exit == 0 || done.Errors.Contains(Path.GetFileName(file), StringComparison.Ordinal), done.Errors);
            Assert.Equal(what is "nothing" or "a mark", done.Exit == 0);
        }
    }

    private static (string What, byte[] Bytes) Damaged(Random random, string text)
    {
        var commas = Enumerable.Range(Header.Length, text.Length - Header.Length).Where(i => text[i] == ',').ToArray();
        var quotes = Enumerable.Range(Header.Length, text.Length - Header.Length).Where(i => text[i] == '"').ToArray();
        var comma = commas[random.Next(commas.Length)];
        return random.Next(8) switch
        {
            0 => ("nothing", Encoding.UTF8.GetBytes(text)),
            1 => ("a mark", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)]),
            2 => ("letters of Latin-1", Encoding.Latin1.GetBytes(text)),
            3 => ("UTF-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)]),
            4 => ("a cell more", Encoding.UTF8.GetBytes(text.Insert(text.LastIndexOf(",USD", StringComparison.Ordinal), ",x"))),
            5 => ("a cell less", Encoding.UTF8.GetBytes(text.Remove(text.LastIndexOf("USD,", StringComparison.Ordinal), 4))),
            6 => ("an open quote", Encoding.UTF8.GetBytes(text.Remove(quotes[^1], 1))),
            _ => ("cut", Encoding.UTF8.GetBytes(text[..comma])),
        };
    }

    private static string Row(
        string cost, string category, string charged, string service, string account, string publisher = "") =>
        $"{cost},acct,USD,{October},{category},{charged},{service},{account},AWS,{publisher},text\n";
}
