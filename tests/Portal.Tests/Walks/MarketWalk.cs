namespace Exchange.Portal.Tests.Walks;

/// <summary>A use case of the market, walked on pages in the order in which a month goes.</summary>
internal abstract class MarketWalk(MarketTown town)
{
    protected MarketTown Town { get; } = town;

    /// <summary>In October: what is offered, and on what terms.</summary>
    public virtual Task Offer() => Task.CompletedTask;

    /// <summary>As November begins: quotes, orders, leases and who approves them.</summary>
    public virtual Task Agree() => Task.CompletedTask;

    /// <summary>On November 12, noon.</summary>
    public virtual Task Announce() => Task.CompletedTask;

    /// <summary>On November 14, noon.</summary>
    public virtual Task Meanwhile() => Task.CompletedTask;

    /// <summary>In December, before finance closes: what meters saw.</summary>
    public virtual Task Use() => Task.CompletedTask;

    /// <summary>What customers are billed, and what became of statements and payouts.</summary>
    public abstract Task Settle();
}
