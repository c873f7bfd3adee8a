using System.Globalization;

namespace Exchange.Simulation.Tests;

/// <summary>
/// What happens to an exchange between two closes, drawn from a seed: each act as somebody would type it, on whatever
/// there is. Few things are acted on, so that acts meet: two corrections of one thing, a correction of a correction, a
/// merge after a void, a payment after a write-off.
/// </summary>
internal sealed class DrawnActs(Random drawn, TypedExchange exchange, IReadOnlyList<BillingMonth> months)
{
    private static readonly string[] People =
        ["ann@bu.edu", "bob@bu.edu", "hal@harvard.edu", "hue@harvard.edu", "mia@mit.edu", "out@elsewhere.edu",
            "gus@elsewhere.edu"];

    private static readonly string[] Acts =
    [
        "late usage", "take back", "put right", "owner", "code", "merge", "price", "outage", "no outage", "terms", "cap",
        "suspend", "affiliate", "free", "prepaid", "cover", "pay account", "pay", "refund", "credit", "write off",
        "void", "reissue", "apply", "refund credit", "keep credit", "payout", "bank", "late accept", "late decline",
    ];

    private int _made;

    /// <summary>Each act that was done or refused, with how often.</summary>
    public SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>What was typed, for whoever looks into a failure.</summary>
    public List<string> Typed { get; } = [];

    /// <summary>One act, in a world whose last closed month is this.</summary>
    public async Task One(BillingMonth closed)
    {
        var act = Acts[drawn.Next(Acts.Length)];
        var refused = act switch
        {
            "late usage" => await Type("ingest -", Neighbors.Drawn(
                drawn, Project(), $"{Month(closed)}", $"late{++_made}")),
            "take back" => await Type(Correction(closed)),
            "put right" => await PutRight(closed),
            "owner" or "code" => await Tell(closed, act == "code"),
            "merge" => await Type($"projects merge {Person()} {Person()}"),
            "price" => await Reprice(),
            "outage" => await Outage(closed),
            "no outage" => await Type($"outages withdraw --landlord bolt --name o{drawn.Next(1, 3)} --because test"),
            "terms" => await Terms(closed),
            "cap" => await Type($"programs cap nerc-bu-subsidy --pi {Bu()} --amount \"{drawn.Next(0, 60)}.00 USD\" " +
                $"--from {Month(closed.Next)} --accept-correction"),
            "suspend" => await Type($"programs {(drawn.Next(2) == 0 ? "suspend" : "resume")} nerc-bu-subsidy " +
                $"--pi {Bu()} --from {Month(closed.Next)} --accept-correction"),
            "affiliate" => await Type($"directory affiliate {Person()} --institution \"{Institution()}\" " +
                $"--from {Month(closed.Next)}-01 --accept-correction"),
            "free" => await Type($"programs enrol nerc-bu-subsidy --pi {Person()} --from {Month(closed.Next)} " +
                "--accept-correction"),
            "prepaid" => await Type($"prepaid pay G --amount \"{drawn.Next(1, 90)}.00 USD\" --reference w{++_made} " +
                $"--from {closed.Next}"),
            "cover" => await Type($"prepaid cover G --project {Project()} --from {closed.Next}"),
            "pay account" => await Type($"payments record {Person()} --reference r{++_made} " +
                $"--amount \"{Money()}\""),
            "bank" => await Bank(),
            "apply" => await Type($"accounts apply {Person()}"),
            "refund credit" => await Type($"accounts refund {Person()} --reference b{++_made} --amount \"{Money()}\""),
            "keep credit" => await Type($"accounts keep-credit {Person()}{(drawn.Next(2) == 0 ? "" : " --off")}"),
            "payout" => await Payout(closed),
            "late accept" => await Late("accept", ""),
            "late decline" => await Late("decline", " --because test"),
            _ => await OnInvoice(act),
        };
        var name = refused is null ? act : $"{act}: {refused}";
        Done[name] = Done.GetValueOrDefault(name) + 1;
    }

    private async Task<string?> OnInvoice(string act)
    {
        var all = await exchange.Rows(
            "select number, '' from invoicing.invoice where number is not null union all " +
            "select number, '' from invoicing.party_invoice order by 1");
        if (all.Count == 0)
        {
            return "nothing is issued";
        }

        var number = all[^Math.Min(all.Count, drawn.Next(1, 9))].Of;
        return await Type(act switch
        {
            "pay" => $"invoices pay {number} --reference p{++_made} --amount \"{Money()}\"",
            "refund" => $"invoices refund {number} --reference f{++_made} --amount \"{Money()}\"",
            "credit" => $"invoices credit {number} --amount \"{Money()}\" --because test",
            "write off" => $"invoices write-off {number} --because test",
            "void" => $"invoices void {number} --because test",
            _ => $"invoices void {number} --reissue --because test",
        });
    }

    private string Correction(BillingMonth closed)
    {
        var project = Project();
        return $"correct {project}-{Month(closed)}-{drawn.Next(3)} --landlord {LandlordOf(project)} " +
            "--source urn:meter --reason test";
    }

    private async Task<string?> PutRight(BillingMonth closed)
    {
        var (project, month, n) = (Project(), Month(closed), drawn.Next(3));
        var right = await exchange.File(Neighbors.Drawn(drawn, project, $"{month}", $"{n}"), "json");
        return await Type($"correct {project}-{month}-{n} --landlord {LandlordOf(project)} --source urn:meter " +
            $"--reason test --with {right}");
    }

    private async Task<string?> Tell(BillingMonth closed, bool isCode)
    {
        var project = Project();
        await Neighbors.Tell(exchange, $"{Month(closed.Next)}", [
            (project, isCode ? Neighbors.Pi(project) : Person(), isCode ? $"{drawn.Next(100, 104)}" : "")]);
        return null;
    }

    private async Task<string?> Reprice()
    {
        var rate = (0.0031m - (0.0001m * ++_made % 20)).ToString("0.0000", CultureInfo.InvariantCulture);
        var sheet = await exchange.File(
            Neighbors.Sheet("bolt", "b1", "volumes", "volume", "storage_gib", rate), "yaml");
        if (await Type($"prices correct {sheet} --because test") is { } refused)
        {
            return refused;
        }

        var all = System.Text.Json.JsonDocument.Parse(await exchange.Type("prices corrections --json")).RootElement
            .EnumerateArray().First().GetProperty("id").GetString();
        return await Type(drawn.Next(4) == 0 ? $"prices decline {all} --because test" : $"prices accept {all}");
    }

    private Task<string?> Outage(BillingMonth closed)
    {
        var (month, day) = (Month(closed), drawn.Next(1, 20));
        return Type($"outages add --landlord bolt --name o{drawn.Next(1, 3)} --cluster b1 " +
            $"--from {month}-{day:00}T00:00:00Z --until {month}-{day + drawn.Next(1, 8):00}T06:30:00Z --because test " +
            "--correction");
    }

    private async Task<string?> Terms(BillingMonth closed)
    {
        var file = await exchange.File($$"""
            landlords:
              - name: bolt
                title: Bolt
                terms:
                  - {from: 2026-01, platform_share: "0.0{{drawn.Next(1, 9)}}"}
            """, "yaml");
        return await Type($"landlords publish {file} --from {Month(closed.Next)} --accept-correction");
    }

    private async Task<string?> Late(string decision, string because)
    {
        using var list = System.Text.Json.JsonDocument.Parse(await exchange.Type("adjustments list --json"));
        var waiting = list.RootElement.EnumerateArray().Select(one => (
            Month: one.GetProperty("month").GetString(), Seen: one.GetProperty("seen").GetString())).ToList();
        if (waiting.Count == 0)
        {
            return "nothing came to a month that is closed for good";
        }

        var (month, seen) = waiting[drawn.Next(waiting.Count)];
        return await Type($"adjustments {decision} {month} --seen {seen}{because}");
    }

    private async Task<string?> Payout(BillingMonth closed)
    {
        var (landlord, month) = (drawn.Next(2) == 0 ? "acme" : "bolt", Month(closed));
        return await Type($"payouts accept {landlord} --month {month}")
            ?? await Type($"payouts record {landlord} --reference o{++_made} --amount \"{Money()}\" --month {month}");
    }

    /// <summary>A bank's list with a payment that is named, one twice, and one that only its amount names.</summary>
    private async Task<string?> Bank()
    {
        var open = await exchange.Rows("select number, (owed / 100.0)::numeric(20,2)::text from invoicing.invoice " +
            "where status = 'issued' and owed > 0 order by number desc limit 3");
        if (open.Count == 0)
        {
            return "nothing is open";
        }

        var day = exchange.Time.InUtc().Date;
        var rows = open.Select((one, n) =>
            $"{day:uuuu-MM-dd},{one.Row},bank{++_made},{(n == 1 ? "" : one.Of)}\n").ToList();
        var file = await exchange.File($"date,amount,reference,text\n{string.Concat(rows)}{rows[0]}", "csv");
        return await Type($"payments import {file} --commit");
    }

    private async Task<string?> Type(string line, string? input = null)
    {
        var refused = await exchange.Try(line, input);
        Typed.Add($"{Text.Of(exchange.Time)} {line}{(refused is null ? "" : $" -> {refused}")}");
        return refused;
    }

    /// <summary>A month up to this one; mostly one of the last two.</summary>
    private BillingMonth Month(BillingMonth last)
    {
        var known = months.Where(month => month <= last).ToList();
        return known[^Math.Min(known.Count, drawn.Next(3) > 0 ? drawn.Next(1, 3) : drawn.Next(1, known.Count + 1))];
    }

    private string Person() => People[drawn.Next(People.Length)];
    private string Bu() => People[drawn.Next(2)];
    private string Money() => string.Create(CultureInfo.InvariantCulture, $"{drawn.Next(1, 5_000) / 100m:0.00} USD");
    private string Project() => Neighbors.Projects[drawn.Next(Neighbors.Projects.Count)].Project;

    private string Institution() =>
        ((string[])["Boston University", "Harvard University", "none", "Massachusetts Institute of Technology"])
        [drawn.Next(4)];

    private static string LandlordOf(string project) =>
        project.StartsWith("vol-", StringComparison.Ordinal) ? "bolt" : "acme";
}
