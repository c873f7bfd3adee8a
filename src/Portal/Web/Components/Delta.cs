namespace Exchange.Portal.Web.Components;

/// <summary>
/// How a figure differs from that of the period before, in words: neither a color nor an arrow has to be
/// seen to know it.
/// </summary>
/// <param name="Since">The period before, as 'Sep 2026'.</param>
public sealed record Delta(Money Now, Money Before, string Since)
{
    /// <returns>Null where one of the two periods has no figure.</returns>
    public static Delta? Of(Money? now, Money? before, string since) =>
        (now, before) is ({ } current, { } earlier) ? new(current, earlier, since) : null;

    public Money By => Now - Before;

    /// <summary>'+$2.00 (25 %) more than in Sep 2026'.</summary>
    public string Words => By.Cents switch
    {
        0 => $"the same as in {Since}",
        > 0 => $"{Show.Signed(By)}{Percent} more than in {Since}",
        _ => $"{Show.Signed(By)}{Percent} less than in {Since}",
    };

    /// <summary>To a tenth, half a tenth away from zero; nothing of what was nothing or a credit.</summary>
    private string Percent
    {
        get
        {
            if (Before <= Money.Zero)
            {
                return "";
            }

            var tenths = (Int128.Abs(By.Cents) * 2000 + Before.Cents) / ((Int128)Before.Cents * 2);
            return tenths == 0 ? " (less than 0.1 %)" : $" ({Show.Of((decimal)tenths / 10)} %)";
        }
    }
}
