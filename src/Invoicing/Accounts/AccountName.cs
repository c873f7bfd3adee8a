using Exchange.Invoicing.Ledger;

namespace Exchange.Invoicing.Accounts;

/// <summary>
/// Who owes and pays: a PI, an institution or a payer of subsidies. Its text is 'pi:ada@bu.edu',
/// 'institution:Harvard University' or 'payer:bu-research-it'; an address alone stands for a PI.
/// </summary>
public readonly record struct AccountName(string Kind, string Name) : IParsable<AccountName>
{
    private static readonly string[] Kinds = ["pi", "institution", "payer"];

    /// <summary>What is owed, in the general ledger.</summary>
    public string Receivable => $"receivable:{this}";

    /// <summary>Money that came and pays no invoice yet, in the general ledger.</summary>
    public string Unapplied => $"unapplied:{this}";

    public static AccountName Of(PiId pi) => new("pi", pi.Value);

    /// <exception cref="InvalidOperationException">A group paid before, and has no account of this kind.</exception>
    public static AccountName Of(BillTo party) => Entry.Receivable(party) is var receivable
        ? Parse(receivable["receivable:".Length..], null)
        : default;

    public static AccountName Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var account) ? account : throw new FormatException(
            $"'{s}' is no account. Write 'pi:ada@bu.edu', 'institution:Harvard University' or 'payer:bu-research-it'.");

    public static bool TryParse(string? s, IFormatProvider? provider, out AccountName result)
    {
        var colon = s?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        result = colon < 0 ? new("pi", s ?? "") : new(s![..colon], s[(colon + 1)..]);
        return Kinds.Contains(result.Kind) && result.Name.Length > 0 && result.Name.Trim() == result.Name &&
            (result.Kind != "pi" || result.Name.Contains('@', StringComparison.Ordinal));
    }

    public override string ToString() => $"{Kind}:{Name}";
}
