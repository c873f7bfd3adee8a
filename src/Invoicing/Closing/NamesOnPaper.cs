using System.Collections.Immutable;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// How people and projects are called on an invoice, beside what identifies them: the directory's last word when the
/// month was closed. It is kept with the invoice, so that its document never changes.
/// </summary>
internal sealed class NamesOnPaper
{
    private readonly Dictionary<Account, string> _people = [];
    private readonly Dictionary<string, string> _titles = new(StringComparer.Ordinal);

    public NamesOnPaper(CloseInputs inputs)
    {
        foreach (var (charge, owner) in inputs.Rated.SelectMany(rated => rated.Charges))
        {
            if (owner.PiName is { } person)
            {
                _people[new(owner.Pi)] = person;
            }

            if (owner.Title is { } title)
            {
                _titles[$"{charge.Cluster}/{charge.Project}"] = title;
            }
        }
    }

    public string? Of(Account account) => account.Pi is null ? null : _people.GetValueOrDefault(account);

    /// <returns>Null where no title is known, as most months have none.</returns>
    public ImmutableSortedDictionary<string, string>? Of(IEnumerable<InvoiceLine> lines)
    {
        var titles = lines.Select(line => $"{line.Cluster}/{line.Project}").Distinct().Where(_titles.ContainsKey)
            .ToImmutableSortedDictionary(project => project, project => _titles[project], StringComparer.Ordinal);
        return titles.IsEmpty ? null : titles;
    }
}
