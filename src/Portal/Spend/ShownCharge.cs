using System.Text.Json.Serialization;
using Exchange.Invoicing;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Spend;

/// <summary>A charge as pages and the API show it: with who answers for its project.</summary>
internal sealed record ShownCharge
{
    public required BillingMonth Month { get; init; }
    public required string Id { get; init; }

    /// <summary>Tells it from what another account has of the same charge.</summary>
    [JsonIgnore]
    public string Key => $"{Id}\n{Pi}";
    public required LandlordId Landlord { get; init; }
    public required string Service { get; init; }
    public required ClusterId Cluster { get; init; }
    public required ProjectId Project { get; init; }
    public required string ProjectName { get; init; }

    /// <summary>Null while nobody answers for the project.</summary>
    public PiId? Pi { get; init; }
    public string? Institution { get; init; }

    /// <summary>Whose charge it is, by the one name under which a landlord that may not know it has it.</summary>
    public string? Customer { get; init; }
    public required SkuId Sku { get; init; }
    public required Quantity Quantity { get; init; }
    public required Rate Rate { get; init; }
    public required Money Amount { get; init; }
    public Money? Avoided { get; init; }
    public required string Sheet { get; init; }
    public required Period Period { get; init; }

    public static ShownCharge Of(Charge charge, string projectName, PiId? pi, string? institution) => new()
    {
        Month = charge.Month,
        Id = charge.Id,
        Landlord = charge.Landlord,
        Service = charge.Service,
        Cluster = charge.Cluster,
        Project = charge.Project,
        ProjectName = projectName,
        Pi = pi,
        Institution = institution,
        Sku = charge.Sku,
        Quantity = charge.Quantity,
        Rate = charge.Rate,
        Amount = charge.Amount,
        Avoided = charge.Avoided,
        Sheet = charge.Sheet,
        Period = charge.Period,
    };

    /// <summary>The lines of an invoice as charges; lines about the same charge are one.</summary>
    /// <param name="institutionOf">For whom a PI worked when what a line billed was used.</param>
    public static IEnumerable<ShownCharge> Billed(
        BillingMonth month, Account account, IEnumerable<InvoiceLine> lines,
        Func<PiId, InvoiceLine, string?> institutionOf) =>
        lines.GroupBy(line => line.ChargeId).Select(same =>
        {
            var line = same.Last();
            return new ShownCharge
            {
                Month = month,
                Id = line.ChargeId,
                Landlord = line.Landlord,
                Service = line.Service,
                Cluster = line.Cluster,
                Project = line.Project,
                ProjectName = line.ProjectName,
                Pi = account.Pi,
                Institution = account.Pi is { } pi ? institutionOf(pi, line) : null,
                Sku = line.Sku,
                Quantity = new(same.Sum(l => l.Quantity.Amount), line.Quantity.Unit),
                Rate = line.Rate,
                Amount = Money.Sum(same.Select(l => l.Amount)),
                Avoided = line.Avoided,
                Sheet = line.Sheet,
                Period = line.ServicePeriod,
            };
        });
}

/// <summary>What was spent with a service of a landlord by a PI's projects on one day in UTC.</summary>
internal sealed record DaySpend(LocalDate Day, LandlordId Landlord, string Service, PiId? Pi, Money Amount);
