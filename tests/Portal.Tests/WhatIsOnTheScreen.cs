using System.Net;
using System.Text.RegularExpressions;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What was reviewed is what is done. Seen to fail with pages that showed a box to write in beside a button that sent
/// what stood in it before.
/// </summary>
public partial class WhatIsOnTheScreen
{
    private const string Sheets = "/landlord/sheets/new";
    private const string Enroll = "/subsidy/enrol";
    private const string Program = "nerc-bu-subsidy";

    [Fact]
    public async Task A_sheet_that_is_reviewed_can_be_published_or_edited_and_not_changed_beside_it()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        var yaml = await File.ReadAllTextAsync(
            Directory.GetFiles(Product.File("pricing/nerc/openstack")).Order().Last(), Serving.Ct);
        using var tried = await UsedMonth.Submit(
            nerc, Sheets, Sheets, ("yaml", yaml), ("month", "2026-10"), ("do", "try"));
        var review = await tried.Content.ReadAsStringAsync(Serving.Ct);
        var areas = Areas().Matches(review);
        Assert.All(areas, area => Assert.Contains(" readonly", area.Value, StringComparison.Ordinal));
        Assert.Single(areas);
        Assert.DoesNotContain("type=\"hidden\" name=\"yaml\"", review, StringComparison.Ordinal);
        Assert.Contains("value=\"publish\"", review, StringComparison.Ordinal);

        using var edited = await UsedMonth.Submit(
            nerc, Sheets, Sheets, ("yaml", yaml), ("month", "2026-10"), ("do", "edit"));
        var editor = await edited.Content.ReadAsStringAsync(Serving.Ct);
        Assert.DoesNotContain(" readonly", editor, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"publish\"", editor, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_reviewed_is_enrolled_as_it_stands_there()
    {
        await using var serving = await UsedMonth.Start();
        using var bea = await serving.As("subsidy");
        using var looked = await UsedMonth.Submit(bea, Enroll, Enroll,
            ("programme", Program), ("from", "2026-11"), ("list", "ada@bu.edu,5.00"), ("do", "look"));
        var review = await looked.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains(" readonly", Assert.Single(Areas().Matches(review)).Value, StringComparison.Ordinal);
        Assert.DoesNotContain("type=\"file\"", review, StringComparison.Ordinal);
        Assert.Contains("value=\"commit\"", review, StringComparison.Ordinal);

        using var wrong = await UsedMonth.Submit(bea, Enroll, Enroll,
            ("programme", Program), ("from", "2026-11"), ("list", "ada@bu.edu,5.00\nnobody"), ("do", "look"));
        var editor = await wrong.Content.ReadAsStringAsync(Serving.Ct);
        Assert.DoesNotContain("value=\"commit\"", editor, StringComparison.Ordinal);
        Assert.DoesNotContain(" readonly", editor, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ada@bu.edu,5.00\nx@mit.edu,7.00", "&#x27;x@mit.edu&#x27; is not enrolled")]
    [InlineData("ada@bu.edu,5.00\nada@bu.edu,6.00", "more than once")]
    [InlineData("ada@bu.edu,50,00", "Line 1 is &#x27;ada@bu.edu,50,00&#x27;")]
    public async Task Amounts_for_many_are_all_taken_or_none(string caps, string sentence)
    {
        await using var serving = await UsedMonth.Start();
        using var bea = await serving.As("subsidy");
        using var answer = await UsedMonth.Submit(
            bea, "/subsidy", "/subsidy/caps", ("programme", Program), ("caps", caps));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        Assert.Empty((await serving.Exchange.Journal.State(Fund.Fold, Program, Serving.Ct)).Caps);
    }

    [Theory]
    [InlineData("50,00")]
    [InlineData("1.000,00")]
    public async Task A_payment_of_fifty_with_a_comma_is_refused_and_not_booked_as_five_thousand(string typed)
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var answer = await UsedMonth.Submit(finance, "/invoices/PI-2026-0002",
            "/invoices/PI-2026-0002/payments", ("reference", "wire"), ("amount", typed));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(
            $"&#x27;{typed}&#x27; is not an amount", await answer.Content.ReadAsStringAsync(Serving.Ct),
            StringComparison.Ordinal);
        var typedThere = await Typed.Line(
            $"invoices pay PI-2026-0002 --reference wire --amount {typed}", serving.Exchange.Place.Database!);
        Assert.Equal(ExitCode.WrongUsage, typedThere.Exit);
        Assert.Contains($"'{typed}'", typedThere.Errors, StringComparison.Ordinal);
    }

    [GeneratedRegex("<textarea[^>]*>")]
    private static partial Regex Areas();
}
