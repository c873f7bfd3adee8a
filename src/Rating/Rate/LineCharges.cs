namespace Exchange.Rating;

/// <summary>Prices lines by their SKUs' models and rounds each step, once.</summary>
internal static class LineCharges
{
    private static readonly Unit Once = new("month");

    public static IEnumerable<Charge> Of(IReadOnlyCollection<Line> lines, CompositeUsage behind, PriceBooks books,
        RateRequest request)
    {
        var alone = lines.Where(line => line.Sku.Scope == Scope.Project)
            .SelectMany(line => OfProject(line, behind, books, request));
        var together = lines.Where(line => line.Sku.Scope != Scope.Project)
            .GroupBy(line => (line.Sheet.Published.Id, line.Sku.Id, Customer(line, request)))
            .SelectMany(group => OfMany([.. group], behind, books, request));
        return alone.Concat(together);
    }

    private static string Customer(Line line, RateRequest request) => line.Sku.Scope switch
    {
        Scope.Landlord => "",
        Scope.Pi when request.PiOf?.Invoke(line.Cluster, line.Project) is { } pi => $"{pi}",
        Scope.Pi or Scope.Project => $"{line.Cluster}/{line.Project}",
    };

    private static List<Charge> OfProject(
        Line line, CompositeUsage behind, PriceBooks books, RateRequest request)
    {
        List<Charge> charges = [.. line.Spans.SelectMany(span =>
            span.Sku.Model.Price(span.Quantity(), span.Rate, About(span, request))
                .SelectMany(step => behind.Shares(span, step with { Name = span.Hours?.Name ?? step.Name }))
                .Select(step => Of(span, step, books, request)))
            .OfType<Charge>(), .. FederatedBill.Charges(line, request)];
        AddMinimum(line, charges, books, request);
        return charges;
    }

    /// <summary>Steps are looked up for the sum of all lines; each line has its share of each step.</summary>
    private static IEnumerable<Charge> OfMany(
        List<Line> lines, CompositeUsage behind, PriceBooks books, RateRequest request)
    {
        var total = Exact.Sum(lines.Select(line => line.Quantity()));
        if (total.IsZero)
        {
            yield break;
        }

        List<Step> steps = [.. lines[0].Sku.Model.Price(total, lines[0].Rate, About(lines[0], request))];
        foreach (var line in lines)
        {
            var share = line.Quantity() / total;
            List<Charge> charges = [.. steps
                .SelectMany(step => behind.Shares(line, step with { Quantity = step.Quantity * share }))
                .Select(step => Of(line, step, books, request))
                .OfType<Charge>()];
            AddMinimum(line, charges, books, request);
            foreach (var charge in charges)
            {
                yield return charge;
            }
        }
    }

    private static PricedLine About(Line line, RateRequest request) => new(
        line.Cluster, line.Project, line.Sheet.Period, request.Month.Period, line.Sku.Microseconds);

    private static void AddMinimum(Line line, List<Charge> charges, PriceBooks books, RateRequest request)
    {
        var missing = Money.Round(line.Sku.MinimumCharge) - Money.Sum(charges.Select(charge => charge.Amount));
        if (charges.Count > 0 && line.Sku.MinimumCharge > 0 && missing > Money.Zero)
        {
            charges.Add(Of(line, new("up to the minimum", Exact.Of(1), missing.Amount, Once), books, request)!);
        }
    }

    /// <summary>A step rounded, once; null when there is nothing of it.</summary>
    private static Charge? Of(Line line, Step step, PriceBooks books, RateRequest request)
    {
        if (step.Quantity.IsZero)
        {
            return null;
        }

        var (sheet, sku) = (line.Sheet, line.Sku);
        var amount = Money.Round((step.Quantity * Exact.Of(step.Rate)).ToDecimal());
        if (line.IsEgress && !amount.IsZero)
        {
            throw new InvalidOperationException(
                $"{sheet.Published.Id} charges egress as '{sku.Id}', which no sheet may.");
        }

        var unit = step.Unit ?? sku.Unit;
        return new()
        {
            Month = request.Month,
            Period = sheet.Period,
            Landlord = sheet.Sheet.Landlord,
            Service = sheet.Sheet.Service,
            Cluster = line.Cluster,
            Project = line.Project,
            Sku = sku.Id,
            Step = step.Name,
            Quantity = new(step.Quantity.ToQuantity(step.Rate, amount), unit),
            Rate = new(step.Rate, unit, sheet.Sheet.Currency),
            Amount = amount,
            Sheet = sheet.Published.Id,
            Policies = line.Policies.Name,
            Avoided = line.IsEgress ? Avoided(line, books) : null,
            Bought = step.Unit is null && sku.Wholesale is { } wholesale &&
                (step.Payee ?? wholesale.Payee) is { Length: > 0 } payee ? Bought(wholesale, payee, step, line) : null,
        };
    }

    private static Bought Bought(Wholesale wholesale, string payee, Step step, Line line)
    {
        var amount = Money.Round((step.Quantity * Exact.Of(wholesale.Rate)).ToDecimal());
        return new(payee, new(wholesale.Rate, line.Sku.Unit, line.Sheet.Sheet.Currency), amount);
    }

    private static Money? Avoided(Line line, PriceBooks books)
    {
        var day = line.Sheet.Period.Start.InUtc().Date;
        return PublicPrices.For(books.Public, day) is { } list ? Money.Round(list.Egress(line.EgressGib)) : null;
    }
}
