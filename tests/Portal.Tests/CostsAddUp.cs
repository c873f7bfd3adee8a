using System.Globalization;
using System.Text.Json;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The explorer adds up to the cent: to invoices, and to itself however it is grouped and cut, over drawn months with
/// readings that come late and others that are corrected, a project that moves, two addresses that turn out to be one
/// person, credits, classes, a void invoice and one that nobody answers for.
/// </summary>
public sealed class CostsAddUp
{
    private const string All = "costs --from 2026-08-01 --to 2026-11-01";

    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 1, many: 6));

    [Theory, MemberData(nameof(Seeds))]
    public async Task Costs_are_what_was_billed_and_every_grouping_comes_to_the_same(int seed)
    {
        using var small = await SmallExchange.Start();
        await Months(small, new Random(seed));
        var billed = (await small.Json("invoices list")).EnumerateArray()
            .Where(row => row.GetProperty("status").GetString() != "void")
            .Select(row =>
                $"{row.GetProperty("month")} {Pi(row)} {row.GetProperty("total")} {row.GetProperty("owed")}");
        var costs = Items(await small.Json($"costs --from 2026-08 --to 2026-10 --group-by month pi"))
            .Select(row => $"{row.GetProperty("month")} {row.GetProperty("pi")} {row.GetProperty("cost")} " +
                $"{row.GetProperty("net")}");
        Assert.Equal(billed.Where(row => !row.EndsWith("0.00 USD 0.00 USD", StringComparison.Ordinal)).Order(
            StringComparer.Ordinal), costs.Order(StringComparer.Ordinal));

        var total = Total(await small.Json(All));
        Assert.Contains("USD -", total, StringComparison.Ordinal); // Funds paid something.
        foreach (var by in (string[])[
            "month", "day", "usage_month", "landlord", "service", "sku", "cluster", "project", "pi", "institution",
            "fund", "payer", "class", "charge", "resource", "month sku", "day project", "day class fund",
            "pi project resource", "institution day", "usage_month class sku"])
        {
            var answer = await small.Json($"{All} --group-by {by}");
            Assert.Equal((by, total), (by, Total(answer)));
            Assert.Equal((by, total), (by, Sum(Items(answer))));
        }

        foreach (var by in (string[])["sku", "project", "day"])
        {
            var first = $"2026-{8 + (seed % 3):00}-{3 + (seed * 7):00}";
            var parts = Items(await small.Json($"costs --from 2026-08-01 --to {first} --group-by {by}"))
                .Concat(Items(await small.Json($"costs --from {first} --to 2026-11-01 --group-by {by}")));
            Assert.Equal((by, total), (by, Sum(parts)));
        }

        await Narrowed(small, total, seed);
        await Explained(small, seed);
        await small.Done("verify");
    }

    /// <summary>Each value that is narrowed to comes to its own group, and all of them to the whole.</summary>
    private static async Task Narrowed(SmallExchange small, string total, int seed)
    {
        foreach (var by in Draws.Of(["pi", "sku", "class", "project"], $"{seed}", few: 2))
        {
            var groups = Items(await small.Json($"{All} --group-by {by}")).ToList();
            var alone = new List<JsonElement>();
            foreach (var group in groups.Where(group => group.GetProperty(by).GetString()!.Length > 0))
            {
                alone.AddRange(Items(await small.Json(
                    $"{All} --{by} \"{group.GetProperty(by)}\" --group-by day {by}")));
            }

            alone.AddRange(groups.Where(group => group.GetProperty(by).GetString()!.Length == 0));
            Assert.Equal((by, total), (by, Sum(alone)));
        }
    }

    /// <summary>The causes of a change add up to it, and its ends are what the explorer says.</summary>
    private static async Task Explained(SmallExchange small, int seed)
    {
        var at = 0;
        foreach (var range in (string[])[
            "--from 2026-09 --to 2026-10", "--from 2026-10 --to 2026-11", "--from 2026-10 --to 2026-11 --compare " +
                "2026-08-01/2026-09-01", "--from 2026-10-05 --to 2026-10-20", "--from 2026-09 --to 2026-11"])
        {
            foreach (var only in (string[])[
                "", "--pi ada@bu.edu", "--pi ben@mit.edu", "--pi ada.king@bu.edu", "--project p-3", "--landlord acme", "--class credit"])
            {
                if ((at + (at++ / 7)) % 3 != seed % 3)
                {
                    continue; // The other seeds ask for these.
                }

                var why = await small.Json($"costs {range} {only} --why");
                var steps = Money.Sum(why.GetProperty("steps").EnumerateArray().Select(step => Amount(step, "amount")));
                Assert.Equal(Amount(why, "after") - Amount(why, "before"), steps);
                Assert.All(why.GetProperty("steps").EnumerateArray(), step => Assert.Equal(
                    Amount(step, "amount"),
                    Money.Sum(step.GetProperty("items").EnumerateArray().Select(item => Amount(item, "amount")))));
                Assert.Equal(Amount(why, "after"), await Net("from", "to"));
                Assert.Equal(Amount(why, "before"), await Net("earlierFrom", "earlierTo"));

                async Task<Money> Net(string from, string to) => Amount((await small.Json(
                    $"costs --from {why.GetProperty(from)} --to {why.GetProperty(to)} {only}"))
                    .GetProperty("total"), "net");
            }
        }
    }

    private static Money Amount(JsonElement of, string name) => Money.Parse(of.GetProperty(name).GetString()!);

    private static async Task Months(SmallExchange small, Random drawn)
    {
        await small.Done($"directory publish {Product.File("pricing/institutions.yaml")}");
        await small.Done($"programs publish {Product.File("pricing/programmes")}");
        await small.Told(
            "cluster,project,name,pi,from\nc1,p-1,One,ada@bu.edu,2026-08\nc1,p-2,Two,ben@mit.edu,2026-08\n" +
            "c1,p-3,\"Three, moved\",ada@bu.edu,2026-08\nc1,p-5,Five,ada.king@bu.edu,2026-08");
        await BillsStayAsTheyWere.TwoClasses(small);
        foreach (var month in (int[])[8, 9, 10])
        {
            small.Clock.Now = Instant.FromUtc(2026, month + 1, 3, 9, 0);
            if (month == 9)
            {
                await small.Told("cluster,project,name,pi,from\nc1,p-3,Three,ben@mit.edu,2026-09");
            }

            await small.Together(() => Use(small, drawn, month, drawn.Next(1, 4)));
            if (month == 9)
            {
                await small.Done("projects merge ada@bu.edu ada.king@bu.edu");
            }

            if (month < 10)
            {
                await small.Done($"close --month 2026-{month:00} --commit");
            }

            var wrong = small.Last; // Of the closed month.
            await small.Together(() => Use(small, drawn, month, 1)); // Late, which the next close bills.
            await small.Done($"correct {wrong} --landlord acme --source urn:small --reason wrong");
        }

        await small.Done("invoices void PI-2026-0002 --because \"wrong\"");
    }

    private static async Task Use(SmallExchange small, Random drawn, int month, int times)
    {
        foreach (var project in (string[])["p-4", "p-1", "p-2", "p-3", "p-5"])
        {
            for (var i = 0; i < times; i++)
            {
                var from = new DateTime(
                    2026, month, drawn.Next(1, 20), drawn.Next(24), drawn.Next(60), 0, DateTimeKind.Utc);
                var shape = drawn.Next(4) == 0 ? "\"gpu\":1,\"gpu_model\":\"a100\""
                    : $"\"vcpu\":{drawn.Next(1, 200)},\"ram_mib\":4096";
                await small.Ran(
                    project, $"{project}-pod-{drawn.Next(3)}-{month}-{i}-{times}", Text(from),
                    Text(from.AddMinutes(drawn.Next(30, 10_000))), shape);
            }

            await small.Counted(project, $"{project}-bucket", Text(new(2026, month, drawn.Next(1, 28), 5, 0, 0,
                DateTimeKind.Utc)), drawn.Next(1, 5_000));
        }
    }

    private static string Text(DateTime at) => at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Pi(JsonElement row) =>
        row.GetProperty("account").TryGetProperty("pi", out var pi) ? pi.GetString()! : "";

    private static JsonElement.ArrayEnumerator Items(JsonElement answer) =>
        answer.GetProperty("items").EnumerateArray();

    private static string Total(JsonElement answer)
    {
        var total = answer.GetProperty("total");
        return Written(Money.Parse(total.GetProperty("cost").GetString()!),
            Money.Parse(total.GetProperty("credits").GetString()!),
            total.GetProperty("usage").EnumerateArray().Select(of => Quantity.Parse(of.GetString()!)));
    }

    private static string Sum(IEnumerable<JsonElement> rows)
    {
        var all = rows.ToList();
        return Written(
            Money.Sum(all.Select(row => Money.Parse(row.GetProperty("cost").GetString()!))),
            Money.Sum(all.Select(row => Money.Parse(row.GetProperty("credits").GetString()!))),
            all.SelectMany(row => row.GetProperty("usage").EnumerateArray())
                .Select(of => Quantity.Parse(of.GetString()!))
                .GroupBy(of => of.Unit).Select(of => new Quantity(of.Sum(one => one.Amount), of.Key)));
    }

    private static string Written(Money cost, Money credits, IEnumerable<Quantity> usage) =>
        $"{cost} {credits} {string.Join(' ', usage.OrderBy(of => of.Unit.Name, StringComparer.Ordinal))}";
}
