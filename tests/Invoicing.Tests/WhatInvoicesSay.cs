using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Issuer and customers as they were published: name, address, tax id, remittance, logo, terms, PO number and text are
/// those of the day of issue, and stay on what was issued.
/// </summary>
public class WhatInvoicesSay
{
    private const string Issuer = """
        issuer:
          name: Massachusetts Open Cloud
          address: [8 St. Mary's Street, "Boston, MA 02215"]
          tax_id: EIN 00-0000000
          remittance: ["First Bank of Boston", "Routing 011000015, account 42"]
          terms_days: 45
          text: Questions go to billing@example.org.
        """;

    private const string Customers = """
        customers:
          - account: bob@elsewhere.edu
            name: Elsewhere College
            address: [1 College Road, "Elsewhere, ME 04001"]
            tax_id: EIN 11-1111111
            purchase_order: PO-7781
            terms_days: 60
            text: Attention of accounts payable.
        """;

    /// <summary>A PNG of one pixel.</summary>
    private const string Pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    /// <summary>Issued on November 3: 45 days make December 18, Bob's own 60 make January 2.</summary>
    [Fact]
    public async Task Are_issuer_and_customer_of_the_day_of_issue()
    {
        await using var world = await Billed(Issuer, Customers);
        var (ada, bob) = (await Text(world, "PI-2026-0001"), await Text(world, "PI-2026-0002"));

        foreach (var text in (string[])[ada, bob])
        {
            Assert.Contains("From  Massachusetts Open Cloud\n", text, StringComparison.Ordinal);
            Assert.Contains("From  Boston, MA 02215\n", text, StringComparison.Ordinal);
            Assert.Contains("From  Tax ID: EIN 00-0000000\n", text, StringComparison.Ordinal);
            Assert.Contains("Pay to  Routing 011000015, account 42\n", text, StringComparison.Ordinal);
            Assert.Contains("Questions go to billing@example.org.", text, StringComparison.Ordinal);
        }

        Assert.Contains("Due           2026-12-18", ada, StringComparison.Ordinal);
        Assert.Contains("Terms         45 days", ada, StringComparison.Ordinal);
        Assert.DoesNotContain("PO", ada, StringComparison.Ordinal);
        Assert.Contains("Due           2027-01-02", bob, StringComparison.Ordinal);
        Assert.Contains("To    Elsewhere College\nTo    bob@elsewhere.edu\n", bob, StringComparison.Ordinal);
        Assert.Contains("To    1 College Road\n", bob, StringComparison.Ordinal);
        Assert.Contains("To    Tax ID: EIN 11-1111111\n", bob, StringComparison.Ordinal);
        Assert.Contains("PO number     PO-7781", bob, StringComparison.Ordinal);
        Assert.Contains("Attention of accounts payable.", bob, StringComparison.Ordinal);
        Assert.Equal(new LocalDate(2027, 1, 2), (await InvoiceList.Run(
            world.Database, new(Number: "PI-2026-0002"), World.Ct)).Single().Due);
        var pdf = InvoiceDocuments.PdfText(await KeepDocuments.Pdf(
            world.Sources, "2026-10:bob@elsewhere.edu", world.Now, World.Ct));
        foreach (var said in (string[])[
            "Massachusetts Open Cloud", "EIN 00-0000000", "account 42", "PO-7781", "1 College Road", "2027-01-02",
            "Payment instructions", "Attention of accounts payable."])
        {
            Assert.Contains(said, pdf, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Are_what_they_were_where_nothing_was_published()
    {
        await using var world = await Billed();
        var text = await Text(world, "PI-2026-0001");
        Assert.Contains("From  Open Cloud Exchange\n", text, StringComparison.Ordinal);
        Assert.Contains("Due           2026-12-03", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Terms", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Pay to", text, StringComparison.Ordinal);
    }

    /// <summary>Name, bank and logo change after the issue: the document and its PDF stay, byte for byte.</summary>
    [Fact]
    public async Task Stay_on_what_was_issued_whatever_is_published_later()
    {
        await using var world = await Billed(Issuer, Customers);
        await Set(world, issuer => issuer with { Logo = Pixel }, null);
        world.Now += Duration.FromDays(1);
        await world.Ran("p-bob", World.October, 20, 10);
        var text = await Text(world, "PI-2026-0002");
        var drawn = InvoicePdf.Draw(await Document(world, "PI-2026-0002"));

        await Set(world, issuer => issuer with { Name = "Open Clouds, Inc.", Remittance = ["Another bank"] }, null);
        await world.Publish(Issuer.Replace("Massachusetts", "Rhode Island", StringComparison.Ordinal), new(2026, 1, 1));

        Assert.Equal(text, await Text(world, "PI-2026-0002"));
        Assert.Equal(drawn, InvoicePdf.Draw(await Document(world, "PI-2026-0002")));
        world.Now = Instant.FromUtc(2026, 12, 2, 9, 0);
        await world.Close(new(2026, 11));
        var later = await Document(world, "PI-2026-0003");
        Assert.Equal("Rhode Island Open Cloud", later.From[0]);
        Assert.Null(later.Logo);
    }

    /// <summary>Published on the 14th for the 15th: the 14th issues under the old name.</summary>
    [Fact]
    public async Task Change_on_the_day_that_was_said()
    {
        await using var world = await Billed(Issuer);
        await Set(world, issuer => issuer with { Name = "Open Clouds, Inc.", TermsDays = 10 }, new(2026, 12, 15));
        var profiles = BillingProfiles.Of(await Facts.PublishFacts.Read(world.Journal, World.Ct));
        Assert.Equal("Massachusetts Open Cloud", profiles.Of("pi:x@y.edu", new(2026, 12, 14))!.Issuer);
        Assert.Equal("Open Clouds, Inc.", profiles.Of("pi:x@y.edu", new(2026, 12, 15))!.Issuer);
        Assert.Equal(new LocalDate(2026, 12, 25), profiles.DueOf("pi:x@y.edu", new(2026, 12, 15)));
    }

    /// <summary>FOCUS names the legal issuer of the invoice, which the provider has to be.</summary>
    [Fact]
    public async Task Are_what_FOCUS_says_of_the_month()
    {
        await using var world = await Billed(Issuer);
        world.Now += Duration.FromDays(1);
        await Set(world, issuer => issuer with { Name = "Open Clouds, Inc." }, null);
        await using var text = new StringWriter();
        await FocusExport.Write(world.Sources, new(World.October), text, World.Ct);
        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines.Skip(1), line => Assert.Equal(2, line.Split("Massachusetts Open Cloud").Length - 1));
        Assert.DoesNotContain("Open Clouds, Inc.", text.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A credit note is issued later than its invoice, and names who issues it.</summary>
    [Fact]
    public async Task Are_on_a_credit_note_those_of_its_own_day()
    {
        await using var world = await Billed(Issuer, Customers);
        world.Now += Duration.FromDays(3);
        await Set(world, issuer => issuer with { Name = "Open Clouds, Inc.", Logo = Pixel }, null);
        await world.Journal.Execute(
            new CreditInvoice(world.Database, "PI-2026-0002", new(100), "an outage"), world.Now, World.Ct);
        await world.CatchUp();

        var note = await Document(world, "CN-2026-0001");
        Assert.Equal("Open Clouds, Inc.", note.From[0]);
        Assert.Equal("Elsewhere College", note.To[0]);
        Assert.Contains(note.Facts, fact => fact == ("PO number", "PO-7781"));
        Assert.DoesNotContain(note.Facts, fact => fact.Label == "Due");
        Assert.Empty(note.Remittance);
        Assert.NotNull(note.Logo);
        var pdf = await PdfOfNumber.Run(world.Sources, "CN-2026-0001", world.Now, World.Ct);
        Assert.Contains("/Image"u8.ToArray(), pdf);
        Assert.Equal("Massachusetts Open Cloud", (await Document(world, "PI-2026-0002")).From[0]);
    }

    /// <summary>What was said of an address is said of the person whose alias it becomes.</summary>
    [Fact]
    public void Follow_a_person_to_the_address_that_stays()
    {
        var facts = Facts.DatedFacts.Fold.Initial;
        facts = facts.With(Facts.Publish.Versions(
            facts, CustomerProfile.Facts, [new("pi:ada@old.edu") { PurchaseOrder = "PO-1" }], null,
            new([], "test", World.Later)).OrThrow());
        var profiles = BillingProfiles.Of(facts).Following(pi => pi.Value == "ada@old.edu" ? new("ada@bu.edu") : pi);
        Assert.Equal("PO-1", profiles.Of("pi:ada@bu.edu", new(2026, 11, 3))!.PurchaseOrder);
    }

    [Theory]
    [InlineData("name: \"\"", "settings/not-printable")]
    [InlineData("name: X\n  terms_days: 366", "settings/not-printable")]
    [InlineData("name: X\n  terms_days: -1", "settings/not-printable")]
    [InlineData("name: X\n  text: \"two\\nlines\"", "settings/not-printable")]
    [InlineData("name: X\n  address: [a, b, c, d, e, f, g, h, i]", "settings/not-printable")]
    [InlineData("name: X\n  logo: none.png", "settings/logo")]
    [InlineData("name: X\n  logo: ../../etc/passwd", "settings/logo")]
    public void Are_refused_with_the_line_where_they_cannot_be_printed(string yaml, string code)
    {
        var refused = Assert.Throws<RefusedException>(() => IssuerProfile.Parse($"issuer:\n  {yaml}\n", "issuer.yaml"));
        Assert.True(refused.Refusal.Code == code || refused.Refusal.Code.StartsWith("yaml/", StringComparison.Ordinal),
            refused.Refusal.ToString());
        Assert.Contains("issuer.yaml", refused.Refusal.Where, StringComparison.Ordinal);
    }

    /// <summary>Every invoice of a month would fail for letters that no font has: publishing says so first.</summary>
    [Fact]
    public void Are_refused_in_letters_that_no_font_here_has()
    {
        var refused = Assert.Throws<RefusedException>(() => IssuerProfile.Parse(
            "issuer: {name: \"\U000F0000\"}", "issuer.yaml"));
        Assert.Equal(MissingFont.Code, refused.Refusal.Code);
    }

    [Theory]
    [InlineData("AAAA")]
    [InlineData("not base 64")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkAAAAAAAAAAAAAAAAAA==")]
    public void Have_a_logo_that_can_be_printed_or_none(string logo) =>
        Assert.Equal("settings/logo", IssuerProfile.Checked(new("X") { Logo = logo })?.Code);

    private static async Task<World> Billed(params string[] published)
    {
        var world = await World.Start();
        world.Publishes = true;
        foreach (var yaml in published)
        {
            await world.Publish(yaml);
        }

        await world.Ran("p-ada", World.October, 1, 100);
        await world.Ran("p-bob", World.October, 1, 200);
        await world.Close(World.October);
        return world;
    }

    private static Task<IssuerProfile> Set(
        World world, Func<IssuerProfile, IssuerProfile> change, LocalDate? from) => world.Journal.Execute(
            new ChangeIssuer(change, from, "test"), world.Now, World.Ct);

    private static Task<InvoiceDocument> Document(World world, string number) =>
        FindInvoice.DocumentOf(world.Journal, world.Database, number, World.Ct);

    private static async Task<string> Text(World world, string number) =>
        (await Document(world, number)).AsText().ReplaceLineEndings("\n");
}
