using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Web;

/// <summary>
/// What the address of a page asks for: nothing where it is not said, and a refusal of what cannot be read, because a
/// report of another time than the one that was meant looks as right as any.
/// </summary>
internal static class QueryValue
{
    private const int MaxShown = 100;

    /// <exception cref="FormatException">It is no month.</exception>
    public static BillingMonth? Month(HttpContext http, string name) => Sent(http, name) is not { } text ? null
        : !BillingMonth.TryParse(text, null, out var month) ? throw Wrong(name, text, Like(typeof(BillingMonth)))
        : AskedTimes.Wrong(month, Now(http)) is { } wrong ? throw Wrong(name, text, $" {wrong}")
        : month;

    /// <exception cref="FormatException">It is no day, or none that can be asked for.</exception>
    public static LocalDate? Day(HttpContext http, string name) => Sent(http, name) is not { } text ? null
        : LocalDatePattern.Iso.Parse(text) is not { Success: true, Value: var day }
            ? throw Wrong(name, text, Like(typeof(DateOnly)))
        : AskedTimes.Wrong(day, Now(http)) is { } wrong ? throw Wrong(name, text, $" {wrong}")
        : day;

    /// <exception cref="FormatException">It is none of them.</exception>
    public static string? OneOf(HttpContext http, string name, params IReadOnlyList<string> allowed) =>
        Sent(http, name) is not { } text || allowed.Contains(text) ? Sent(http, name)
        : throw Wrong(name, text, $" It is one of {string.Join(", ", allowed)}.");

    /// <summary>How a value of a type is written, as the next sentence; empty for what needs no example.</summary>
    public static string Like(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        return type == typeof(BillingMonth) ? " Write a month like '2026-10'."
            : type == typeof(DateOnly) ? " Write a day like '2026-11-30'."
            : type == typeof(Instant) ? " Write an instant like '2026-10-14T12:00:00Z'."
            : type == typeof(int) || type == typeof(long) ? " Write a whole number."
            : type.Name switch
            {
                "AccountName" => " Write an account like 'pi:grace@example.edu'.",
                nameof(PiId) => " Write an address like 'grace@example.edu'.",
                nameof(ResourceId) => " Write a resource like 'nerc/stack/vm/vm-1'.",
                _ => "",
            };
    }

    private static string? Sent(HttpContext http, string name) =>
        http.Request.Query[name].ToString().Trim() is { Length: > 0 } text ? text : null;

    private static Instant Now(HttpContext http) =>
        http.RequestServices.GetRequiredService<IClock>().GetCurrentInstant();

    private static FormatException Wrong(string name, string text, string like) =>
        new($"'{name}' cannot be '{(text.Length > MaxShown ? text[..MaxShown] : text)}'.{like}");
}
