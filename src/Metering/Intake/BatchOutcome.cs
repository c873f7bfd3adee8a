namespace Exchange.Metering;

/// <summary>What became of the rows and misfits of a batch.</summary>
internal sealed class BatchOutcome(Batch batch)
{
    private readonly System.Collections.BitArray _isFresh = new(batch.Count);
    private int _fresh;

    public Batch Batch => batch;

    /// <summary>Rows whose id was taken before with other content.</summary>
    public SortedDictionary<int, RejectedReading> Conflicts { get; } = [];

    public IngestOutcome Outcome => new(
        _fresh, batch.Count - _fresh - Conflicts.Count, batch.Misfits.Count + Conflicts.Count);

    public void Add(int row, bool isFresh, bool isSame)
    {
        _isFresh[row] = isFresh;
        _fresh += isFresh ? 1 : 0;
        if (!isFresh && !isSame)
        {
            var (source, id, landlord, text) = Describe(batch.Rows[row]);
            Conflicts[row] = new(
                QuarantinedReading.OtherContent,
                "A reading of this source and id was taken before with other content; the first counts. Send what is " +
                "right as a correction of it.",
                source, id, landlord, text);
        }
    }

    private (string Source, string Id, LandlordId Landlord, string Text) Describe(in Row row)
    {
        if (row.Correction is not null)
        {
            var correction = Readings.CorrectionOf(row, batch.Names);
            return (correction.Source, correction.Id, correction.Landlord, correction.ToEvent());
        }

        var reading = Readings.Of(row, batch.Names);
        return (reading.Source, reading.Id, reading.Resource.Landlord, reading.ToLine());
    }

    /// <summary>What became of each, in the order in which they came.</summary>
    public IEnumerable<ItemOutcome> Items()
    {
        var misfit = 0;
        for (var row = 0; row <= batch.Count; row++)
        {
            for (; misfit < batch.Misfits.Count && batch.Misfits[misfit].After == row; misfit++)
            {
                yield return Quarantine(batch.Misfits[misfit].Misfit);
            }

            if (row < batch.Count)
            {
                yield return Conflicts.TryGetValue(row, out var conflict)
                    ? Quarantine(conflict)
                    : new(
                        Sources.Text(batch.Names[batch.Rows[row].Source]), batch.Rows[row].Id.ToString(),
                        _isFresh[row] ? ItemFate.Accepted : ItemFate.Duplicate);
            }
        }
    }

    private static ItemOutcome Quarantine(RejectedReading misfit) =>
        new(misfit.Source, misfit.Id, ItemFate.Quarantined, misfit.Reason, misfit.Why);
}
