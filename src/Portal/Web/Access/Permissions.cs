using Exchange.Invoicing;
using Exchange.Market;
using Exchange.Metering;
using Exchange.Portal.Keys;
using Microsoft.AspNetCore.Authorization;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// What can be done, and who may do it: one policy for each act. A route without one is open to nobody. Whose things
/// an act then reaches is decided again in every query, by the viewer's own landlord, PI or payer.
/// </summary>
internal static class Permissions
{
    public const string SendUsage = "send usage";
    public const string PublishPrices = "publish prices";
    public const string ReadByKey = "read by key";
    public const string ReadOfInstitution = "read of an institution by key";
    public const string BillByKey = "bill by key";
    public const string BeSignedIn = "be signed in";
    public const string SeeSpending = "see spending";
    public const string SeeCosts = "see costs";
    public const string AskForQuotes = "ask for quotes";
    public const string PlaceOrders = MarketPermissions.PlaceOrders;
    public const string DecideOrders = MarketPermissions.DecideOrders;
    public const string KeepLeases = MarketPermissions.KeepLeases;
    public const string KeepAgreements = MarketPermissions.KeepAgreements;
    public const string KeepMandates = MarketPermissions.KeepMandates;
    public const string ActForCustomers = "act for customers";
    public const string OrderByKey = "order by key";
    public const string LeaseByKey = "answer leases by key";
    public const string BidInAuctions = MarketPermissions.BidInAuctions;
    public const string KeepAuctions = MarketPermissions.KeepAuctions;
    public const string BidByKey = "bid by key";
    public const string KeepLevels = MarketPermissions.KeepLevels;
    public const string KeepOffers = MarketPermissions.KeepOffers;
    public const string KeepPeers = MarketPermissions.KeepPeers;
    public const string KeepQuotes = MarketPermissions.KeepQuotes;
    public const string SeeCharge = "see a charge";
    public const string SeeInvoices = "see invoices";
    public const string SeeFinance = "see finance";
    public const string CloseMonths = InvoicingPermissions.CloseMonths;
    public const string SeeJobs = "see jobs";
    public const string RunJobs = "run jobs";
    public const string KeepMachine = "look after the machine";
    public const string SeeMail = "see mail";
    public const string SendMail = "send mail again";
    public const string PublishSheets = "publish price sheets";
    public const string DecideSubsidy = InvoicingPermissions.DecideSubsidy;
    public const string KeepAwards = "keep awards";
    public const string SetBudget = "set a budget";
    public const string NotePayments = InvoicingPermissions.NotePayments;
    public const string SeeSales = "see sales";
    public const string SeeSubsidy = "see a subsidy";
    public const string SeeMeters = "see meters";
    public const string DecideQuarantine = CorrectFromQuarantine.Allowed;
    public const string KeepSources = ExpectSource.Allowed;
    public const string CorrectUsage = CorrectReadings.Allowed;
    public const string CorrectInvoices = InvoicingPermissions.CorrectInvoices;
    public const string AnswerStatements = InvoicingPermissions.AnswerStatements;
    public const string PostAccruals = InvoicingPermissions.PostAccruals;
    public const string ChangeSettings = InvoicingPermissions.ChangeSettings;
    public const string KeepKeys = CreateKey.Allowed;
    public const string KeepAllKeys = "look after keys";
    public const string KeepWebhooks = "keep webhooks";
    public const string ErasePeople = "erase people";
    public const string SeeAudit = "see the audit log";

    public static IReadOnlyDictionary<string, IReadOnlyList<Role>> ByRole { get; } =
        new Dictionary<string, IReadOnlyList<Role>>
        {
            [SendUsage] = [Role.UsageKey],
            [PublishPrices] = [Role.PricesKey],
            [ReadByKey] = [Role.ReadKey],
            [ReadOfInstitution] = [Role.ReadKey, Role.InstitutionKey],
            [BillByKey] = [Role.FinanceKey],
            [BeSignedIn] = [Role.Pi, Role.Subsidy, Role.Landlord, Role.Finance, Role.Operator],
            [SeeSpending] = [Role.Pi],
            [SeeCosts] = [Role.Pi, Role.Subsidy, Role.Landlord, Role.Finance],
            [AskForQuotes] = [Role.Pi, Role.Subsidy, Role.Landlord, Role.Finance],
            [PlaceOrders] = [Role.Pi, Role.Finance],
            [DecideOrders] = [Role.Pi, Role.Subsidy, Role.Landlord],
            [KeepLeases] = [Role.Pi, Role.Landlord, Role.Finance],
            [KeepAgreements] = [Role.Pi, Role.Landlord, Role.Finance],
            [KeepMandates] = [Role.Pi],
            [ActForCustomers] = [Role.Landlord],
            [OrderByKey] = [Role.PricesKey, Role.FinanceKey],
            [LeaseByKey] = [Role.PricesKey, Role.FinanceKey],
            [BidInAuctions] = [Role.Pi, Role.Landlord, Role.Finance],
            [KeepAuctions] = [Role.Finance],
            [BidByKey] = [Role.PricesKey, Role.FinanceKey],
            [KeepLevels] = [Role.Landlord],
            [KeepOffers] = [Role.Landlord],
            [KeepPeers] = [Role.Finance],
            [KeepQuotes] = [Role.Pi, Role.Finance],
            [SeeCharge] = [Role.Pi, Role.Landlord, Role.Finance],
            [SeeInvoices] = [Role.Pi, Role.Finance],
            [SeeFinance] = [Role.Finance],
            [CloseMonths] = [Role.Finance],
            [SeeJobs] = [Role.Operator, Role.Finance],
            [RunJobs] = [Role.Operator, Role.Finance],
            [KeepMachine] = [Role.Operator],
            [SeeMail] = [Role.Operator, Role.Finance],
            [SendMail] = [Role.Operator, Role.Finance],
            [PublishSheets] = [Role.Landlord],
            [DecideSubsidy] = [Role.Subsidy],
            [KeepAwards] = [Role.Pi, Role.Finance],
            [SetBudget] = [Role.Pi],
            [NotePayments] = [Role.Finance],
            [SeeSales] = [Role.Landlord],
            [SeeSubsidy] = [Role.Subsidy],
            [SeeMeters] = [Role.Operator],
            [DecideQuarantine] = [Role.Operator],
            [KeepSources] = [Role.Operator],
            [CorrectUsage] = [Role.Operator],
            [CorrectInvoices] = [Role.Finance],
            [AnswerStatements] = [Role.Pi, Role.Landlord, Role.Finance],
            [ChangeSettings] = [Role.Finance],
            [PostAccruals] = [Role.Finance],
            [KeepKeys] = [Role.Landlord],
            [KeepAllKeys] = [Role.Operator],
            [KeepWebhooks] = [Role.Landlord, Role.Finance],
            [ErasePeople] = [Role.Finance],
            [SeeAudit] = [Role.Operator, Role.Finance],
        };

    /// <summary>Whether somebody in this role may do this.</summary>
    public static bool Allows(string act, Role role) => ByRole[act].Contains(role);

    public static void AddTo(AuthorizationOptions options)
    {
        foreach (var (act, roles) in ByRole)
        {
            var scheme = roles.All(r => r is Role.UsageKey or Role.PricesKey or Role.ReadKey or Role.FinanceKey
                or Role.InstitutionKey)
                ? Viewer.KeyScheme
                : Viewer.SessionScheme;
            options.AddPolicy(act, new AuthorizationPolicyBuilder(scheme)
                .RequireAuthenticatedUser()
                .RequireClaim("role", roles.Select(r => r.ToString()))
                .Build());
        }

        options.FallbackPolicy = new AuthorizationPolicyBuilder(Viewer.SessionScheme)
            .RequireAssertion(_ => false)
            .Build();
    }
}
