namespace Exchange.Portal.Tests.Walks;

/// <summary>Bills of AWS and Google Cloud, five percent on top of each, on one invoice beside nothing else.</summary>
internal sealed class BillsOfTwoClouds(MarketTown town) : MarketWalk(town)
{
    private const string Header = "ProviderName,BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart," +
        "BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ChargeDescription,BilledCost\n";

    public override async Task Offer() => await Town.Publish("bridge", """
        landlord: bridge
        service: public-cloud
        clusters: [aws, google-cloud]
        from: 2026-11
        skus:
          - {name: At cost, unit: USD, counts: meter, meter: cost_usd, model: pass-through, markup: "0.05", match: {kind: bill} }
        examples:
          - {name: a bill, usage: [{kind: bill, meter: cost_usd, quantity: "100"}], total: "105.00"}
        """);

    public override async Task Agree()
    {
        using var nina = await Town.As("nina");
        (await nina.Go("/catalogue")).Reads("At cost", "bridge", "pass-through");
    }

    /// <summary>Whoever has the machine takes the bills: files of the clouds, as they came.</summary>
    public override async Task Use()
    {
        foreach (var (provider, service, cost) in ((string, string, string)[])
            [("AWS", "Amazon EC2", "100.00"), ("Google Cloud", "Compute Engine", "40.00")])
        {
            await Typed.Done("ingest - --format focus --landlord bridge", Town.Database, Header +
                $"{provider},acct-{provider[0]},p-nina,USD,2026-11-01T00:00:00Z,2026-12-01T00:00:00Z,Usage," +
                $"2026-11-03T00:00:00Z,2026-11-03T01:00:00Z,{service},servers,{cost}\n", Town.Clock);
        }
    }

    /// <summary>105.00 and 42.00.</summary>
    public override async Task Settle()
    {
        await Town.Billed("nina", "$147.00", "$105.00", "$42.00", "Amazon EC2", "Compute Engine");
        await Town.PaidOut("bridge", "$147.00");
    }
}
