using System.CommandLine;
using Exchange.Portal.Searching;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Cli;

/// <summary>exchange search — finds an invoice, project, PI, resource or SKU, as finance sees it.</summary>
internal static class SearchVerb
{
    public static Command Command()
    {
        var text = new Argument<string>("text")
        {
            Description = "A part of a name, an invoice number or its end, or all of a resource's name.",
        };
        var command = new Command("search", "Finds invoices, projects, PIs, resources and SKUs.") { text };
        command.Aliases.Add("find");
        return command.Does(async (verb, ct) =>
        {
            var asked = SearchText.Read(verb.Get(text));
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var viewer = new Viewer(Verb.By, "", Role.Finance);
            await using var view = new View(exchange.Views, viewer);
            var answer = await new Search(exchange, view, viewer, verb.Clock.GetCurrentInstant()).Run(asked, ct);
            return new(answer, terminal =>
            {
                terminal.Table(["kind", "name", "about", "page"], answer.Items.Select(hit =>
                    (IReadOnlyList<string>)[hit.Kind, hit.Name, hit.About, hit.Page]));
                if (answer.Items.Count == 0)
                {
                    terminal.Say($"Nothing is called '{answer.Text}'.");
                }
                else if (answer.IsCut)
                {
                    terminal.Say($"There is more than {Search.MaxOfAKind} of a kind. A longer text finds the rest.");
                }
            });
        });
    }
}
