namespace Exchange.Portal.Web;

/// <summary>Every route of the server.</summary>
internal static class Routes
{
    public static void Map(WebApplication app, ServerOptions options)
    {
        new Health(app.Services.GetRequiredService<Composition>()).Map(app);
        Describe.Map(app);
        ReferencePage.Map(app);
        Assets.Map(app);
        Pages.SignIn.Map(app);
        Pages.Start.Map(app);
        Pages.PiPage.Map(app);
        Pages.CostsPage.Map(app);
        Pages.CostChangesPage.Map(app);
        Pages.ProjectPage.Map(app);
        Pages.ResourcesPage.Map(app);
        Pages.ChargePage.Map(app);
        Pages.ReadingsPage.Map(app);
        Pages.LandlordPage.Map(app);
        Pages.AuditPage.Map(app);
        Pages.BudgetBox.Map(app);
        Pages.SheetsPage.Map(app);
        Pages.WithdrawPage.Map(app);
        Pages.LevelsPage.Map(app);
        Pages.OutagesBox.Map(app);
        Pages.CataloguePage.Map(app);
        Pages.OfferPage.Map(app);
        Pages.QuotesPage.Map(app);
        Pages.SaveQuoteBox.Map(app);
        Pages.SavedQuotesPage.Map(app);
        Pages.OrdersPage.Map(app);
        Pages.SubsidyPage.Map(app);
        Pages.LiabilityPage.Map(app);
        Pages.EnrolPage.Map(app);
        Pages.SimulatePage.Map(app);
        Pages.OperatorPage.Map(app);
        Pages.SourcesPage.Map(app);
        Pages.QuarantinePage.Map(app);
        Pages.QuarantineBulkPage.Map(app);
        Pages.CorrectionsPage.Map(app);
        Pages.DatabasePage.Map(app);
        Pages.FinancePage.Map(app);
        Pages.MonthPage.Map(app);
        Pages.ClosePage.Map(app);
        Pages.InvoicesPage.Map(app);
        Pages.InvoicePage.Map(app);
        Pages.AccountsPage.Map(app);
        Pages.AgeingPage.Map(app);
        Pages.ReceivablesPage.Map(app);
        Pages.CustomersPage.Map(app);
        Pages.PayoutsPage.Map(app);
        Pages.ReportsPage.Map(app);
        Pages.PartiesPage.Map(app);
        Pages.SettingsPage.Map(app);
        Pages.InvoiceActsBox.Map(app);
        Pages.KeysPage.Map(app);
        Pages.JobsPage.Map(app);
        Pages.JobPage.Map(app);
        JobDashboard.Map(app);
        Pages.MailPage.Map(app);
        Pages.WebhooksPage.Map(app);
        Api.PostUsage.Map(app);
        Api.WebhooksOverHttp.Map(app);
        Api.GetCharges.Map(app);
        Api.GetCosts.Map(app);
        Api.GetProjects.Map(app);
        Api.FramedPanel.Map(app);
        Api.GetInvoices.Map(app);
        Api.GetPartyInvoices.Map(app);
        Api.SettingsOverHttp.Map(app);
        Api.GetSettlements.Map(app);
        Api.GetExplanation.Map(app);
        Api.PricesOverHttp.Map(app);
        Api.OutagesOverHttp.Map(app);
        Api.PostQuote.Map(app);
        Api.GetQuotes.Map(app);
        Api.GetCatalogue.Map(app);
        Api.OrdersOverHttp.Map(app);
        Api.GetProgrammes.Map(app);
        Api.GetExport.Map(app);
        Stripe.StripeWebhook.Map(app, options.Stripe);
        app.MapFallback("{*path}", NothingHere.Answer).AllowAnonymous().ExcludeFromDescription();
    }
}
