using System.Globalization;
using System.Net;
using Exchange.Rating;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A landlord raises a price by a form: the sheet is written by the exchange, its effect is seen, and what is on the
/// screen is published. Nobody copies what is another landlord's.
/// </summary>
public class PricesByForm
{
    private const string New = "/landlord/sheets/new";

    [Fact]
    public async Task Prices_that_are_typed_are_written_into_the_sheet_tried_out_and_published()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        var like = await Holds(serving, "nerc/openstack");
        var page = $"{New}?from={Uri.EscapeDataString(like.Id)}";
        var form = await nerc.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct);
        Assert.Contains("OpenStack CPU, each SU-hour", form, StringComparison.Ordinal);
        Assert.Contains("more from Dec 1, 2026", form, StringComparison.Ordinal);
        Assert.Contains("value=\"2026-12\"", form, StringComparison.Ordinal);

        using var tried = await UsedMonth.Submit(nerc, page, New, Typed(like, "2027-02", ("0.013", "0.026")));
        var review = await tried.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, tried.StatusCode);
        Assert.Contains("Effect on Oct 2026", review, StringComparison.Ordinal);
        Assert.Contains("from: 2027-02", review, StringComparison.Ordinal);
        Assert.Contains("Publish sheet from Feb 1, 2027", review, StringComparison.Ordinal);

        var text = RepricedSheet.Write(like.Yaml, new(2027, 2), Prices(like, ("0.013", "0.026"))
            .Select(price => decimal.Parse(price, CultureInfo.InvariantCulture)).ToList());
        using var published = await UsedMonth.Submit(nerc, New, New, ("yaml", text), ("month", "2026-10"),
            ("do", "publish"), ("seen", new PricingText("sheet.yaml", text).Sha256));
        Assert.Equal("/landlord/sheets", published.Headers.Location?.ToString());
        var newest = await Holds(serving, "nerc/openstack");
        Assert.Equal("nerc/openstack/2027-02-01#1", newest.Id);
        Assert.Equal(0.026m, newest.Sheet.Skus.Single(sku => sku.Id.Value == "OpenStack CPU").Rate);
    }

    [Theory]
    [InlineData("0,026", "2027-02", "&#x27;0,026&#x27; is no price")]
    [InlineData("-1", "2027-02", "&#x27;-1&#x27; is no price")]
    [InlineData("5e3", "2027-02", "&#x27;5e3&#x27; is no price")]
    [InlineData("1 000", "2027-02", "&#x27;1 000&#x27; is no price")]
    [InlineData("", "2027-02", "is missing")]
    [InlineData("9999999999", "2027-02", "A rate is above")]
    [InlineData("0.026", "soon", "soon")]
    [InlineData("0.026", "2026-11", "have notice")]
    public async Task What_is_no_price_or_comes_too_early_is_said_and_stays_in_the_form(
        string price, string starts, string sentence)
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        var like = await Holds(serving, "nerc/openstack");
        var page = $"{New}?from={Uri.EscapeDataString(like.Id)}";
        using var answer = await UsedMonth.Submit(nerc, page, New, Typed(like, starts, ("0.013", price)));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, html, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"publish\"", html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{price}\"", html, StringComparison.Ordinal);
    }

    /// <summary>The text of another landlord's sheet, which may be an agreement, does not fill the box.</summary>
    [Fact]
    public async Task A_sheet_is_copied_by_its_own_landlord_alone()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        var secret = PublishingOverHttp.Later().Replace(
            "skus:\n", """
            skus:
              - name: Promised
                unit: SU-hour
                rate: "1"
                counts: resource
                per: hour
                match: {kind: gpu, promised: any}
                model: commitment
                commitments:
                  - {project: secret-lab, quantity: "9", rate: "0.5"}

            """.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        using var published = await UsedMonth.Submit(nerc, New, New, ("yaml", secret), ("month", "2026-10"),
            ("do", "publish"), ("seen", new PricingText("sheet.yaml", secret).Sha256));
        Assert.Equal("/landlord/sheets", published.Headers.Location?.ToString());
        var copy = $"{New}?from={Uri.EscapeDataString("nerc/openstack/2027-01-01#1")}";
        Assert.Contains("secret-lab", await nerc.GetStringAsync(new Uri(copy, UriKind.Relative), Serving.Ct),
            StringComparison.Ordinal);
        using var other = await serving.As("other");
        using var answer = await other.GetAsync(new Uri(copy, UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<PublishedSheet> Holds(Serving serving, string book) =>
        (await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).List()
            .Where(one => one.Sheet.BookName == book).MaxBy(one => one.Sheet.From)!.Published;

    private static List<string> Prices(PublishedSheet like, (string Was, string Now) changed) =>
        [.. RepricedSheet.Prices(like.Yaml).Select(price => Text.Of(price.Rate))
            .Select(price => price == changed.Was ? changed.Now : price)];

    private static (string, string)[] Typed(
        PublishedSheet like, string starts, (string Was, string Now) changed) =>
        [("starts", starts), ("do", "reprice"), .. Prices(like, changed).Select((price, n) =>
            (string.Create(CultureInfo.InvariantCulture, $"price-{n + 1}"), price))];
}
