using System.Text;
using NodaTime;

namespace Exchange.Metering;

/// <summary>Rows as readings again, and the one text of a reading.</summary>
internal static class Readings
{
    public static Reading Of(in Row row, Names names, ResourceId? otherwise = null) => new()
    {
        Source = Sources.Text(names[row.Source]),
        Id = row.Id.ToString(),
        Type = row.Type,
        Resource = row.Resource == 0 && otherwise is not null
            ? otherwise
            : ResourceId.Parse(Text(names, row.Resource)),
        Project = new(Text(names, row.Project)),
        From = At(row.From),
        To = At(row.To),
        State = row.State,
        Shape = row.Shape == 0 ? Shape.Empty : Shape.Parse(Text(names, row.Shape)),
        Meter = row.Meter == 0 ? null : Text(names, row.Meter),
        Quantity = row.Quantity,
    };

    /// <summary>A row that corrects, as it was sent.</summary>
    public static UsageCorrection CorrectionOf(in Row row, Names names)
    {
        var correction = row.Correction!;
        var landlord = new LandlordId(correction.Landlord);
        return new()
        {
            Landlord = landlord,
            Source = Sources.Text(names[row.Source]),
            Id = row.Id.ToString(),
            Corrects = correction.Corrects,
            Time = At(correction.At),
            Reason = correction.Reason,
            KeepsResource = correction.Replaces && row.Resource == 0,
            KeepsTime = correction.KeepsTime,
            Replacement = correction.Replaces ? Of(row, names, new(landlord, new("-"), "-", "-")) : null,
        };
    }

    public static string Text(Names names, int number) => Encoding.UTF8.GetString(names[number][1..]);

    public static Instant At(long microseconds) =>
        microseconds == long.MaxValue ? Instant.MaxValue : Instant.FromUnixTimeTicks(microseconds * 10);
}
