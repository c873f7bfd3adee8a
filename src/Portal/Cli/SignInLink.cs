using System.CommandLine;
using Exchange.Portal.Commands;
using Exchange.Portal.Names;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Cli;

/// <summary>exchange sign-in-link — a link that signs somebody in once, on this machine.</summary>
internal static class SignInLink
{
    public static Command Command()
    {
        var role = new Option<string>("--as")
        {
            Description = "The role to sign in as.",
            HelpName = "ROLE",
            Required = true,
        };
        role.AcceptOnlyFromAmong([.. SignInLinks.Roles.Keys]);
        var of = new Option<string?>("--of")
        {
            Description = "Whose things a pi, landlord or subsidy role is to see.",
            HelpName = "NAME",
        };
        var urls = new Option<string>("--urls")
        {
            Description = "Where the server listens on this machine [env: EXCHANGE_URLS].",
            HelpName = "URL",
            DefaultValueFactory = _ => Settings.FromEnvironment(ListenOptions.UrlsVariable)?.Split(';')[0] ??
                ServerOptions.Default,
        };
        return new Command("sign-in-link", "Prints a link that signs you in once, in a browser on this machine.")
        {
            role, of, urls,
        }.Does((verb, ct) => Make(verb, verb.Get(role), verb.Get(of), Local(verb.Get(urls)), ct));
    }

    private static async Task<Answer> Make(Verb verb, string word, string? name, Uri server, CancellationToken ct)
    {
        Check(word, ref name);
        await using var exchange = await verb.Open(ct);
        var unknown = name is null ? null : await Verb.Unknown(exchange, KindOf(word), name, "--of", ct);
        var path = await exchange.Commands.Noted(
            "sign-in link", $"{word} {name}".Trim(),
            ct => new SignInLinks(exchange.Database, exchange.Clock).Make(word, name, Verb.By, ct), ct);
        var url = new Uri(server, path);
        return new(new { url, @as = word, of = name }, terminal =>
        {
            terminal.Say(url.ToString());
            terminal.Error.WriteLine(
                $"Open it within {SignInLinks.Lasts.TotalMinutes:0} minutes in a browser on this machine, while " +
                "'exchange serve' runs. It works once.");
            if (unknown is not null)
            {
                terminal.Error.WriteLine($"So far there is nothing to see: {unknown.Message}");
            }
        });
    }

    private static Uri Local(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.IsLoopback && url.Scheme is "http" or "https"
            ? url
            : throw new RefusedException(new(
                "usage/url", $"'{text}' is not a URL of this machine. Write it like '{ServerOptions.Default}'.",
                "--urls"));

    private static NameKind KindOf(string word) => word switch
    {
        "pi" => NameKind.Pi,
        "landlord" => NameKind.Landlord,
        _ => NameKind.Payer,
    };

    private static void Check(string word, ref string? name)
    {
        var what = SignInLinks.Roles[word].Of;
        if ((what is null) != (name is null))
        {
            throw new RefusedException(new(
                "usage", what is null
                    ? $"'{word}' sees everything of its kind; leave out --of."
                    : $"'{word}' needs --of NAME: {what}.", "--of"));
        }

        if (word == "pi" && !EmailAddress.TryNormalize(name, out name))
        {
            throw new RefusedException(new("usage/address", EmailAddress.Rule, "--of"));
        }

        if (name is not null && !Name.IsOne(name))
        {
            throw new RefusedException(new("usage", $"'{name}' is not a name.", "--of"));
        }
    }
}
