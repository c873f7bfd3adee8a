using System.Text.RegularExpressions;
using Exchange.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// Follows every link of every role to every page there is, and finds nothing that keeps anybody from using it.
/// Seen to fail with a grey too light and with an input without its label.
/// </summary>
[Collection(nameof(Demonstrated))]
public sealed partial class EveryPage(Demonstrated demonstration)
{
    /// <summary>Pages of which every link of a role is looked at only once.</summary>
    private static readonly string[] NotPages =
        [".csv", ".json", ".parquet", ".pdf", ".zip", "csv=", "json=", "/assets/", "/openapi/", "#"];

    private static readonly Look[] Looks =
    [
        .. from isPhone in (bool[])[false, true]
           from isDark in (bool[])[false, true]
           select new Look(isPhone, isDark, Scripts: true),
    ];

    /// <summary>Of which elements, with which attributes and classes, the page is built, each kind named once.</summary>
    private const string Built = """
        () => {
          const kind = e => [e.parentElement.tagName, e.tagName, ...[...e.attributes].map(
            a => ['class', 'type', 'role'].includes(a.name) ? `${a.name}=${a.value}` : a.name)].join(' ');
          return [...new Set([...document.querySelectorAll('main, main *')].map(kind))].sort().join('\n');
        }
        """;

    /// <summary>What the pages that axe has looked at are built of.</summary>
    private readonly HashSet<string> _built = [];

    [Fact]
    public async Task Is_reached_by_a_link_fits_and_has_nothing_that_axe_finds()
    {
        var seen = new HashSet<string>();
        var wrong = new List<string>();
        await using var stranger = await Visit();
        await LookAround(stranger, ["/sign-in", "/no-such-page"], seen, wrong);
        foreach (var (persona, _, first) in demonstration.People)
        {
            await using var visitor = await Visit();
            await visitor.SignIn(persona);
            await LookAround(visitor, [first, "/search?q=ada"], seen, wrong); // Typed into the field of each page.
            Assert.All(visitor.Asked, url => Assert.StartsWith(
                demonstration.Address.GetLeftPart(UriPartial.Authority), url, StringComparison.Ordinal));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));
        Assert.True(Pages().Count() > 15, "The route table is emptier than the product.");
        Assert.Equal([], Pages().Where(page => !seen.Any(path => Matches(page, path))));
    }

    private async Task<Visitor> Visit()
    {
        var visitor = await Chromium.Visit(demonstration.Address, Looks[0]);
        await Axe.ComeWith(visitor);
        return visitor;
    }

    /// <summary>
    /// With UPDATE_PICTURES=1 the pictures of the documents are made again; else in a short run one of them is made.
    /// </summary>
    [Fact]
    public async Task Each_first_page_has_its_picture_in_the_documents()
    {
        Assert.All(demonstration.People.Select(person => person.Role).Append("invoice"), IsInTheDocuments);
        var drawn = IsUpdated ? demonstration.People : Draws.Of(demonstration.People, "pictures");
        foreach (var (persona, role, first) in drawn)
        {
            await using var visitor = await Chromium.Visit(demonstration.Address, new(false, false, true));
            await visitor.SignIn(persona);
            await visitor.Page.GotoAsync(first);
            await Keep(role, await visitor.Page.ScreenshotAsync(new() { FullPage = false }));
            if (role == "pi")
            {
                await Keep("invoice", await Invoice(visitor));
            }
        }
    }

    /// <summary>The first page of the newest invoice, as its PDF shows it.</summary>
    private static async Task<byte[]> Invoice(Visitor visitor)
    {
        var draw = Component.Find("poppler-utils", "/usr/bin/pdftoppm");
        await visitor.Page.GotoAsync("/invoices");
        await visitor.Page.Locator("table a[href^='/invoices/PI-']").First.ClickAsync();
        var answer = await visitor.Page.APIRequest.GetAsync($"{visitor.Page.Url}.pdf");
        var folder = Component.NewFolder();
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "invoice.pdf"), await answer.BodyAsync(), Ct);
            await Component.Run(
                draw, folder.FullName, "-png", "-singlefile", "-r", "80", "-f", "1", "-l", "1", "invoice.pdf", "page");
            return await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "page.png"), Ct);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsUpdated => Environment.GetEnvironmentVariable("UPDATE_PICTURES") == "1";

    private static void IsInTheDocuments(string name)
    {
        Assert.True(IsUpdated || File.Exists(Product.File($"docs/pictures/{name}.png")),
            $"docs/pictures/{name}.png is missing. Make it with UPDATE_PICTURES=1.");
        Assert.Contains(
            $"docs/pictures/{name}.png", File.ReadAllText(Product.File("README.md")), StringComparison.Ordinal);
    }

    private static async Task Keep(string name, byte[] picture)
    {
        Assert.True(picture.Length > 10_000, $"The picture of {name} is empty.");
        if (IsUpdated)
        {
            await File.WriteAllBytesAsync(Product.File($"docs/pictures/{name}.png"), picture, Ct);
        }
    }

    /// <summary>
    /// Looks at a page and at whatever it leads to, at a desk and on a phone, by day and in the dark: at each in one of
    /// these looks, at those that are built like no other in all of them in a long run, and at the first of a role in
    /// two. Of pages that differ only in what they show, at one.
    /// </summary>
    private async Task LookAround(Visitor visitor, string[] from, HashSet<string> seen, List<string> wrong)
    {
        var waiting = new Queue<string>(from);
        var taken = new HashSet<string>(from.Select(Kind));
        while (waiting.TryDequeue(out var path))
        {
            var looks = Draws.Of(Looks, Kind(path), few: path == from[0] ? 2 : 1);
            await visitor.Turn(looks[0]);
            var answer = await visitor.Page.GotoAsync(path);
            var here = new Uri(visitor.Page.Url).PathAndQuery;
            seen.Add(here.Split('?')[0]);
            if (answer!.Status >= 500 || (answer.Status >= 400 && path != "/no-such-page"))
            {
                wrong.Add($"{path} answers {answer.Status}");
            }

            if (here.StartsWith("/jobs/dashboard", StringComparison.Ordinal))
            {
                continue; // The library's own pages, for operators, in its own look.
            }

            // What is built like a page that another role saw is looked at once; whether it fits hangs on its words.
            var isNew = path == from[0] || _built.Add(await visitor.Page.Ask<string>(Built));
            wrong.AddRange((isNew ? await Axe.Run(visitor.Page) : []).Select(found => $"{path}, {looks[0]}: {found}"));
            await CheckFits(looks[0]);
            foreach (var look in looks.Skip(1))
            {
                await visitor.Turn(look);
                wrong.AddRange(
                    (isNew ? await Axe.RunAgain(visitor.Page) : []).Select(found => $"{path}, {look}: {found}"));
                await CheckFits(look);
            }

            if (looks.Count == 1)
            {
                await visitor.Turn(looks[0] with { IsPhone = !looks[0].IsPhone });
                await CheckFits(looks[0] with { IsPhone = !looks[0].IsPhone });
            }

            var links = await visitor.Page.Ask<string[]>(
                "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))");
            foreach (var link in links.Where(l => !NotPages.Any(n => l.Contains(n, StringComparison.Ordinal))))
            {
                var target = new Uri(new Uri(visitor.Page.Url), link).PathAndQuery;
                if (taken.Add(Kind(target)))
                {
                    waiting.Enqueue(target);
                }
            }

            async Task CheckFits(Look look)
            {
                if (!await visitor.Fits())
                {
                    wrong.Add($"{path} is wider than the screen: {look}.");
                }
            }
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>'/invoices/PI-2026-0001?page=2' is of the kind '/invoices/#'.</summary>
    private static string Kind(string path) => Named().Replace(path.Split('?')[0], "/#");

    /// <summary>Every route that answers with a page.</summary>
    private IEnumerable<string> Pages() =>
        from endpoint in ((IEndpointRouteBuilder)demonstration.App).DataSources.SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>()
        let methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        let route = endpoint.RoutePattern.RawText!
        where methods.Contains("GET") && endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null
        where !route.StartsWith("/v1/", StringComparison.Ordinal) && route != "/"
        where !route.EndsWith(".pdf", StringComparison.Ordinal) && !route.EndsWith(".csv", StringComparison.Ordinal)
        where !route.EndsWith(".zip", StringComparison.Ordinal) && !route.EndsWith(".json", StringComparison.Ordinal)
        where !route.EndsWith(".parquet", StringComparison.Ordinal)
        where !route.StartsWith("/issuer/logo/", StringComparison.Ordinal) // A picture, once an issuer has one.
        where !route.StartsWith("/pi/statements/{", StringComparison.Ordinal) // Of whoever sublets: no persona does.
        select route;

    private static bool Matches(string route, string path) =>
        Regex.IsMatch(path, $"^{Regex.Replace(Regex.Replace(
            Regex.Escape(route), @"/\\\{\\\*\\\*[^}]*}$", "(/.*)?"), @"\\\{[^}]*}", "[^/]+")}$");

    [GeneratedRegex(@"/[^/]*(\d|%)[^/]*")]
    private static partial Regex Named();
}
