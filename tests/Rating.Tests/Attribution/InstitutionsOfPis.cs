using Exchange.Testing;
using Xunit;

namespace Exchange.Rating.Tests;

public class InstitutionsOfPis
{
    private static readonly Institutions Shipped =
        Institutions.Parse(File.ReadAllText(Product.File("pricing/institutions.yaml")), "institutions.yaml");

    [Theory]
    [InlineData("pi@bu.edu", "Boston University")]
    [InlineData("pi@cs.bu.edu", "Boston University")]
    [InlineData("pi@harvard.edu", "Harvard University")]
    [InlineData("pi@seas.harvard.edu", "Harvard University")]
    [InlineData("pi@chemistry.harvard.edu", "Harvard University")]
    [InlineData("pi@meei.harvard.edu", "Massachusetts Eye & Ear")]
    [InlineData("pi@lab.bwh.harvard.edu", "Brigham and Women's Hospital")]
    [InlineData("pi@ms-strategies.com", "The Synergist")]
    [InlineData("pi@cn.ibm.com", "International Business Machines")]
    [InlineData("pi@de.ibm.com", "International Business Machines")]
    [InlineData("odd@name@uri.edu", "University of Rhode Island")]
    [InlineData("bu.edu", "Boston University")]
    [InlineData("pi@notbu.edu", null)]
    [InlineData("pi@edu", null)]
    [InlineData("rudolph", null)]
    [InlineData("", null)]
    public void Are_found_by_the_longest_domain_that_is_known(string address, string? institution) =>
        Assert.Equal(institution, Shipped.OfAddress(address)?.Name);

    [Fact]
    public void All_forty_ship_with_their_flags()
    {
        Assert.Equal(40, Shipped.All.Count);
        Assert.Equal(
            ["Boston University", "Harvard University", "University of Rhode Island"],
            Shipped.All.Where(one => one.InNercTotal).Select(one => one.Name).Order());
        Assert.Equal(["Boston University"], Shipped.All.Where(one => one.CoursesNonbillable).Select(one => one.Name));
        Assert.Equal(
            ["Boston University", "Harvard University", "Massachusetts Institute of Technology",
             "Northeastern University", "University of Massachusetts Amherst", "University of Massachusetts Lowell",
             "Yale University"],
            Shipped.All.Where(one => one.IsPartner(new(2013, 6))).Select(one => one.Name).Order());
        Assert.DoesNotContain(Shipped.All, one => one.IsPartner(new(2013, 5)));
    }

    [Theory]
    [InlineData("{ name: A, domains: [a.edu] }, { name: A, domains: [b.edu] }", "institutions/twice")]
    [InlineData("{ name: A, domains: [a.edu] }, { name: B, domains: [a.edu] }", "institutions/twice")]
    [InlineData("{ name: A, domains: [A.edu] }", "institutions/bad-domain")]
    [InlineData("{ name: A, domains: [edu] }", "institutions/bad-domain")]
    [InlineData("{ name: A, domains: [] }", "yaml/bad-value")]
    [InlineData("{ name: A, domains: [a.edu], partner: yes }", "yaml/unknown-key")]
    [InlineData("{ domains: [a.edu] }", "yaml/missing-key")]
    public void A_list_that_is_wrong_is_refused(string entries, string code)
    {
        var refused = Assert.Throws<RefusedException>(() => Institutions.Parse($"institutions: [{entries}]", "i.yaml"));
        Assert.Equal(code, refused.Refusal.Code);
        Assert.StartsWith("i.yaml:1", refused.Refusal.Where, StringComparison.Ordinal);
    }
}
