using System.Text;
using Exchange.Metering;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>The frame of every page: head, navigation for the viewer's role, the page itself, foot.</summary>
internal static class Layout
{
    public static IResult Page(
        HttpContext http, string title, RenderFragment body, int status = StatusCodes.Status200OK)
    {
        var head = new PageHead { Title = title };
        var text = PageRenderer.Text(http, head, builder =>
        {
            builder.OpenComponent<LayoutView>(0);
            builder.AddComponentParameter(1, nameof(LayoutView.Layout), typeof(MainLayout));
            builder.AddComponentParameter(2, nameof(LayoutView.ChildContent), body);
            builder.CloseComponent();
        });
        return head.Answer ?? Results.Content(text, "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    /// <summary>Whose usage is known in part, on every page that may show a figure of it; null where all is.</summary>
    public static string? Damage(HttpContext http) => Viewer.Of(http.User) is { } viewer
        ? UnfoldedBlock.Notice(http.RequestServices.GetRequiredService<Meter>().Unfolded, viewer.Landlord)
        : null;

    /// <summary>When the page was made: where a figure says nothing else, it holds as of then.</summary>
    public static Instant Now(HttpContext http) =>
        http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant();

    public static bool IsDemonstration(HttpContext http) =>
        http.RequestServices.GetRequiredService<Personas>().All.Count > 0;
}

/// <summary>The pages that each role is offered.</summary>
internal static class Places
{
    /// <summary>A page in the navigation.</summary>
    public sealed record Entry(string Name, string Path);

    public static IReadOnlyList<Entry> Of(Role role) => role switch
    {
        Role.Pi => [new("Spending", "/pi"), new("Cost explorer", "/costs"), new("Savings", "/pi/savings"),
            new("Invoices", "/invoices"), new("Awards", "/pi/awards"), new("Catalog", "/catalogue"),
            new("Quotes", "/quotes"), new("Orders", "/orders"), new("Agreements", "/agreements")],
        Role.Finance => [new("Billing periods", "/finance"), new("Cost explorer", "/costs"),
            new("Invoices", "/invoices"),
            new("Institutions", "/finance/parties"), new("Customers", "/finance/customers"),
            new("Awards", "/finance/awards"),
            new("Payouts", "/finance/payouts"), new("Peers", "/finance/peers"), new("Accounts", "/finance/accounts"),
            new("Reports", "/finance/reports"), new("Settings", "/finance/settings"),
            new("Jobs", "/jobs"), new("Mail", "/mail"),
            new("Quotes", "/quotes"), new("Leases", "/leases"), new("Agreements", "/agreements"),
            new("Webhooks", "/webhooks"), new("Audit", "/operator/audit")],
        Role.Landlord => [new("Revenue", "/landlord"), new("Cost explorer", "/costs"),
            new("Statements", "/landlord/statements"),
            new("Price sheets", "/landlord/sheets"),
            new("Service levels", "/landlord/levels"),
            new("Quotes", "/quotes"), new("Orders", "/orders"), new("Leases", "/leases"),
            new("Agreements", "/agreements"), new("Keys", "/landlord/keys"),
            new("Webhooks", "/webhooks")],
        Role.Subsidy => [new("Subsidy", "/subsidy"), new("Cost explorer", "/costs"), new("Quotes", "/quotes"),
            new("Orders", "/orders")],
        Role.Operator => [new("Data sources", "/operator"), new("Quarantine", "/operator/quarantine"),
            new("Jobs", "/jobs"), new("Mail", "/mail"), new("Keys", "/operator/keys"),
            new("Database", "/operator/database"), new("Audit", "/operator/audit")],
        _ => [],
    };
}
