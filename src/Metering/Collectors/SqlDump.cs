using System.Text;

namespace Exchange.Metering.Collectors;

/// <summary>One row of a table in a dump, by the names of its columns.</summary>
internal readonly record struct SqlRow(
    string Table, IReadOnlyDictionary<string, int> Columns, IReadOnlyList<string?> Values)
{
    public string? this[string column] =>
        Columns.TryGetValue(column, out var at) && at < Values.Count ? Values[at] : null;
}

/// <summary>
/// Reads the rows of a MySQL, MariaDB or SQLite dump as a stream: columns from CREATE TABLE or from the INSERT itself,
/// rows from INSERT with any number of rows. Everything else is passed over.
/// </summary>
internal sealed class SqlDump
{
    private readonly SqlTokens _tokens;
    private readonly Dictionary<string, Dictionary<string, int>> _columns = new(StringComparer.Ordinal);

    private SqlDump(TextReader reader, string file) => _tokens = new(reader, file);

    /// <param name="tables">The tables whose rows are wanted.</param>
    /// <exception cref="RefusedException">The dump ends inside a statement, or a wanted row has no known
    /// columns.</exception>
    public static IEnumerable<SqlRow> Read(Stream stream, string file, params string[] tables)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        foreach (var row in new SqlDump(reader, file).Rows([.. tables]))
        {
            yield return row;
        }
    }

    private IEnumerable<SqlRow> Rows(HashSet<string> wanted)
    {
        while (_tokens.Next())
        {
            if (_tokens.Is("CREATE"))
            {
                Create(wanted);
            }
            else if (_tokens.Is("INSERT") || _tokens.Is("REPLACE"))
            {
                foreach (var row in Insert(wanted))
                {
                    yield return row;
                }
            }
            else
            {
                if (_tokens.Is("PRAGMA"))
                {
                    _tokens.BackslashEscapes = false; // Only SQLite says this, and it takes a backslash as it is.
                }

                _tokens.PassStatement();
            }
        }
    }

    private void Create(HashSet<string> wanted)
    {
        if (!_tokens.Next() || !_tokens.Is("TABLE"))
        {
            _tokens.PassStatement();
            return;
        }

        string? table = null;
        while (_tokens.Next() && !_tokens.Is('(') && !_tokens.Is(';'))
        {
            table = _tokens.Kind is SqlToken.Word or SqlToken.Name ? _tokens.Value : table;
        }

        if (table is not null && wanted.Contains(table) && _tokens.Is('('))
        {
            _columns[table] = Definitions();
        }

        _tokens.PassStatement();
    }

    /// <summary>The first word of each definition is a column's name, unless it begins a key or a constraint.</summary>
    private Dictionary<string, int> Definitions()
    {
        Dictionary<string, int> columns = new(StringComparer.Ordinal);
        var (depth, first) = (1, true);
        while (depth > 0 && _tokens.Must())
        {
            if (first && (_tokens.Kind == SqlToken.Name || (_tokens.Kind == SqlToken.Word && !IsKey())))
            {
                columns[_tokens.Value!] = columns.Count;
            }

            first = depth == 1 && _tokens.Is(',');
            depth += _tokens.Is('(') ? 1 : _tokens.Is(')') ? -1 : 0;
        }

        return columns;
    }

    private bool IsKey() => _tokens.Value!.ToUpperInvariant() is
        "PRIMARY" or "KEY" or "UNIQUE" or "INDEX" or "CONSTRAINT" or "FOREIGN" or "FULLTEXT" or "SPATIAL" or "CHECK";

    private IEnumerable<SqlRow> Insert(HashSet<string> wanted)
    {
        string? table = null;
        Dictionary<string, int>? named = null;
        while (_tokens.Must() && !_tokens.Is("VALUES") && !_tokens.Is("VALUE") && !_tokens.Is(';'))
        {
            if (_tokens.Is('('))
            {
                named = Definitions();
            }
            else if (_tokens.Kind is SqlToken.Word or SqlToken.Name)
            {
                table = _tokens.Value;
            }
        }

        if (_tokens.Is(';'))
        {
            yield break;
        }

        if (table is null || !wanted.Contains(table))
        {
            _tokens.PassStatement();
            yield break;
        }

        var columns = named ?? _columns.GetValueOrDefault(table) ?? throw new RefusedException(new("nova/no-columns",
            $"The rows of table {table} have no column names. Dump it with its CREATE TABLE.", _tokens.Where));
        while (_tokens.Must() && !_tokens.Is(';'))
        {
            if (_tokens.Is('('))
            {
                yield return new(table, columns, Values());
            }
        }
    }

    private List<string?> Values()
    {
        List<string?> values = [];
        while (_tokens.Must() && !_tokens.Is(')'))
        {
            if (_tokens.Kind is SqlToken.Text or SqlToken.Word)
            {
                values.Add(_tokens.Kind is SqlToken.Word && _tokens.Is("NULL") ? null : _tokens.Value);
            }
        }

        return values;
    }
}
