using System.Text.Json;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What was billed is kept: worked out once, by one way of rating; what comes later adds to it.</summary>
public sealed class BillsStayAsTheyWere
{
    /// <summary>
    /// Two pods of two classes, half an hour each: 0.5 SU-hours × $0.013 = $0.0065, rounded once a class to $0.01. The
    /// old 'rate' knew nothing of classes: one line of 1 SU-hour, $0.01.
    /// </summary>
    [Fact]
    public async Task Rating_and_closing_come_to_the_same_where_labels_divide_a_project()
    {
        using var small = await SmallExchange.Start();
        await TwoClasses(small);

        var rated = await small.Json("rate --month 2026-10");
        var closed = await small.Json("close --month 2026-10");
        Assert.Equal(["class:cs101 0.01 USD", "class:cs102 0.01 USD"], Charges(rated));
        Assert.Equal("0.02 USD", rated.GetProperty("total").GetString());
        Assert.Equal(rated.GetProperty("total").GetString(), closed.GetProperty("total").GetString());
        Assert.Equal(["class:cs101 0.01 USD"], Charges(await small.Json("rate --month 2026-10 --project class:cs101")));
        Assert.Equal(
            ["class:cs101 0.01 USD", "class:cs102 0.01 USD"],
            Charges(await small.Json("rate --month 2026-10 --project class")));
        var compared = await small.Json("rate --month 2026-10 --compare");
        Assert.Equal("0.02 USD", compared.GetProperty("corrected").GetString());
    }

    /// <summary>
    /// 100 SU-hours of a project that nobody answers for are suspense; told whose they were, they move to the PI with
    /// the next close: one charge, two accounts.
    /// </summary>
    [Fact]
    public async Task An_owner_who_is_told_backward_gets_the_charge_and_every_month_is_shown()
    {
        using var small = await SmallExchange.Start();
        await small.Ran("orph", "pod-1", "2026-10-01T00:00:00Z", "2026-10-05T04:00:00Z");
        await small.Ran("other", "pod-2", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
        await small.Told("cluster,project,name,pi\nc1,other,Other,ben@mit.edu");
        await small.Done("close --month 2026-10 --commit");
        await small.Told("cluster,project,name,pi\nc1,orph,Orphans,ada@bu.edu");
        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);

        await small.Done("close --month 2026-11 --commit");
        await small.Done("replay");
        var november = (await small.Json("invoices list --month 2026-11")).EnumerateArray()
            .Where(row => row.TryGetProperty("number", out _))
            .Select(row => $"{row.GetProperty("account").GetProperty("pi")} {row.GetProperty("total")}");
        Assert.Equal(["ada@bu.edu 1.30 USD", "ben@mit.edu 0.31 USD"], november.Order(StringComparer.Ordinal));
        await small.Done("verify");
        Assert.Equal(
            ["2026-10  1.30", "2026-11  -1.30", "2026-11 ada@bu.edu 1.30", "2026-11 ben@mit.edu 0.31"],
            await small.Shown());
    }

    /// <summary>
    /// An issued line is explained by what was kept with it: the same bytes after a late reading, after the close that
    /// corrects it, and after a void. Before, it was rated again: 'explain/unknown', or other figures.
    /// </summary>
    [Fact]
    public async Task What_was_issued_is_explained_by_the_same_bytes_whatever_comes_later()
    {
        using var small = await SmallExchange.Start();
        await TwoClasses(small);
        await small.Told("cluster,project,name,pi\nc1,mixed,Mixed,ada@bu.edu");
        await small.Ran("mixed", "cpu-pod", "2026-10-02T00:00:00Z", "2026-10-02T10:00:00Z");
        await small.Ran(
            "mixed", "gpu-pod", "2026-10-02T00:00:00Z", "2026-10-02T02:00:00Z", "\"gpu\":1,\"gpu_model\":\"a100\"");
        await small.Counted("mixed", "bucket-1", "2026-10-03T05:00:00Z", 1_500);
        await small.Done("close --month 2026-10 --commit");
        string[] asked = [.. await Issued(small), .. (await Ids(small)).Select(id => $"\"{id}\"")];
        var first = await Explained(small, asked);

        // 10 hours of one SU, nothing of the GPU pod; 1,500 requests; two GPU-hours; half an SU-hour of each class.
        Assert.Equal(
            ["0.5 = 0.01 USD", "0.5 = 0.01 USD", "10 = 0.13 USD", "1500 = 3.00 USD", "2 = 3.00 USD"],
            first.Where(of => of.Key.StartsWith("PI-2026-0001#", StringComparison.Ordinal))
                .Select(of => JsonDocument.Parse(of.Value).RootElement[0])
                .Select(charge => $"{charge.GetProperty("sum")} = {charge.GetProperty("amount")}")
                .Order(StringComparer.Ordinal));
        await small.State("class", "pod-1", "2026-10-01T00:00:00Z", "deleted", SmallExchange.One);
        await small.Ran("mixed", "late-pod", "2026-10-09T00:00:00Z", "2026-10-19T00:00:00Z");
        Assert.Equal(first, await Explained(small, asked));

        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await small.Told("cluster,project,name,pi,from\nc1,mixed,Mixed,eve@mit.edu,2026-10");
        await small.Done("close --month 2026-11 --commit");
        Assert.Equal(first, await Explained(small, asked));
        var adjusted = string.Concat((await Explained(small, [.. (await Issued(small)).Except(asked)])).Values);
        Assert.Contains("urn:small e", adjusted, StringComparison.Ordinal);
        Assert.Contains("late-reading", adjusted, StringComparison.Ordinal);
        await small.Done("invoices void PI-2026-0001 --because \"wrong\"");
        await small.Done("close --month 2026-11 --commit");
        Assert.Equal(first, await Explained(small, asked));
        await small.Done("verify");
    }

    /// <summary>
    /// A reading is put right before the close; after it another is moved here, and one that stood here is retracted. The
    /// line says of each what was known when it was billed. Before, it said the corrections of today.
    /// </summary>
    [Fact]
    public async Task A_correction_after_the_close_changes_nothing_that_is_said_of_an_issued_line()
    {
        using var small = await SmallExchange.Start();
        await small.Told("cluster,project,name,pi\nc1,p1,One,ben@example.net");
        await small.Ran("p1", "pod-1", "2026-10-02T00:00:00Z", "2026-10-02T10:00:00Z"); // e2
        await small.Ran("p1", "pod-1", "2026-10-03T00:00:00Z", "2026-10-03T10:00:00Z"); // e3
        await small.Ran("p1", "pod-9", "2026-10-04T00:00:00Z", "2026-10-04T10:00:00Z"); // e4
        await PutRight(small, "e2", "pod-1", "2026-10-02T00:00:00Z", "2026-10-02T05:00:00Z");
        await small.Done("close --month 2026-10 --commit");
        string[] asked = ["PI-2026-0001#1"];
        var first = await Explained(small, asked);
        Assert.Contains("2026-10-02T05:00:00Z", first[asked[0]], StringComparison.Ordinal);

        await PutRight(small, "e4", "pod-1", "2026-10-04T00:00:00Z", "2026-10-04T07:00:00Z");
        Assert.Equal(first, await Explained(small, asked));
        await small.Done("correct e3 --landlord acme --source urn:small --reason test");
        Assert.Equal(first, await Explained(small, asked));
        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await small.Done("close --month 2026-11 --commit");
        Assert.Equal(first, await Explained(small, asked));
    }

    private static async Task PutRight(SmallExchange small, string id, string pod, string from, string to)
    {
        var right = await small.File($"{id}-{pod}-{to[11..13]}.json", $$$"""
            {"specversion":"1.0","id":"{{{id}}}","source":"urn:small","type":"exchange.usage.interval.v1",
            "subject":"{{{pod}}}","time":"{{{to}}}","data":{"landlord":"acme","cluster":"c1","project":"p1","kind":"pod",
            "from":"{{{from}}}","to":"{{{to}}}","state":"running","shape":{{{{SmallExchange.One}}}} } }
            """);
        await small.Done($"correct {id} --landlord acme --source urn:small --reason test --with {right}");
    }

    /// <summary>
    /// A dollar more on a billed line, in the database: 'verify' names table and row, and the next close bills nothing
    /// of it, for it asks the journal. Before, verify was content and the close took the dollar back.
    /// </summary>
    [Theory]
    [InlineData("update invoicing.line set cents = cents + 100", "invoicing.line: (2026-10:ada@bu.edu,1,")]
    [InlineData("update invoicing.invoice set owed = 1", "invoicing.invoice: (2026-10:ada@bu.edu,")]
    [InlineData("delete from invoicing.posting where account like 'payable%'", "invoicing.posting: ")]
    [InlineData("update exchange.charge set cents = 7", "exchange.charge of 2026-10: it is not what was written")]
    [InlineData("update exchange.sold set quantity = 7", "exchange.sold of 2026-10: it is not what was written")]
    [InlineData("update exchange.rated set cents = 7", "exchange.rated of 2026-10: it is not what was written")]
    [InlineData("update exchange.day set cents = 7", "exchange.day of 2026-10: it is not what was written")]
    [InlineData("update exchange.charge_day set weights[1] = 7", "exchange.charge_day of 2026-10: it is not what was")]
    [InlineData("update exchange.cost_sum set cents = 7", "exchange.cost_sum of 2026-10: it is not what was written")]
    [InlineData("update exchange.cost_sum set day_cents[1] = 7", "exchange.cost_sum of 2026-10: it is not what was")]
    [InlineData("update exchange.audit set target = 'else'", "exchange.audit: ")]
    [InlineData("update invoicing.kept_block set body = body || '\\x00'", "invoicing.kept_block, run ")]
    [InlineData("update invoicing.kept_block set service_month = '2026-09'", "invoicing.kept_block, run ")]
    [InlineData("delete from invoicing.kept_block where number = 2", "invoicing.kept_block, run ")]
    [InlineData("update invoicing.settlement set share = 3", "invoicing.settlement: ")]
    public async Task A_changed_table_is_named_and_changes_no_bill(string sql, string place)
    {
        using var small = await SmallExchange.After("two classes were billed", async made =>
        {
            await TwoClasses(made);
            await made.Done("close --month 2026-10 --commit");
            await made.Done("verify");
        });
        await small.Sql(sql);
        var verified = await small.Line("verify");
        Assert.Equal(1, verified.Exit);
        Assert.Contains($"verify/differs: {place}", verified.Errors, StringComparison.Ordinal);
        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        var next = await small.Line("close --month 2026-11 --json");
        if (place.StartsWith("invoicing.kept_block", StringComparison.Ordinal))
        {
            Assert.Equal(1, next.Exit);
            Assert.Contains("kept/damaged", next.Errors + next.Output, StringComparison.Ordinal);
            return;
        }

        Assert.Empty(JsonDocument.Parse(next.Output).RootElement.GetProperty("invoices").EnumerateArray());
        await small.Done("replay");
        await small.Done("verify");
    }

    /// <summary>
    /// 10 SU-hours closed on Nov 3, 20 more come late and are billed on Dec 3: as of Nov 30 the month is 0.13, as of
    /// Dec 31 it is 0.39, and the files of then are written again to the byte.
    /// </summary>
    [Fact]
    public async Task A_day_of_the_past_gives_back_what_was_known_then()
    {
        using var small = await SmallExchange.Start();
        await small.Told("cluster,project,name,pi\nc1,p1,One,ben@example.net");
        await small.Ran("p1", "pod-1", "2026-10-02T00:00:00Z", "2026-10-02T10:00:00Z");
        await small.Done("close --month 2026-10 --commit");
        await small.Done($"export charges --month 2026-10 --out {small.Folder("then")}");
        await small.Ran("p1", "pod-2", "2026-10-05T00:00:00Z", "2026-10-05T20:00:00Z");
        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await small.Done("close --month 2026-11 --commit");
        await small.Done("invoices void PI-2026-0001 --because \"wrong\"");

        foreach (var (day, total, status) in (IEnumerable<(string, string, string)>)[
            ("2026-11-03", "0.13 USD", "issued"), ("2026-11-30", "0.13 USD", "issued"),
            ("2026-12-31", "0.39 USD", "void")])
        {
            var rated = await small.Json($"rate --month 2026-10 --as-of {day}");
            Assert.Equal(total, rated.GetProperty("total").GetString());
            var invoices = await small.Json($"invoices list --month 2026-10 --as-of {day}");
            Assert.Equal(status, invoices[0].GetProperty("status").GetString());
        }

        Assert.Empty((await small.Json("invoices list --as-of 2026-10-31")).EnumerateArray());
        await small.Done($"export charges --month 2026-10 --as-of 2026-11-03 --out {small.Folder("now")}");
        Assert.Equal(
            await System.IO.File.ReadAllTextAsync(
                Path.Combine(small.Folder("then"), "charges-2026-10.csv"), TestContext.Current.CancellationToken),
            await System.IO.File.ReadAllTextAsync(
                Path.Combine(small.Folder("now"), "charges-2026-10.csv"), TestContext.Current.CancellationToken));
        var open = await small.Line("rate --month 2026-10 --as-of 2026-11-02");
        Assert.Contains("as-of/open", open.Errors, StringComparison.Ordinal);
        Assert.Contains(
            "explain/unknown", (await small.Line("explain PI-2026-0001#1 --as-of 2026-11-01")).Errors,
            StringComparison.Ordinal);
        Assert.Contains(
            "0.13 USD", (await small.Done("explain PI-2026-0001#1 --as-of 2026-11-04")).Output,
            StringComparison.Ordinal);
    }

    private static async Task<string[]> Issued(SmallExchange small)
    {
        var invoices = (await small.Json("invoices list")).EnumerateArray()
            .Where(row => row.TryGetProperty("number", out _)).Select(row => (
                Number: row.GetProperty("number").GetString()!, Lines: row.GetProperty("lines").GetInt32())).ToList();
        var parties = (await small.Json("invoices parties")).EnumerateArray().Select(row => (
            Number: row.GetProperty("number").GetString()!, Lines: row.GetProperty("lines").GetInt32()));
        return [.. invoices.Concat(parties).SelectMany(of => Enumerable.Range(1, of.Lines)
            .Select(place => $"{of.Number}#{place}").Append(of.Number))];
    }

    private static async Task<IEnumerable<string>> Ids(SmallExchange small) =>
        (await small.Json("rate --month 2026-10")).GetProperty("charges").EnumerateArray()
            .Select(charge => charge.GetProperty("id").GetString()!).ToList();

    private static async Task<SortedDictionary<string, string>> Explained(SmallExchange small, string[] asked)
    {
        var explained = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in asked)
        {
            explained[one] = (await small.Done($"explain {one} --json")).Output;
        }

        return explained;
    }

    internal static async Task TwoClasses(SmallExchange small)
    {
        await small.Told("cluster,project,name,pi,split\nc1,class,Courses,ada@bu.edu,class");
        foreach (var (pod, label) in (IEnumerable<(string, string)>)[("pod-1", "cs101"), ("pod-2", "cs102")])
        {
            await small.Ran(
                "class", pod, "2026-10-01T00:00:00Z", "2026-10-01T00:30:00Z",
                $"{SmallExchange.One},\"class\":\"{label}\"");
        }
    }

    private static IEnumerable<string> Charges(JsonElement rated) => rated.GetProperty("charges").EnumerateArray()
        .Select(charge => $"{charge.GetProperty("project").GetString()} {charge.GetProperty("amount").GetString()}");
}
