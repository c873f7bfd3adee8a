using System.Globalization;
using Exchange.Invoicing.Charging;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.Names;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Savings;

/// <summary>
/// Finds what a PI could save: GPUs that do little, resources that cost while they are stopped, and machines that
/// another provider has for less. Each is what the resources that are still there would cost in a whole month, at what
/// they cost an hour now, before funds.
/// </summary>
internal sealed class FindSavings(Composition exchange, View view, Instant now)
{
    private const int MaxCharges = 2_000;
    private const decimal MiBOfAGiB = 1_024;

    /// <summary>Less than so much a month is not worth anybody's time.</summary>
    private static readonly Money Least = new(100);

    /// <summary>The most first; what was dismissed stands among them, marked.</summary>
    public async Task<IReadOnlyList<Saving>> Run(PiId pi, CancellationToken ct)
    {
        var month = BillingMonth.Of(now);
        var charges = (await Charges.Find(view, new(month, Pi: pi, Limit: MaxCharges), ct))
            .Where(charge => charge.Pi is not null).ToList();
        var rating = await RatingNow.Read(exchange.Sources, ct);
        var held = new List<HeldResource>();
        foreach (var project in charges.GroupBy(charge => (charge.Landlord, charge.Cluster, charge.Project)))
        {
            held.AddRange(await HeldResource.Of(rating, month, [.. project], now, ct));
        }

        var hours = (decimal)month.Period.Length.TotalHours;
        var answers = await exchange.Journal.State(SavingAnswers.Fold, pi, ct);
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        return
        [
            .. (await Idle(month, held, hours, ct)).Concat(Stopped(held, hours))
                .Concat(Cheaper(books, held, hours, await Offered(books, held, ct)))
                .Where(one => one.AMonth >= Least)
                .Select(one => one with { Dismissed = answers.Dismissed.GetValueOrDefault(one.Id) })
                .OrderByDescending(one => one.AMonth.Cents).ThenBy(one => one.Id, StringComparer.Ordinal),
        ];
    }

    private async Task<Dictionary<ProjectId, Func<Charge, bool>>> Offered(
        PriceBooks books, IEnumerable<HeldResource> held, CancellationToken ct)
    {
        var offered = new Dictionary<ProjectId, Func<Charge, bool>>();
        foreach (var project in held.Select(one => one.Charge.Project).Distinct())
        {
            offered[project] = await OffersFor.Sees(
                exchange, books, await CatalogFor.Project(exchange, books, project, now, ct), ct);
        }

        return offered;
    }

    /// <summary>What GPUs cost in the part of the time in which they do nothing, where that is measured.</summary>
    private async Task<IEnumerable<Saving>> Idle(
        BillingMonth month, IReadOnlyList<HeldResource> held, decimal hours, CancellationToken ct)
    {
        var gpus = held.Where(one => one.GpuHours > 0).ToList();
        var measured = await GpuSpend.Measured(exchange.Meter, month, gpus.Select(one => new GpuSpend(
            one.Charge.Pi!.Value, one.Charge.Landlord, one.Charge.Cluster, one.Charge.Project, one.Charge.ProjectName,
            one.GpuHours, null, AMonth(one.Cost, one.Hours, hours))), ct);
        return
            from project in measured
            where project.Share < GpuSpend.Little
            let names = string.Join(", ", gpus.Where(one => IsOf(one, project)).Select(one => one.Resource.Subject)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            select new Saving(
                $"{Saving.IdleGpu}:{project.Landlord}/{project.Cluster}/{project.Project}", Saving.IdleGpu,
                project.Landlord, project.Cluster, project.Project, names,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"busy {project.Busy} of {project.Held} GPU hours this month, {project.Share} %"),
                "Delete it between runs, or have several people share it.",
                Money.Round(project.Amount.Amount * (100 - project.Share!.Value) / 100));
    }

    private static bool IsOf(HeldResource one, GpuSpend project) =>
        (one.Charge.Landlord, one.Charge.Cluster, one.Charge.Project) ==
        (project.Landlord, project.Cluster, project.Project);

    /// <summary>What costs, though it is stopped and stays so.</summary>
    private static IEnumerable<Saving> Stopped(IEnumerable<HeldResource> held, decimal hours) =>
        from one in held
        where one.IsStopped && one.StoppedHours > 0 && one.StoppedCost > Money.Zero
        group one by one.Resource into resource
        let of = resource.First()
        select new Saving(
            $"{Saving.Stopped}:{of.Resource}", Saving.Stopped, of.Charge.Landlord, of.Charge.Cluster, of.Charge.Project,
            of.Resource.Subject,
            $"stopped, and it cost {Money.Sum(resource.Select(part => part.StoppedCost))} in " +
                $"{Whole(of.StoppedHours)} hours",
            "Shelve or delete it: a shelved server is not billed where a stopped one is.",
            Money.Sum(resource.Select(part => AMonth(part.StoppedCost, part.StoppedHours, hours))));

    /// <summary>Machines alike that run at one place, priced at every other by the sheets of now.</summary>
    /// <param name="isOffered">What is offered to a project: nobody is sent where they may not go.</param>
    private IEnumerable<Saving> Cheaper(
        PriceBooks books, IEnumerable<HeldResource> held, decimal hours,
        Dictionary<ProjectId, Func<Charge, bool>> isOffered)
    {
        foreach (var alike in held.Where(one => !one.IsStopped && one.Resource.Kind is "vm" or "pod")
            .GroupBy(one => (
                one.Charge.Landlord, one.Charge.Cluster, one.Charge.Project, one.Resource.Kind, one.Shape)))
        {
            var (landlord, cluster, project, kind, shape) = alike.Key;
            var names = alike.Select(one => one.Resource.Subject).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal).ToList();
            var offers = Quote.Of(
                books, [new QuotedUsage(kind, shape, Duration.FromHours((double)hours), names.Count)
                {
                    Or = [.. Workload.Forms[0].Kinds.Where(other => other != kind)],
                }], now);
            var best = offers.FirstOrDefault(one => one.ServesAll && one.Charges.All(isOffered[project]));
            var mine = offers.FirstOrDefault(one =>
                one.Landlord == landlord && one.Cluster == cluster && one.ServesAll);
            if (mine is not null && best is not null && best.Total < mine.Total)
            {
                yield return new(
                    $"{Saving.Elsewhere}:{landlord}/{cluster}/{project}/{kind}:{shape}", Saving.Elsewhere, landlord,
                    cluster, project, string.Join(", ", names),
                    $"{best.Landlord} has {(names.Count == 1 ? "it" : $"all {names.Count}")} on {best.Cluster} for " +
                    $"{best.Total} a month; here that is {mine.Total}",
                    $"Move to {best.Landlord}, {best.Cluster}.", mine.Total - best.Total)
                {
                    Quote = Address(names.Count, shape, hours),
                };
            }
        }
    }

    /// <summary>The same plan on the page of quotes.</summary>
    private static string? Address(int machines, Shape shape, decimal hours) => string.Create(
        CultureInfo.InvariantCulture,
        $"/quotes?machines={machines}&form=any&vcpu={shape.VCpu}&ram={shape.RamMib / MiBOfAGiB}&gpus={shape.Gpu}") +
        $"&gpu={Uri.EscapeDataString(shape.GpuModel ?? "")}&hours={Whole(hours)}";

    private static Money AMonth(Money cost, decimal inHours, decimal hours) =>
        inHours <= 0 ? Money.Zero : Money.Round(cost.Amount / inHours * hours);

    private static string Whole(decimal hours) =>
        decimal.Round(hours, 0, MidpointRounding.ToEven).ToString(CultureInfo.InvariantCulture);
}
