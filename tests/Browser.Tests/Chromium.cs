using System.Text.RegularExpressions;
using Exchange.Testing;
using Microsoft.Playwright;

namespace Exchange.Browser.Tests;

/// <summary>How somebody looks at a page: how wide, in which colours, and whether scripts run.</summary>
public sealed record Look(bool IsPhone, bool IsDark, bool Scripts)
{
    internal int Width => IsPhone ? 375 : 1280;

    internal int Height => IsPhone ? 800 : 900;

    public override string ToString() =>
        $"{(IsPhone ? "phone" : "desktop")}, {(IsDark ? "dark" : "light")}, {(Scripts ? "" : "no ")}scripts";
}

/// <summary>
/// The distribution's Chromium, one for the test program; every visitor gets a profile of their own. Where the
/// distribution has one without windows of its own, that is taken: it does the same for less.
/// </summary>
internal static class Chromium
{
    private static readonly Lazy<Task<IBrowser>> One = new(Start);

    /// <summary>A new visitor with the look, who notes down every address that is asked for.</summary>
    public static async Task<Visitor> Visit(Uri server, Look look)
    {
        var browser = await One.Value;
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = server.ToString(),
            JavaScriptEnabled = look.Scripts,
            ColorScheme = look.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new() { Width = look.Width, Height = look.Height },
            IsMobile = look.IsPhone,
            HasTouch = look.IsPhone,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-US",
        });
        context.SetDefaultTimeout(180_000); // For what hangs: a machine may be busy with much else.
        return new(context, await context.NewPageAsync());
    }

    private static async Task<IBrowser> Start()
    {
        var program = Component.Find(
            "chromium", "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser");
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args =
            [
                "--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none",
                "--disable-gpu", // There is none: without this, programs for one are compiled and run by the processor.
            ],
        });
    }
}

/// <summary>Somebody at a browser.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _asked = [];
    private ICDPSession? _lens;

    public Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        context.Request += (_, request) => _asked.Add(request.Url);
    }

    public IPage Page { get; }

    /// <summary>Every address that the pages made the browser ask for.</summary>
    public IReadOnlyList<string> Asked => _asked;

    /// <summary>
    /// The page that is open turns to another look, as when a window is made narrow or the evening comes: nothing is
    /// loaded again.
    /// </summary>
    public async Task Turn(Look look)
    {
        _lens ??= await Page.Context.NewCDPSessionAsync(Page);
        await _lens.SendAsync("Emulation.setDeviceMetricsOverride", new()
        {
            ["width"] = look.Width,
            ["height"] = look.Height,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = look.IsPhone,
        });
        await Page.EmulateMediaAsync(new() { ColorScheme = look.IsDark ? ColorScheme.Dark : ColorScheme.Light });
    }

    /// <summary>Picks whom to be, as the demonstration offers.</summary>
    public async Task SignIn(string persona)
    {
        await Page.GotoAsync("/sign-in");
        await Page.Locator($"form:has(input[value=\"{persona}\"]) button").ClickAsync();
        await Page.Locator("form.who").WaitForAsync();
    }

    /// <summary>How many links were followed and buttons pressed since the first page.</summary>
    public int Clicks { get; private set; }

    /// <summary>Goes where a link with this text leads.</summary>
    public async Task Follow(string text)
    {
        Clicks++;
        await Page.GetByRole(AriaRole.Link, new() { Name = text, Exact = true }).First.ClickAsync();
    }

    /// <summary>The same of a link whose text is known in part.</summary>
    public async Task FollowLike(Regex text)
    {
        Clicks++;
        await Page.GetByRole(AriaRole.Link, new() { NameRegex = text }).First.ClickAsync();
    }

    public async Task Press(string button)
    {
        Clicks++;
        await Page.GetByRole(AriaRole.Button, new() { Name = button }).First.ClickAsync();
    }

    public async Task Type(string label, string text) =>
        await Page.GetByLabel(label, new() { Exact = true }).First.FillAsync(text);

    /// <summary>The text comes to stand on the page: what a button began may still be on its way.</summary>
    public Task Sees(string text) => Assertions.Expect(Page.Locator("main"))
        .ToContainTextAsync(text, new() { UseInnerText = true, Timeout = 60_000 });

    /// <summary>A page scrolls down, never sideways: wide tables scroll in a frame of their own.</summary>
    public Task<bool> Fits() => Page.Ask<bool>(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
