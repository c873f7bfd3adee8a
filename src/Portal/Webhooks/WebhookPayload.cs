using System.Text.Json;
using Exchange.Invoicing;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Market.Orders;
using Exchange.Metering;
using Exchange.Portal.Awards;
using Exchange.Portal.Budgets;
using Exchange.Rating;

namespace Exchange.Portal.Webhooks;

/// <summary>What a webhook is told of an event of the journal; a landlord hears nothing that is another's.</summary>
internal sealed record WebhookPayload(string Event, string Body)
{
    public const string PricePublished = "price-published";
    public const string PriceWithdrawn = "price-withdrawn";
    public const string MonthClosed = "month-closed";
    public const string InvoiceIssued = "invoice-issued";
    public const string BudgetPassed = "budget-passed";
    public const string AwardPassed = "award-passed";
    public const string OrderPlaced = "order-placed";
    public const string SourceSilent = "source-silent";
    public const string SourceHeard = "source-heard-again";

    /// <summary>What can be heard of: a landlord of its own prices and of closes, the exchange of everything.</summary>
    public static IReadOnlyList<string> Events(LandlordId? landlord) => landlord is null
        ? [PricePublished, PriceWithdrawn, MonthClosed, InvoiceIssued, BudgetPassed, AwardPassed, OrderPlaced,
            SourceSilent, SourceHeard]
        : [PricePublished, PriceWithdrawn, MonthClosed, OrderPlaced, SourceSilent, SourceHeard];

    /// <summary>What one webhook hears of an event; null when it does not concern its owner.</summary>
    public static WebhookPayload? For(Recorded recorded, LandlordId? owner) => recorded.Event.Type switch
    {
        "price-sheet-published/1" when As<PriceBookEvent>(recorded) is PriceBookEvent.Published e &&
            (owner is null || owner == e.Landlord) => Write(recorded, PricePublished, new
            {
                e.Landlord,
                e.Service,
                e.From,
                e.Version,
                e.Sha256,
            }),
        "price-sheet-withdrawn/1" when As<PriceBookEvent>(recorded) is PriceBookEvent.Withdrawn e &&
            BookOf(recorded) is var (landlord, service) && (owner is null || owner.Value.Value == landlord) =>
            Write(recorded, PriceWithdrawn, new { Landlord = landlord, Service = service, e.From, e.Version }),
        "month-closed/1" when As<MonthEvent>(recorded) is MonthEvent.Closed e => owner is null
            ? Write(recorded, MonthClosed, new { e.Month, e.Total, e.Invoices })
            : Write(recorded, MonthClosed, new { e.Month }),
        "invoice-issued/1" when owner is null && As<InvoiceEvent>(recorded) is InvoiceEvent.Issued e =>
            Write(recorded, InvoiceIssued, new { e.Number, e.Total, e.Owed, e.Due }),
        "budget-passed/1" when owner is null && As<BudgetEvent>(recorded) is BudgetEvent.Passed e =>
            OfBudget(recorded, e),
        "award-passed/1" when owner is null && As<AwardEvent>(recorded) is AwardEvent.Passed e =>
            Write(recorded, AwardPassed, new { e.Pi, Award = e.Number, e.Percent, e.Reached, e.Budget, e.IsForecast }),
        "order-placed/1" when As<OrderEvent>(recorded) is OrderEvent.Placed { Terms: var order } &&
            (owner is null || owner == order.Landlord) => OfOrder(recorded, order),
        "source-silent/1" when As<SourceEvent>(recorded) is SourceEvent.Silent e &&
            (owner is null || owner == e.Landlord) => Write(recorded, SourceSilent, new
            {
                e.Landlord,
                e.Reporter,
                e.Source,
                e.HeardAt,
                ExpectedSeconds = e.Seconds,
            }),
        "source-heard-again/1" when As<SourceEvent>(recorded) is SourceEvent.Heard e &&
            (owner is null || owner == e.Landlord) =>
            Write(recorded, SourceHeard, new { e.Landlord, e.Reporter, e.Source, e.HeardAt }),
        _ => null,
    };

    private static WebhookPayload OfOrder(Recorded recorded, OrderTerms order) => Write(recorded, OrderPlaced, new
    {
        order.Id,
        order.Landlord,
        order.Cluster,
        order.Project,
        order.Period,
        order.Total,
    });

    private static WebhookPayload OfBudget(Recorded recorded, BudgetEvent.Passed e)
    {
        var owner = BudgetOwner.Of(recorded.Stream[(Budget.Fold.Category.Length + 1)..]);
        return Write(recorded, BudgetPassed, new
        {
            Pi = owner.Pi.Value,
            Project = owner.Project.Length == 0 ? null : owner.Project,
            e.Month,
            e.Percent,
            e.Spent,
            e.Amount,
            e.IsForecast,
        });
    }

    /// <summary>Whose book of which service a stream is: 'prices-nerc/openstack'.</summary>
    private static (string Landlord, string Service) BookOf(Recorded recorded) =>
        recorded.Stream[(PriceBook.Fold.Category.Length + 1)..].Split('/', 2) is [var landlord, var service]
            ? (landlord, service)
            : throw new InvalidOperationException($"'{recorded.Stream}' names no service of a landlord.");

    private static TEvent As<TEvent>(Recorded recorded) => recorded.Event.As<TEvent>(Upcasts.None);

    private static WebhookPayload Write(Recorded recorded, string name, object data) => new(
        name, JsonSerializer.Serialize(
        new { Event = name, recorded.Position, recorded.At, Data = data }, Text.Json));
}
