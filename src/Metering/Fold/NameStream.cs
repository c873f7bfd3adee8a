using System.Text;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Names for one walk over the pages: those of projects, shapes and meters all at once, those of resources as the walk
/// comes to them. Pages and blocks hold resources in the same order, so no more than a block of them is in memory.
/// </summary>
internal sealed class NameStream(NpgsqlConnection connection, long upTo) : IPageNames, IAsyncDisposable
{
    private readonly Dictionary<int, string> _others = [];
    private IAsyncEnumerator<NamedBlock>? _blocks;
    private byte[] _names = [];
    private int _at;
    private int _number;

    /// <summary>The name of a project, shape or meter; the same text each time.</summary>
    public string this[int number] => _others[number];

    /// <summary>Learns every name but those of resources and sources.</summary>
    public async Task Open(CancellationToken ct)
    {
        await foreach (var block in NamedBlock.Between(connection, 0, 0, upTo, ct))
        {
            Learn(block.First, block.Names);
        }

        _blocks = NamedBlock.Between(connection, 0, 0, upTo, ct).GetAsyncEnumerator(ct);
    }

    /// <summary>The names of a page's resources, null where something else has the number. Pages only go up.</summary>
    public async Task Resources(int page, string?[] into)
    {
        Array.Clear(into);
        var (from, to) = (page * Page.Resources, (page + 1) * Page.Resources);
        while (_number + 1 < to && await HasNames())
        {
            Take(from, to, into);
        }
    }

    public ValueTask DisposeAsync() => _blocks?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<bool> HasNames()
    {
        if (_at < _names.Length)
        {
            return true;
        }

        if (!await _blocks!.MoveNextAsync())
        {
            return false;
        }

        (_number, _names, _at) = (_blocks.Current.First, _blocks.Current.Names, 0);
        return true;
    }

    private void Take(int from, int to, string?[] into)
    {
        var reader = new BytesReader(_names.AsSpan(_at));
        while (!reader.AtEnd && _number + 1 < to)
        {
            var name = reader.Text();
            _number++;
            if (_number >= from && name[0] == Names.Resource)
            {
                into[_number - from] = Encoding.UTF8.GetString(name[1..]);
            }
        }

        _at += reader.Read;
    }

    private void Learn(int number, byte[] names)
    {
        var reader = new BytesReader(names);
        while (!reader.AtEnd)
        {
            var name = reader.Text();
            number++;
            if (name[0] is Names.Project or Names.Shape or Names.Meter)
            {
                _others[number] = Encoding.UTF8.GetString(name[1..]);
            }
        }
    }
}
