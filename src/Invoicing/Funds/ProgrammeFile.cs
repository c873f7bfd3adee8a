using Exchange.Rating;

namespace Exchange.Invoicing.Funds;

/// <summary>Reads the YAML of 'pricing/programmes/'; everything wrong is refused with file and line.</summary>
public static class ProgrammeFile
{
    /// <summary>Every programme of a directory, in the order in which they apply.</summary>
    public static IReadOnlyList<Programme> ReadAll(string directory)
    {
        List<Programme> all = [];
        foreach (var path in Directory.EnumerateFiles(directory, "*.yaml").Order(StringComparer.Ordinal))
        {
            all.Add(Parse(File.ReadAllText(path), path));
        }

        return all.GroupBy(one => one.Id).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new RefusedException(new(
                "programme/twice", $"Two files define '{twice.Key}'. Give one of them another name.", directory))
            : [.. all.OrderBy(one => one.Order).ThenBy(one => one.Id, StringComparer.Ordinal)];
    }

    /// <exception cref="RefusedException">The text is not a programme.</exception>
    public static Programme Parse(string yaml, string file)
    {
        var map = YamlMap.Read(yaml, file);
        var kind = map.Required("kind") switch
        {
            "promotion" => ProgrammeKind.Promotion,
            "subsidy" => ProgrammeKind.Subsidy,
            "free-sku" => ProgrammeKind.FreeSku,
            "settlement" => ProgrammeKind.Settlement,
            _ => throw map.Bad("kind", "promotion, subsidy, free-sku or settlement"),
        };
        var programme = new Programme(
            map.Required("programme"), kind, map.Word("code"), map.Required("payer"),
            map.Whole("order") ?? throw map.Bad("order", "a whole number"), map.Flag("in_force") ?? true,
            [.. map.Maps("terms").Select(terms => Terms(terms, kind)).OrderBy(terms => terms.From)])
        {
            PayerEmail = map.Address("payer_email"),
        };
        map.NoOthers();
        return Checked(programme, map);
    }

    private static Programme Checked(Programme programme, YamlMap map)
    {
        if (programme.Terms.Count == 0)
        {
            throw map.Bad("terms", "at least one entry");
        }

        for (var i = 1; i < programme.Terms.Count; i++)
        {
            var (before, after) = (programme.Terms[i - 1], programme.Terms[i]);
            if (before.Until is null || before.Until > after.From)
            {
                throw new RefusedException(new(
                    "programme/overlap",
                    $"The terms from {before.From} still hold when those from {after.From} begin. Write " +
                    $"'until: {after.From}' under them: the first month in which they no longer hold.", map.Where));
            }
        }

        return programme;
    }

    private static ProgrammeTerms Terms(YamlMap map, ProgrammeKind kind)
    {
        var from = map.Month("from") ?? throw map.Bad("from", "a month like 2026-10");
        var until = map.Month("until");
        if (until <= from)
        {
            throw map.Bad("until", "a month after 'from'");
        }

        var amount = map.Number("amount");
        if (amount < 0 || (amount is null && kind == ProgrammeKind.Subsidy) || !decimal.IsInteger((amount ?? 0) * 100))
        {
            throw map.Bad("amount", "dollars and whole cents in quotes, like \"100\"");
        }

        var eligible = map.IsList("eligible") ? null : map.Word("eligible");
        var terms = new ProgrammeTerms(
            from, until, amount is { } dollars ? Money.Exactly(dollars) : null, map.Whole("window_months") ?? 1,
            eligible switch
            {
                null or "everyone" => false,
                "partners" => true,
                _ => throw map.Bad("eligible", "everyone, partners, or a list of institutions"),
            },
            eligible is null ? map.Words("eligible") : [], map.Words("excluded_skus"),
            map.Word("share") switch
            {
                null or "in-order" => ProgrammeShare.InOrder,
                "pro-rata" => ProgrammeShare.ProRata,
                _ => throw map.Bad("share", "in-order or pro-rata"),
            },
            [.. map.Maps("rates").Select(Rate)]);
        map.NoOthers();
        return terms;
    }

    private static SettlementRate Rate(YamlMap map)
    {
        var rate = new SettlementRate(
            map.Required("hardware"),
            map.Number("per_hour") ?? throw map.Bad("per_hour", "dollars in quotes, like \"0.8\""),
            map.Words("skus"), map.Whole("node_gpus") ?? 1);
        map.NoOthers();
        return rate;
    }
}
