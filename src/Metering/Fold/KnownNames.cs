using System.Text;

namespace Exchange.Metering;

/// <summary>Names that a process has in memory: nothing is read for a page.</summary>
internal sealed class KnownNames(Names names) : IPageNames
{
    private readonly Dictionary<int, string> _texts = [];

    public string this[int number] =>
        _texts.TryGetValue(number, out var known) ? known : _texts[number] = Readings.Text(names, number);

    public Task Resources(int page, string?[] into)
    {
        Array.Clear(into);
        var first = page * Page.Resources;
        for (var place = page == 0 ? 1 : 0; place < Page.Resources && first + place <= names.Count; place++)
        {
            if (names[first + place] is [Names.Resource, .. var name])
            {
                into[place] = Encoding.UTF8.GetString(name);
            }
        }

        return Task.CompletedTask;
    }
}
