using Exchange.Metering;

namespace Exchange.Portal.Web;

/// <summary>Every route of the server.</summary>
internal static class Routes
{
    public static void Map(WebApplication app, ServerOptions options)
    {
        new Health(
            app.Services.GetRequiredService<Composition>(), app.Services.GetRequiredService<IUsageIntake>()).Map(app);
        Description.Map(app);
        ReferencePage.Map(app);
        Assets.Map(app);
        PagesOfPeople(app);
        PagesOfTheMarket(app);
        PagesOfOperators(app);
        PagesOfFinance(app);
        Usage(app);
        Money(app);
        Market(app);
        Stripe.StripeWebhook.Map(app, options.Stripe);
        app.MapFallback("{*path}", NothingHere.Answer).AllowAnonymous().ExcludeFromDescription();
    }

    private static void PagesOfPeople(WebApplication app)
    {
        Pages.SignIn.Map(app);
        Pages.Start.Map(app);
        Pages.PiPage.Map(app);
        Pages.CostsPage.Map(app);
        Pages.CostChangesPage.Map(app);
        Pages.ProjectPage.Map(app);
        Pages.ResourcesPage.Map(app);
        Pages.SavingsPage.Map(app);
        Pages.ElsewherePage.Map(app);
        Pages.AwardsPage.Map(app);
        Pages.AllAwardsPage.Map(app);
        Pages.AwardPage.Map(app);
        Pages.ChargePage.Map(app);
        Pages.ReadingsPage.Map(app);
        Pages.LandlordPage.Map(app);
        Pages.AuditPage.Map(app);
        Pages.BudgetBox.Map(app);
    }

    private static void PagesOfTheMarket(WebApplication app)
    {
        Pages.SheetPage.Map(app);
        Pages.SheetsPage.Map(app);
        Pages.NewSheetPage.Map(app);
        Pages.WithdrawPage.Map(app);
        Pages.LevelsPage.Map(app);
        Pages.LevelsBox.Map(app);
        Pages.OutagesBox.Map(app);
        Pages.CataloguePage.Map(app);
        Pages.OfferPage.Map(app);
        Pages.QuotesPage.Map(app);
        Pages.SaveQuoteBox.Map(app);
        Pages.SavedQuotesPage.Map(app);
        Pages.OrdersPage.Map(app);
        Pages.MandatesPage.Map(app);
        Pages.ActingPage.Map(app);
        Pages.LeasesPage.Map(app);
        Pages.LeasePage.Map(app);
        Pages.ProposeLeasePage.Map(app);
        Pages.AgreementsPage.Map(app);
        Pages.AgreementPage.Map(app);
        Pages.ProposeAgreementPage.Map(app);
        Pages.AuctionsPage.Map(app);
        Pages.SearchPage.Map(app);
    }

    private static void PagesOfOperators(WebApplication app)
    {
        Pages.OperatorPage.Map(app);
        Pages.SourcesPage.Map(app);
        Pages.QuarantinePage.Map(app);
        Pages.QuarantinedPage.Map(app);
        Pages.QuarantineBulkPage.Map(app);
        Pages.CorrectionsPage.Map(app);
        Pages.DatabasePage.Map(app);
        Pages.KeysPage.Map(app);
        Pages.KeysOfAllPage.Map(app);
        Pages.JobsPage.Map(app);
        Pages.JobPage.Map(app);
        JobDashboard.Map(app);
        Pages.MailPage.Map(app);
        Pages.WebhooksPage.Map(app);
    }

    private static void PagesOfFinance(WebApplication app)
    {
        Pages.SubsidyPage.Map(app);
        Pages.LiabilityPage.Map(app);
        Pages.EnrolPage.Map(app);
        Pages.SimulatePage.Map(app);
        Pages.FinancePage.Map(app);
        Pages.MonthPage.Map(app);
        Pages.ClosePage.Map(app);
        Pages.InvoicesPage.Map(app);
        Pages.InvoicePage.Map(app);
        Pages.AccountsPage.Map(app);
        Pages.AgeingPage.Map(app);
        Pages.ReceivablesPage.Map(app);
        Pages.CustomersPage.Map(app);
        Pages.AdjustmentsPage.Map(app);
        Pages.PayoutsPage.Map(app);
        Pages.EarningsPage.Map(app);
        Pages.PeersPage.Map(app);
        Pages.ReportsPage.Map(app);
        Pages.PartiesPage.Map(app);
        Pages.SettingsPage.Map(app);
        Pages.ErasePeoplePage.Map(app);
        Pages.InvoiceActsBox.Map(app);
    }

    private static void Usage(WebApplication app)
    {
        Api.PostUsage.Map(app);
        Api.WebhooksOverHttp.Map(app);
        Api.GetCharges.Map(app);
        Api.GetCosts.Map(app);
        Api.GetSavings.Map(app);
        Api.GetSearch.Map(app);
        Api.AwardsOverHttp.Map(app);
        Api.GetProjects.Map(app);
        Api.FramedPanel.Map(app);
    }

    private static void Money(WebApplication app)
    {
        Api.GetInvoices.Map(app);
        Api.GetPartyInvoices.Map(app);
        Api.SettingsOverHttp.Map(app);
        Api.PeopleOverHttp.Map(app);
        Api.AccountsOverHttp.Map(app);
        Api.InvoiceActsOverHttp.Map(app);
        Api.PayoutsOverHttp.Map(app);
        Api.PeersOverHttp.Map(app);
        Api.PeerDisputesOverHttp.Map(app);
        Api.LedgerOverHttp.Map(app);
        Api.AdjustmentsOverHttp.Map(app);
        Api.GetSettlements.Map(app);
        Api.GetExplanation.Map(app);
        Api.GetProgrammes.Map(app);
        Api.GetExport.Map(app);
    }

    private static void Market(WebApplication app)
    {
        Api.PricesOverHttp.Map(app);
        Api.OutagesOverHttp.Map(app);
        Api.LevelsOverHttp.Map(app);
        Api.PostQuote.Map(app);
        Api.GetQuotes.Map(app);
        Api.GetCatalogue.Map(app);
        Api.OrdersOverHttp.Map(app);
        Api.LeasesOverHttp.Map(app);
        Api.AgreementsOverHttp.Map(app);
        Api.MandatesOverHttp.Map(app);
        Api.MandateActsOverHttp.Map(app);
        Api.AuctionsOverHttp.Map(app);
    }
}
