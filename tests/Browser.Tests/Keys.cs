using System.Text.Json;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>Somebody without a pointer: all that is done is done with keys, and where the keys lead is seen.</summary>
internal sealed class Keys(Visitor visitor)
{
    /// <summary>What has the focus.</summary>
    /// <param name="Name">What it is called: its label, or what stands in it.</param>
    /// <param name="Place">Which of everything that can have the focus it is, counted from the top.</param>
    /// <param name="Shows">Whether it is seen to have the focus, and stands on the screen.</param>
    internal sealed record Focus(string Name, string Tag, int Place, bool Shows);

    private const string All =
        "[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]" +
        ".filter(e => e.type !== 'hidden' && e.checkVisibility())";

    public Task Press(string key) => visitor.Page.Keyboard.PressAsync(key);

    public Task Type(string text) => visitor.Page.Keyboard.TypeAsync(text);

    /// <summary>Goes on to the control of this name, which must be seen to have the focus, as all before it.</summary>
    public async Task<Focus> To(string name)
    {
        var passed = new List<string>();
        for (var steps = await Count() + 1; steps > 0; steps--)
        {
            await Press("Tab");
            if (await Here() is not { } here)
            {
                continue; // The end of the page: the browser's own controls come between.
            }

            Assert.True(here.Shows, $"{visitor.Page.Url}: nobody sees that '{here.Name}' ({here.Tag}) has the focus.");
            if (here.Name == name)
            {
                return here;
            }

            passed.Add(here.Name);
        }

        throw new InvalidOperationException(
            $"{visitor.Page.Url}: no key leads to '{name}', only to '{string.Join("', '", passed)}'.");
    }

    /// <summary>Goes to a link or button and presses it, and waits for the page that it leads to.</summary>
    public async Task Enter(string name, string key = "Enter")
    {
        await To(name);
        var loaded = new TaskCompletionSource();
        visitor.Page.Load += (_, _) => loaded.TrySetResult();
        await Press(key);
        await loaded.Task.WaitAsync(TimeSpan.FromSeconds(180), TestContext.Current.CancellationToken);
    }

    /// <summary>Writes into a field instead of what stood there: the focus selects it.</summary>
    public async Task Fill(string label, string text)
    {
        await To(label);
        await Press("Control+a");
        await Type(text);
    }

    /// <summary>
    /// Which controls the key leads to, one after the other, until it leaves the page or, as no bar of the browser's
    /// own lies between, begins with it again.
    /// </summary>
    public async Task<IReadOnlyList<int>> Walk(string key)
    {
        var places = new List<int>();
        for (var steps = await Count() + 1; steps > 0; steps--)
        {
            await Press(key);
            if (await Here() is not { } here || (places.Count > 0 && here.Place == places[0]))
            {
                return places;
            }

            Assert.True(here.Shows, $"{visitor.Page.Url}: nobody sees that '{here.Name}' ({here.Tag}) has the focus.");
            places.Add(here.Place);
        }

        throw new InvalidOperationException($"{visitor.Page.Url}: {key} is held on the page, at {places[^1]}.");
    }

    public Task<int> Count() => visitor.Page.Ask<int>($"{All}.length");

    /// <summary>What has the focus; null when nothing of the page has.</summary>
    public async Task<Focus?> Here() => JsonSerializer.Deserialize<Focus?>(await visitor.Page.Ask<string>($$"""
        () => {
          const e = document.activeElement;
          if (e === document.body) return 'null';
          const style = getComputedStyle(e), box = e.getBoundingClientRect();
          return JSON.stringify({
            Name: (e.labels?.[0] ?? e).textContent.trim().replace(/\s+/g, ' '),
            Tag: e.tagName,
            Place: {{All}}.indexOf(e),
            Shows: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && box.width > 0 &&
              box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
          });
        }
        """));
}
