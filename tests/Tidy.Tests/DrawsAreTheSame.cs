using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>What a short run draws is drawn in every short run, so that nothing fails by chance.</summary>
public class DrawsAreTheSame
{
    private static readonly int[] All = [.. Enumerable.Range(0, 12)];

    [Fact]
    public void For_one_name_and_spread_over_different_names()
    {
        var names = Enumerable.Range(0, 200).Select(i => $"/pages/{i}").ToList();
        Assert.All(names, name => Assert.Equal(Draws.Of(All, name, 3), Draws.Of(All, name, 3)));
        Assert.All(names, name => Assert.Equal(Draws.AreLong ? 12 : 3, Draws.Of(All, name, 3).Distinct().Count()));
        Assert.Equal(All, names.SelectMany(name => Draws.Of(All, name)).Distinct().Order());
        Assert.Equal(All, Draws.Of(All, "few are all", 12).Order());
    }

    [Fact]
    public void For_a_property()
    {
        Assert.Equal(Tried(), Tried());

        static List<int> Tried()
        {
            var tried = new List<int>();
            Prop.ForAll(ArbMap.Default.ArbFor<int>(), tried.Add).Check(Draws.Properties());
            return tried;
        }
    }
}
