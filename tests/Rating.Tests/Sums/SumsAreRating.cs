using Exchange.Testing;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A month as the sum of its pages comes to what rating all of its usage comes to, whatever happened to it and in
/// whatever order; and only pages that something concerns are rated again.
/// </summary>
public class SumsAreRating
{
    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 2, many: 12));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Seeds))]
    public async Task Whatever_happens_in_whatever_order(int seed)
    {
        await using var month = await DrawnMonth.New(seed);
        for (var round = 0; round < 14; round++)
        {
            var happened = await month.Happen();
            foreach (var policies in (string[])[Policies.Corrected, Policies.NercCompatible])
            {
                var sum = await month.Sum(policies);
                Assert.Equal(await month.Rate(sum.AsOf, policies), DrawnMonth.Show(sum.Rated));
                Assert.Equal(0, (await month.Sum(policies)).Pages);
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{round}: {happened}");
        }
    }

    /// <summary>
    /// Some hundred servers in several pages: a reading concerns its page, an owner the pages of the project, a price
    /// those of the cluster, and nothing concerns none.
    /// </summary>
    [Fact]
    public async Task Only_pages_that_something_concerns_are_rated_again()
    {
        await using var month = await DrawnMonth.New(7, open: false);
        await month.Fill(servers: 1_200);
        var all = (await month.Sum(Policies.Corrected)).Pages;
        Assert.InRange(all, 5, 7);
        Assert.Equal(0, (await month.Sum(Policies.Corrected)).Pages);

        await month.Run("a1", "vm-3", "p-3", Acme.At(5), Acme.At(6));
        Assert.Equal(1, (await month.Sum(Policies.Corrected)).Pages);

        month.Own("a1", "p-early", "eve@bu.edu", Acme.At(9));
        Assert.Equal(1, (await month.Sum(Policies.Corrected)).Pages);

        month.Own("a1", "p-early", "bob@bu.edu", ProjectDirectory.Always); // For all of the time: nothing is divided.
        Assert.Equal(0, (await month.Sum(Policies.Corrected)).Pages);

        month.Price("a2", Acme.At(20));
        var ofOther = (await month.Sum(Policies.Corrected)).Pages;
        Assert.InRange(ofOther, 1, 2);

        month.Break("a2", Acme.At(3), Acme.At(4));
        Assert.Equal(ofOther, (await month.Sum(Policies.Corrected)).Pages);

        await month.Retract();
        Assert.Equal(1, (await month.Sum(Policies.Corrected)).Pages);

        month.Break("a1", Acme.At(3), Acme.At(4));
        Assert.InRange((await month.Sum(Policies.Corrected)).Pages, 4, all);
        Assert.Equal(
            await month.Rate((await month.Sum(Policies.Corrected)).AsOf, Policies.Corrected),
            DrawnMonth.Show((await month.Sum(Policies.Corrected)).Rated));
    }

    /// <summary>
    /// A month that is over changes page by page: what was added up before is kept, old parts of pages are taken back
    /// and new ones added. Scales that others share, reservations, hours, minimums and agreements are in it.
    /// </summary>
    [Theory, MemberData(nameof(Seeds))]
    public async Task What_changes_is_put_in_the_place_of_what_was(int seed)
    {
        await using var month = await DrawnMonth.New(seed, open: false, isPlain: true);
        await month.Fill(servers: 700);
        var (changed, added) = (0, 0);
        for (var round = 0; round < 16; round++)
        {
            var happened = await month.Happen();
            foreach (var policies in (string[])[Policies.Corrected, Policies.NercCompatible])
            {
                var sum = await month.Sum(policies, remembered: true);
                Assert.Equal(await month.Rate(sum.AsOf, policies), DrawnMonth.Show(sum.Rated));
                (changed, added) = sum.IsAddedUp ? (changed, added + 1) : (changed + 1, added);
                Assert.False((await month.Sum(policies, remembered: true)).IsAddedUp);
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{round}: {happened}");
        }

        Assert.InRange(changed, 8, 40); // Usage and corrections are drawn about every other time.
        Assert.InRange(added, 2, 40);
    }

    /// <summary>A project that uses at agreed prices in several pages pays for each page once.</summary>
    [Fact]
    public async Task What_is_agreed_counts_once_for_each_page()
    {
        await using var month = await DrawnMonth.New(5, open: false);
        await month.Fill(servers: 900);
        month.Agree("a1", "p-3", Acme.At(1), Acme.At(20));
        var sum = await month.Sum(Policies.Corrected);
        Assert.Contains(sum.Rated.Charges, charge => charge.Agreement == "Q-0");
        Assert.Equal(await month.Rate(sum.AsOf, Policies.Corrected), DrawnMonth.Show(sum.Rated));
    }

    [Fact]
    public async Task The_extent_of_usage_is_that_of_the_meter()
    {
        await using var month = await DrawnMonth.New(3);
        Assert.Null(await month.Sums.Extent(Ct));
        for (var round = 0; round < 8; round++)
        {
            await month.Happen();
            var (sums, meter) = (await month.Sums.Extent(Ct), await month.Meter.Extent(Ct));
            Assert.Equal(meter?.From, sums?.From);
            Assert.Equal(meter?.To, sums?.To);
        }
    }
}
