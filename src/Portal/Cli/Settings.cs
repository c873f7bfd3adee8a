using System.CommandLine;
using System.CommandLine.Parsing;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Cli;

/// <summary>The options that every verb takes, and how an option reads a value of the domain.</summary>
internal static class Settings
{
    public const string DataVariable = "EXCHANGE_DATA";

    /// <summary>What the environment, or the settings of an installed exchange, say; null for nothing.</summary>
    public static string? FromEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } said ? said : null;

    public static Option<string> Data { get; } = new("--data")
    {
        Description = "The directory of the embedded database and of files [env: EXCHANGE_DATA].",
        HelpName = "DIR",
        DefaultValueFactory = _ => FromEnvironment(DataVariable) ?? ".exchange",
        Recursive = true,
    };

    public static Option<string?> Database { get; } = new("--database")
    {
        Description = "Another Postgres instead of the embedded one [env: EXCHANGE_DATABASE].",
        HelpName = "CONNECTION",
        Recursive = true,
    };

    public static Option<bool> Bare { get; } = new("--bare")
    {
        Description = "Start a new embedded database empty, without the price sheets of pricing/.",
        Recursive = true,
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document instead of a table.",
        Recursive = true,
    };

    /// <summary>An option whose value has a text form of its own: a month, an instant, a landlord.</summary>
    public static Option<T?> Value<T>(string name, string helpName, string description)
        where T : struct, IParsable<T> =>
        new(name) { Description = description, HelpName = helpName, CustomParser = ReadOptional<T> };

    /// <summary>The same, and the command line is wrong without it.</summary>
    public static Option<T> Needed<T>(string name, string helpName, string description)
        where T : struct, IParsable<T> =>
        new(name) { Description = description, HelpName = helpName, Required = true, CustomParser = Read<T> };

    /// <summary>An option that names what the exchange knows already.</summary>
    public static Option<T?> Known<T>(string name, string helpName, string description)
        where T : struct, IParsable<T> =>
        new KnownNameOption<T>(name) { Description = description, HelpName = helpName, CustomParser = ReadOptional<T> };

    /// <summary>The same, and the command line is wrong without it.</summary>
    public static Option<T> KnownNeeded<T>(string name, string helpName, string description)
        where T : struct, IParsable<T> => new NeededNameOption<T>(name)
        {
            Description = description,
            HelpName = helpName,
            Required = true,
            CustomParser = Read<T>,
        };

    public static Option<BillingMonth> Month() =>
        Needed<BillingMonth>("--month", "MONTH", "The month in UTC, as 2026-10.");

    /// <summary>An option whose value is an instant in UTC; a day stands for its midnight.</summary>
    public static Option<Instant?> Instant(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "INSTANT",
        CustomParser = argument =>
        {
            var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
            try
            {
                return Text.Instant(text.Length == "2026-10-01".Length ? $"{text}T00:00:00Z" : text);
            }
            catch (FormatException e)
            {
                argument.AddError(e.Message);
                return null;
            }
        },
    };

    /// <summary>An option whose value is a day.</summary>
    public static Option<LocalDate?> Day(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DAY",
        CustomParser = argument =>
        {
            var text = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
            if (LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var day } &&
                Web.AskedTimes.Wrong(day) is not { })
            {
                return day;
            }

            argument.AddError($"'{text}' is no day of 2000 to 2199. Write it like '2026-11-28'.");
            return null;
        },
    };

    /// <summary>Reads a value of the domain, for an option that is made elsewhere.</summary>
    public static T Parsed<T>(ArgumentResult argument) where T : struct, IParsable<T> => Read<T>(argument);

    /// <summary>Reads an amount of money as people type it: '50', '1,250.00', '50.00 USD'.</summary>
    /// <param name="mayBeNegative">Whether it may go back.</param>
    public static Money Amount(ArgumentResult argument, bool mayBeNegative = false)
    {
        var typed = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
        if (TypedMoney.TryRead(typed, out var amount, out var why, mayBeNegative))
        {
            return amount;
        }

        argument.AddError(why);
        return default;
    }

    /// <summary>An amount without which the command line is wrong.</summary>
    public static Option<Money> NeededAmount(string description, bool mayBeNegative = false) => new("--amount")
    {
        Description = description,
        HelpName = "MONEY",
        Required = true,
        CustomParser = argument => Amount(argument, mayBeNegative),
    };

    private static T? ReadOptional<T>(ArgumentResult argument) where T : struct, IParsable<T> => Read<T>(argument);

    private static T Read<T>(ArgumentResult argument) where T : struct, IParsable<T>
    {
        var typed = argument.Tokens.Count > 0 ? argument.Tokens[^1].Value : "";
        try
        {
            return T.Parse(Text.IsBlank(typed) ? "" : typed, null);
        }
        catch (FormatException e)
        {
            argument.AddError(e.Message);
            return default;
        }
    }
}
