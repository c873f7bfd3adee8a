
namespace Exchange.Invoicing.Closing;

/// <summary>Why funds paid what they did, while a close is worked out: by month, account and charge.</summary>
public sealed class FundNotes
{
    private readonly Dictionary<(BillingMonth, Account, string), List<FundNote>> _notes = [];

    public Action<string, FundNote> Of(BillingMonth month, Account account) => (charge, note) =>
    {
        if (!_notes.TryGetValue((month, account, charge), out var notes))
        {
            _notes[(month, account, charge)] = notes = [];
        }

        notes.Add(note);
    };

    public IReadOnlyList<FundNote> About(BillingMonth month, Account account, string charge) =>
        _notes.GetValueOrDefault((month, account, charge)) ?? [];
}
