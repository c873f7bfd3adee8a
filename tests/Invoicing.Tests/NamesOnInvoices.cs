using Exchange.Journal;
using Exchange.Rating;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Invoices name people and projects as the directory does, beside what identifies them. Seen to fail when names held
/// only from the instant at which they were told.
/// </summary>
public class NamesOnInvoices
{
    [Fact]
    public async Task A_PI_has_a_name_and_each_project_its_title_and_both_keep_their_ids()
    {
        await using var world = await World.Start();
        await world.Told("""
            cluster,project,name,pi,title,pi_name
            stack,p-ada,Ada's genomes,ada@bu.edu,"Genomes of the deep sea, 2nd phase",Ada Lovelace
            """);
        await world.Ran("p-ada", World.September, 1, 10);
        await world.Ran("p-bob", World.September, 1, 10);
        await world.Close(World.September);

        var (ada, bob) = (await Document(world, "PI-2026-0001"), await Document(world, "PI-2026-0002"));

        Assert.Equal(["Ada Lovelace", "ada@bu.edu", "Boston University"], ada.To);
        Assert.Equal(
            ["nerc · Genomes of the deep sea, 2nd phase, Ada's genomes (p-ada)"],
            ada.Sections.Select(section => section.Heading));
        Assert.Equal("bob@elsewhere.edu", bob.To[0]);
        Assert.Equal(["nerc · =Bob & co (p-bob)"], bob.Sections.Select(section => section.Heading));
        Assert.Contains("Genomes of the deep sea", InvoiceCsv.Of(ada), StringComparison.Ordinal);
        Assert.Contains("Ada Lovelace", ada.AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_they_are_called_later_does_not_change_an_invoice_nor_whom_a_month_is_billed_to()
    {
        await using var world = await World.Start();
        await world.Told("cluster,project,name,pi,title\nstack,p-ada,Ada's genomes,ada@bu.edu,Genomes");
        await world.Ran("p-ada", World.September, 1, 10);
        await world.Close(World.September);
        var before = (await Document(world, "PI-2026-0001")).AsText();

        await world.Told(
            "cluster,project,name,pi,title,from\nstack,p-ada,Ada's genomes,ada@bu.edu,Proteins,2026-10-15T00:00:00Z");
        await world.Told("cluster,project,name,pi,title\nstack,p-ada,Ada's genomes,ada@bu.edu,Folding");
        await world.Ran("p-ada", World.October, 1, 700);
        await world.Close(World.October);

        Assert.Equal(before, (await Document(world, "PI-2026-0001")).AsText());
        var october = await Document(world, "PI-2026-0002");
        Assert.Equal(["nerc · Folding, Ada's genomes (p-ada)"], october.Sections.Select(section => section.Heading));
        Assert.Single(october.Sections[0].Rows);
    }

    [Fact]
    public async Task A_file_that_says_nothing_of_names_keeps_them_and_another_PI_gets_none_of_them()
    {
        await using var world = await World.Start();
        await world.Told("cluster,project,name,pi,title,pi_name\nstack,p-ada,G,ada@bu.edu,Genomes,Ada Lovelace");
        await world.Told("cluster,project,name,pi\nstack,p-ada,Genes,ada@bu.edu");
        Assert.Equal(("Genes", "Genomes", "Ada Lovelace"), await Fact(world));
        await world.Told("cluster,project,name,pi\nstack,p-ada,Genes,eve@bu.edu");
        Assert.Equal(("Genes", "Genomes", null), await Fact(world));
        await world.Told("""
            [{"project":{"pi":"eve@bu.edu","title":"Of ColdFront"},"resource":{"name":"stack"},
              "attributes":{"Allocated Project ID":"p-ada","Allocated Project Name":"Genes"}}]
            """);
        Assert.Equal(("Genes", "Of ColdFront", null), await Fact(world));
    }

    private static async Task<InvoiceDocument> Document(World world, string number) =>
        await FindInvoice.DocumentOf(world.Journal, world.Database, number, World.Ct);

    private static async Task<(string, string?, string?)> Fact(World world)
    {
        var directory = await world.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, World.Ct);
        var fact = directory.At(new("stack"), new("p-ada"), world.Now + NodaTime.Duration.FromDays(900))!;
        return (fact.Name, fact.Title, fact.PiName);
    }
}
