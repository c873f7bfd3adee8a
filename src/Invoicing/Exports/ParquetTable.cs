using System.Globalization;
using NodaTime.Text;
using Parquet;
using Parquet.Schema;

namespace Exchange.Invoicing.Exports;

/// <summary>What a column of a Parquet file holds.</summary>
public enum ParquetKind { Text, Number, Time }

/// <summary>
/// Writes rows of text as a Parquet file with typed columns, a group of rows at a time, so that a month of millions
/// needs no room. Numbers are decimals, never binary fractions; what is null is null and not a word.
/// </summary>
public sealed class ParquetTable : IAsyncDisposable
{
    private const int RowsAGroup = 20_000;
    private const int Precision = 38;
    private const int Scale = 18;

    private readonly ParquetWriter _writer;
    private readonly IReadOnlyList<(DataField Field, ParquetKind Kind)> _columns;
    private readonly string _null;
    private readonly List<string[]> _rows = [];

    private ParquetTable(
        ParquetWriter writer, IReadOnlyList<(DataField Field, ParquetKind Kind)> columns, string nothing) =>
        (_writer, _columns, _null) = (writer, columns, nothing);

    public long Count { get; private set; }

    /// <param name="nothing">The text that stands for no value.</param>
    public static async Task<ParquetTable> Begin(
        Stream stream, IEnumerable<(string Name, ParquetKind Kind)> columns, string nothing, CancellationToken ct)
    {
        List<(DataField Field, ParquetKind Kind)> fields =
            [.. columns.Select(column => (Field(column.Name, column.Kind), column.Kind))];
        var schema = new ParquetSchema([.. fields.Select(column => (Field)column.Field)]);
        return new(
            await ParquetWriter.CreateAsync(schema, stream, cancellationToken: ct), fields, nothing);
    }

    public async Task Add(IEnumerable<string> cells, CancellationToken ct)
    {
        _rows.Add([.. cells]);
        Count++;
        if (_rows.Count == RowsAGroup)
        {
            await Flush(ct);
        }
    }

    /// <summary>Writes what waits; the file is whole once this is disposed.</summary>
    public async Task Finish(CancellationToken ct) => await Flush(ct);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async Task Flush(CancellationToken ct)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        using var group = _writer.CreateRowGroup();
        for (var i = 0; i < _columns.Count; i++)
        {
            var (field, kind) = _columns[i];
            switch (kind)
            {
                case ParquetKind.Number:
                    await group.WriteAsync<decimal>(field, Values(i, Number), cancellationToken: ct);
                    break;
                case ParquetKind.Time:
                    await group.WriteAsync<DateTime>(field, Values(i, Time), cancellationToken: ct);
                    break;
                default:
                    await group.WriteAsync(field, _rows.ConvertAll(row => row[i] == _null ? null : row[i])!);
                    break;
            }
        }

        group.CompleteValidate();
        _rows.Clear();
    }

    private ReadOnlyMemory<T?> Values<T>(int column, Func<string, T> read) where T : struct =>
        _rows.ConvertAll(row => row[column] == _null ? (T?)null : read(row[column])).ToArray();

    private static DataField Field(string name, ParquetKind kind) => kind switch
    {
        ParquetKind.Number => new DecimalDataField(name, Precision, Scale, isNullable: true),
        ParquetKind.Time => new DateTimeDataField(
            name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: true),
        _ => new DataField(name, typeof(string), isNullable: true),
    };

    private static decimal Number(string text) => decimal.Round(
        decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture), Scale, MidpointRounding.ToEven);

    private static DateTime Time(string text) => InstantPattern.General.Parse(text).Value.ToDateTimeUtc();
}
