namespace Exchange.Market;

/// <summary>What the commands of this module need; the roles that hold them are the portal's.</summary>
public static class MarketPermissions
{
    public const string KeepQuotes = "keep quotes";
    public const string PlaceOrders = "place orders";
    public const string DecideOrders = "decide on orders";
    public const string KeepLeases = "answer leases";
    public const string KeepAgreements = "keep agreements";
    public const string KeepLevels = "publish service levels";
    public const string KeepMandates = "mandate intermediaries";
    public const string KeepOffers = "keep offers";
    public const string KeepPeers = "keep peers";

    public const string BidInAuctions = "bid in auctions";
    public const string KeepAuctions = "run auctions";

    /// <summary>No role has it: the signature of another exchange gives it.</summary>
    public const string ReceiveStatements = "receive statements";
}
