using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Tests;

public class TextForms
{
    [Fact]
    public void Money_reads_back_as_written() => Prop.ForAll<int>(cents => Money.Parse(new Money(cents).ToString()) == new Money(cents))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Quantity_reads_back_as_written() => Prop.ForAll<int>(n =>
        Quantity.Parse(new Quantity(n / 1000m, new("SU-hour")).ToString()) == new Quantity(n / 1000m, new("SU-hour")))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Period_reads_back_as_written() => Prop.ForAll<uint, ushort>((start, length) =>
    {
        var period = new Period(Instant.FromUnixTimeSeconds(start), Instant.FromUnixTimeSeconds(start) + Duration.FromSeconds(length));
        return Period.Parse(period.ToString()) == period;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nonsense_is_refused_not_guessed() => Assert.False(Money.TryParse("12.34", null, out _));
}
