using Exchange.Portal.Web;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Pages;

/// <summary>A day that may be left out of a form.</summary>
internal static class FormDay
{
    /// <returns>Null where nothing was typed, or what was typed is no day; then the form says so.</returns>
    public static LocalDate? Optional(Form form, string name, string what)
    {
        var typed = form.Typed(name).Trim();
        if (typed.Length == 0)
        {
            return null;
        }

        if (LocalDatePattern.Iso.Parse(typed) is not { Success: true, Value: var day })
        {
            form.Wrong(
                name, $"{what} is a day like 2026-11-03; '{(typed.Length > 30 ? typed[..30] : typed)}' is none.");
        }
        else if (AskedTimes.Wrong(day) is { } wrong)
        {
            form.Wrong(name, wrong);
        }
        else
        {
            return day;
        }

        return null;
    }
}
