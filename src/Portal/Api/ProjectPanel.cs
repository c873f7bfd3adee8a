using Exchange.Portal.Web;

namespace Exchange.Portal.Api;

/// <summary>What a project costs in a month, as a piece of HTML that another portal puts into its own page.</summary>
public sealed partial class ProjectPanel
{
    /// <summary>What the panel shows; funds and what is owed are null for a landlord.</summary>
    public sealed record Cost(
        string Name, BillingMonth Month, bool IsBilled, Money Amount, Money? Funds, Money? Owed, ITable Skus);
}
