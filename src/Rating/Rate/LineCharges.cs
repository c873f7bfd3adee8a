namespace Exchange.Rating;

/// <summary>Prices lines by their SKUs' models and rounds each step of each owner, once.</summary>
/// <param name="tooMuch">Told of each line that comes to more than a charge may, which has none then.</param>
internal sealed class LineCharges(
    CompositeUsage behind, PriceBooks books, RateRequest request, Action<Line> tooMuch)
{
    private static readonly Unit Once = new("month");
    private readonly HashSet<Line> _beyond = new(ReferenceEqualityComparer.Instance);

    /// <summary>What one owner has of a line; the whole of it when its project stays in one hand.</summary>
    private readonly record struct Owned(Line Line, OwnershipPeriod? Hand, Exact Quantity);

    public IEnumerable<Charge> Of(IReadOnlyCollection<Line> lines)
    {
        var charges = new List<(Line Line, Charge Charge, Exact Quantity)>();
        foreach (var line in lines.Where(line => line.Sku.Scope == Scope.Project))
        {
            foreach (var span in line.Spans)
            {
                charges.AddRange(ByOwner([.. Owners(span)]).Select(of => (line, of.Charge, of.Quantity)));
            }

            if (line.IsBilled)
            {
                charges.AddRange(FederatedBill.Charges(line, request, Leave)
                    .Select(charge => (line, charge, Exact.Zero)));
            }
        }

        foreach (var together in lines.Where(line => line.Sku.Scope != Scope.Project).SelectMany(Owners)
            .GroupBy(owned => (
                owned.Line.Sheet.Published.Id, owned.Line.Sku.Id, owned.Line.Lessor, owned.Line.Agreement,
                Customer(owned))))
        {
            Owned[] owners = [.. together];
            charges.AddRange(ByOwner(owners).Select(of => (owners[of.Of].Line, of.Charge, of.Quantity)));
        }

        // A part of a line would be billed as if it were all of it.
        charges.RemoveAll(one => _beyond.Contains(one.Line));
        return WholesaleTiers.Share(charges).Concat(Minimums(charges));
    }

    private void Leave(Line line)
    {
        if (_beyond.Add(line))
        {
            tooMuch(line);
        }
    }

    /// <summary>A minimum is met once a month, by the lines of all sheets under which the SKU was used in it.</summary>
    private IEnumerable<Charge> Minimums(List<(Line Line, Charge Charge, Exact Quantity)> charges)
    {
        var least = charges.Select(one => one.Line).GroupBy(line => line.OfMonth)
            .Select(of => (of.Key, Least: of.Min(line => line.Sku.MinimumCharge)))
            .Where(of => of.Least > Money.Zero).ToDictionary(of => of.Key, of => of.Least);
        return least.Count == 0
            ? []
            : charges.Where(one => least.ContainsKey(one.Line.OfMonth))
                .GroupBy(one => one.Line.OfMonth, one => (one.Line, one.Charge.Amount))
                .SelectMany(of => Minimum(least[of.Key], [.. of]));
    }

    private IEnumerable<(int Of, Exact Quantity, Charge Charge)> ByOwner(Owned[] owners)
    {
        var first = owners[0].Line;
        return
            from priced in Scale.Price(first.Sku.Model, first.Rate, [.. owners.Select(About)])
            let owned = owners[priced.Of]
            where !owned.Line.IsForScaleOnly
            from step in behind.Shares(
                owned.Line, priced.Step with { Name = owned.Line.Hours?.Name ?? priced.Step.Name })
            let charge = Of(owned.Line, owned.Hand, step)
            where charge is not null
            select (priced.Of, step.Quantity, charge);
    }

    /// <summary>The quantity of a line is made whole once; its owners have their shares of it.</summary>
    private static IEnumerable<Owned> Owners(Line line)
    {
        var quantity = line.Quantity();
        return line.Hands.IsEmpty ? [new(line, null, quantity)]
            : line.Profile is not null ? ByMoment(line, quantity)
                    : line.Hands.Zip(
                        OwnershipPeriod.Shares(line.Hands), (hand, share) => new Owned(line, hand, quantity * share));
    }

    /// <summary>Above a reservation each owner has what was used above it in their own time.</summary>
    private static IEnumerable<Owned> ByMoment(Line line, Exact quantity)
    {
        Int128[] above = [.. line.Hands.Select(hand => line.Above(hand.Period))];
        var sum = above.Aggregate(Int128.Zero, (total, one) => total + one);
        return line.Hands.Zip(above, (hand, one) => new Owned(
            line, hand, sum == 0 ? Exact.Zero : quantity * Exact.Of(one, sum)));
    }

    /// <summary>Whose usage is on one scale; what was agreed with somebody depends on nobody else.</summary>
    private string Customer(Owned owned) => owned.Line.Agreement is not null
        ? $"{owned.Line.Cluster}/{owned.Line.Project}"
        : owned.Line.Sku.Scope switch
        {
            Scope.Landlord => "",
            Scope.Pi when request.PiOf?.Invoke(
                owned.Line.Cluster, owned.Line.Project,
                (owned.Hand?.Period ?? owned.Line.Sheet.Period).Start) is { } pi => $"{pi}",
            Scope.Pi or Scope.Project => $"{owned.Line.Cluster}/{owned.Line.Project}",
        };

    private OnScale About(Owned owned) => new(owned.Quantity, new(
        owned.Line.Cluster, owned.Line.Project, owned.Hand?.Period ?? owned.Line.Sheet.Period, request.Month.Period,
        owned.Line.Sku.Microseconds)
    {
        OutOfService = owned.Line.Profile is { } profile ? profile.OutOfService : null,
    });

    /// <summary>What is missing to the least of a month: on each line as it was charged, by its owners.</summary>
    private IEnumerable<Charge> Minimum(Money least, IReadOnlyList<(Line Line, Money Amount)> charged)
    {
        var missing = least - Money.Sum(charged.Select(one => one.Amount));
        if (missing <= Money.Zero)
        {
            return [];
        }

        var lines = charged.GroupBy(one => one.Line, one => one.Amount)
            .Select(of => (Line: of.Key, Money.Sum(of).Cents))
            .OrderBy(of => of.Line.Sheet.Period.Start).ToList();
        var isFree = lines.All(of => of.Cents <= 0);
        var shares = missing.Share([.. lines.Select(of =>
            isFree ? of.Line.Sheet.Period.Length.BclCompatibleTicks : long.Max(of.Cents, 0))]);
        return lines.Zip(shares).SelectMany(of => OfMinimum(of.First.Line, of.Second));
    }

    private IEnumerable<Charge> OfMinimum(Line line, Money missing) => missing.IsZero
        ? []
        : OwnershipPeriod.Split(missing, line.Hands).Select((amount, n) => Of(
            line, line.Hands.IsEmpty ? null : line.Hands[n],
            new("up to the minimum", Exact.Of(amount.IsZero ? 0 : 1), amount.Amount, Once))).OfType<Charge>();

    /// <summary>A step rounded, once; null when there is nothing of it.</summary>
    private Charge? Of(Line line, OwnershipPeriod? hand, Step step)
    {
        if (step.Quantity.IsZero)
        {
            return null;
        }

        var (sheet, sku) = (line.Sheet, line.Sku);
        var price = step.Quantity * Exact.Of(step.Rate);
        if (LargestCharge.IsExceededBy(line, step, price))
        {
            Leave(line);
            return null;
        }

        var amount = Money.Round(price.ToDecimal());
        if (line.IsEgress && !amount.IsZero)
        {
            throw new InvalidOperationException(
                $"{sheet.Published.Id} charges egress as '{sku.Id}', which no sheet may.");
        }

        var unit = step.Unit ?? sku.Unit;
        return new()
        {
            Month = request.Month,
            Period = hand?.Period ?? sheet.Period,
            Since = hand?.Since ?? "",
            Landlord = sheet.Sheet.Landlord,
            Service = sheet.Sheet.Service,
            Cluster = line.Cluster,
            Project = line.Project,
            Sku = sku.Id,
            Step = NameOf(line, step),
            Lessor = line.Lessor,
            Agreement = step.Agreement ?? line.Agreement,
            Quantity = new(step.Quantity.ToQuantity(step.Rate, amount), unit),
            Rate = new(step.Rate, unit, sheet.Sheet.Currency),
            Amount = amount,
            Sheet = sheet.Published.Id,
            Policies = line.Policies.Name,
            Avoided = line.IsEgress ? Avoided(line, hand) : null,
            Bought = BoughtOf(line, step, amount, unit),
        };
    }

    private static string? NameOf(Line line, Step step) => line switch
    {
        { Lessor: { } lessor } => Named(step, $"sublet by {lessor}{PriceOf(line.Agreement)}"),
        { Agreement: { } agreement } => Named(
            step, $"agreed in {agreement.Split(Charge.NextPrice)[0]}{PriceOf(agreement)}"),
        _ => step.Name,
    };

    /// <summary>Which of the prices that a lease had one after the other; nothing where it is the first.</summary>
    private static string PriceOf(string? agreement) =>
        agreement?.Split(Charge.NextPrice) is [_, var number] ? $", price {number}" : "";

    private static string Named(Step step, string how) => step.Name is null ? how : $"{step.Name}, {how}";

    /// <summary>Who sublets gets all of it; who sells at wholesale the wholesale price of the same quantity.</summary>
    private static WholesaleCost? BoughtOf(Line line, Step step, Money amount, Unit unit)
    {
        var currency = line.Sheet.Sheet.Currency;
        if (line.Lessor is { } lessor)
        {
            return new(lessor.Value, new(step.Rate, unit, currency), amount) { Kind = PayeeKind.Project };
        }

        return step.Unit is null && line.Sku.Wholesale is { } wholesale &&
            (step.Payee ?? wholesale.Payee) is { Length: > 0 } payee
            ? new(payee, new(wholesale.RateOf(payee), line.Sku.Unit, currency),
                Money.Round((step.Quantity * Exact.Of(wholesale.RateOf(payee))).ToDecimal()))
            : null;
    }

    private Money? Avoided(Line line, OwnershipPeriod? hand)
    {
        var day = line.Sheet.Period.Start.InUtc().Date;
        if (PublicPrices.For(books.Public, day) is not { } list)
        {
            return null;
        }

        var avoided = Money.Round(list.Egress(line.EgressGib));
        return hand is null ? avoided : OwnershipPeriod.Split(avoided, line.Hands)[line.Hands.IndexOf(hand)];
    }
}
