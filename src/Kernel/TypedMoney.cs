using System.Globalization;
using System.Text.RegularExpressions;

namespace Exchange;

/// <summary>
/// Amounts of money as people type them, on pages, on the command line and in lists: '1250', '1,250.00', '$12.5',
/// '50.00 USD'. A comma stands between thousands and nowhere else: where it is the decimal mark, '50,00' would be read
/// a hundred times too large.
/// </summary>
public static partial class TypedMoney
{
    private const int MaxDigits = 13;

    /// <param name="why">What is wrong with it, with what was typed; empty when nothing is.</param>
    /// <param name="mayBeNegative">Whether a minus may stand before it: money that goes back.</param>
    public static bool TryRead(string typed, out Money amount, out string why, bool mayBeNegative = false)
    {
        var match = Form().Match(typed.Trim());
        (amount, why) = (default, "");
        if (!match.Success || (match.Groups["minus"].Length > 0 && !mayBeNegative))
        {
            why = $"'{typed.Trim()}' is not an amount of dollars and cents. Write it like '1250.00' or '1,250.00': a " +
                "comma stands between thousands only, and a point before the cents.";
            return false;
        }

        var whole = match.Groups["whole"].Value.Replace(",", "", StringComparison.Ordinal);
        if (whole.Length > MaxDigits)
        {
            why = $"'{typed.Trim()}' is larger than any amount here.";
            return false;
        }

        var dollars = decimal.Parse(
            whole + match.Groups["cents"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        amount = Money.Round(match.Groups["minus"].Length > 0 ? -dollars : dollars);
        return true;
    }

    /// <exception cref="FormatException">It is no amount.</exception>
    public static Money Read(string typed) =>
        TryRead(typed, out var amount, out var why) ? amount : throw new FormatException(why);

    [GeneratedRegex(
        @"\A(?<minus>-?)\$? ?(?<whole>[1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)(?<cents>\.[0-9]{1,2})?( USD)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
