using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Finds from when until when pages have usage, while they are told.</summary>
internal sealed class PageExtents(Meter meter)
{
    private readonly List<PageExtent> _all = [];
    private PageExtent _now;

    public IReadOnlyCollection<PageExtent> All => _all;

    public async Task<List<PageExtent>> Of(IReadOnlyCollection<int> pages, CancellationToken ct)
    {
        await meter.Pages.Read(pages, new(Begin, segment => Add(segment), Add, () => End()), ct);
        return _all;
    }

    public void Begin(PageState page) => _now = new(page.Page, page.Changed, long.MaxValue, long.MinValue);

    public void Add(in Segment segment) => Add(segment.Period.Start, segment.Period.End);

    public void Add(DailyTotal total)
    {
        var day = total.Day.AtMidnight().InUtc().ToInstant();
        Add(day, day + Duration.FromDays(1));
    }

    public PageExtent End()
    {
        _all.Add(_now);
        return _now;
    }

    private void Add(Instant begins, Instant ends) => _now = _now with
    {
        From = long.Min(_now.From, begins.ToUnixTimeTicks() / 10),
        To = long.Max(_now.To, ends == Instant.MaxValue ? long.MaxValue : ends.ToUnixTimeTicks() / 10),
    };
}
