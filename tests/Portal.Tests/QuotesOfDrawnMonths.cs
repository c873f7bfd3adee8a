using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Drawn: who answers for projects and when they change hands, groups, caps, months that are closed, left open,
/// corrected or billed late, and invoices that are issued again. What funds are told to pay of a plan is what the
/// closes take with it, less what the same closes take without it, to the cent.
/// </summary>
public class QuotesOfDrawnMonths
{
    private static readonly BillingMonth September = new(2026, 9);
    private static readonly HashSet<string> Accepted = ["close/parked", "close/earlier-open"];
    private static readonly string[] Pis = ["ada@bu.edu", "ben@mit.edu", "cat@harvard.edu", "dan@bu.edu", "old@bu.edu"];

    [Fact]
    public async Task A_plan_after_funds_is_what_closes_take_with_it_less_what_they_take_without()
    {
        var clock = new SetClock { Now = September.Start };
        string empty;
        await using (var serving = await UsedMonth.Empty(clock))
        {
            empty = serving.Exchange.Place.Database!;
        }

        foreach (var seed in Draws.Seeds(few: 3, many: 60))
        {
            var play = new Play(new(seed), new SetClock { Now = September.Start });
            var with = await TestDatabase.Copy(empty);
            await play.Happen(with);
            var without = await TestDatabase.Copy(with);
            var (told, taken) = await play.Use(with);
            var before = await play.Leave(without);
            Assert.Equal(
                string.Join(", ", Words(taken.Keys.Union(before.Keys).Select(fund => (
                    fund, taken.GetValueOrDefault(fund) - before.GetValueOrDefault(fund))))),
                string.Join(", ", Words(told.Funds.GroupBy(one => one.Fund).Select(same => (
                    same.Key, Money.Sum(same.Select(one => one.Amount))))).DefaultIfEmpty("")));
        }

        IEnumerable<string> Words(IEnumerable<(string Fund, Money Amount)> paid) => paid
            .Where(of => !of.Amount.IsZero).Select(of => $"{of.Fund} {of.Amount}").Order(StringComparer.Ordinal);
    }

    /// <summary>One history and a plan, which is used in one database and left in another.</summary>
    private sealed class Play(Random draw, SetClock clock)
    {
        private int _events;
        private string _project = "";
        private Instant _now;
        private List<(BillingMonth Month, int Vcpu)> _plan = [];

        /// <summary>What happens before somebody asks.</summary>
        public async Task Happen(string database)
        {
            await using var serving = await Serving.Start(clock, database: database);
            await Own(serving);
            await Grant(serving);
            await UseSome(serving, September, 2);
            await UseSome(serving, September.Next, 2);
            if (draw.Next(4) > 0)
            {
                await Close(serving, September);
            }

            await Close(serving, September.Next);
            await UseSome(serving, September.Next, draw.Next(3));
            await IssueAgain(serving);
            await UseSome(serving, September.Plus(2), draw.Next(4));
            if (draw.Next(2) == 0)
            {
                await Close(serving, September.Plus(draw.Next(3) == 0 ? 3 : 2)); // November may be left out.
                await UseSome(serving, September.Next, draw.Next(3));
                await UseSome(serving, September.Plus(3), draw.Next(4));
            }

            await Merge(serving);
            (_project, _now) = ($"p-{draw.Next(5)}", clock.Now);
            _plan =
            [
                .. Enumerable.Range(1, 4).Where(_ => draw.Next(2) == 0).DefaultIfEmpty(3)
                    .Select(after => (September.Plus(after), 1 + draw.Next(400))),
            ];
        }

        /// <summary>What is told of the plan, and what is taken once exactly that was used.</summary>
        public async Task<(PlanAfterFunds Told, Dictionary<string, Money> Taken)> Use(string database)
        {
            await using var serving = await Serving.Start(clock, database: database);
            await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
            var funds = await FundsOfPlans.Read(serving.Exchange, null, Serving.Ct);
            var told = (await funds.Of(_plan.Select(Planned), new(_project), _plan[0].Month.Start, Serving.Ct))!;
            foreach (var (month, vcpu) in _plan)
            {
                await Use(serving, month, (_project, vcpu));
            }

            return (told, await CloseAll(serving));
        }

        /// <summary>What is taken of the same months if nothing of the plan was used.</summary>
        public async Task<Dictionary<string, Money>> Leave(string database)
        {
            clock.Now = _now;
            await using var serving = await Serving.Start(clock, database: database);
            return await CloseAll(serving);
        }

        private async Task Own(Serving serving)
        {
            var told = new List<string>();
            for (var n = 0; n < 5; n++)
            {
                told.Add($"stack,p-{n},Lab {n},{Pis[draw.Next(Pis.Length)]},2026-01-01T00:00:00Z");
                if (draw.Next(3) == 0)
                {
                    told.Add($"stack,p-{n},Lab {n},{Pis[draw.Next(Pis.Length)]}," +
                        Text.Of(September.Plus(1 + draw.Next(3)).Start));
                }
            }

            await ImportProjects.Run(
                serving.Exchange.Journal, string.Join('\n', told.Prepend("cluster,project,name,pi,from")),
                "projects.csv", "test", clock.Now, Serving.Ct);
        }

        private async Task Grant(Serving serving)
        {
            await serving.Exchange.Journal.Decide(Fund.Fold, "nerc-bu-subsidy", fund => Fund.Cap(
                fund, new(Pis[draw.Next(Pis.Length)]), new(draw.Next(40_000)), September, "test", clock.Now),
                Serving.Ct);
            var groups = new List<PrepaidEvent>();
            foreach (var name in (string[])["first", "second"])
            {
                groups.Add(new PrepaidEvent.Opened(name, "lab@bu.edu", "me", clock.Now));
                groups.Add(new PrepaidEvent.PaidIn(
                    name, name, new(1 + draw.Next(200_000)), September.Plus(draw.Next(3)), "me", clock.Now));
            }

            for (var n = 0; n < 5; n++)
            {
                if (draw.Next(3) is < 2 and var which)
                {
                    groups.Add(new PrepaidEvent.Covered(
                        which == 0 ? "first" : "second", $"p-{n}", September.Plus(draw.Next(3)), null, "me",
                        clock.Now));
                }
            }

            await serving.Exchange.Journal.Append(
                [StreamAppend.Of<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), 0, [.. groups])],
                Serving.Ct);
        }

        private async Task IssueAgain(Serving serving)
        {
            await serving.Exchange.Projections.CatchUp(Serving.Ct);
            var all = await InvoiceList.Run(serving.Exchange.Database, new(September.Next), Serving.Ct);
            if (draw.Next(2) == 0 && all.Count > 0)
            {
                // It is refused where an institution pays.
                await Typed.Line(
                    $"invoices void {all[draw.Next(all.Count)].Number} --reissue --because name",
                    serving.Exchange.Place.Database, clock: clock);
            }
        }

        private async Task Merge(Serving serving)
        {
            if (draw.Next(2) == 0)
            {
                await serving.Exchange.Journal.Decide(ProjectDirectory.Fold, ProjectDirectory.Id, directory =>
                    ProjectDirectory.Merge(directory, new(Pis[0]), new(Pis[4]), "me", clock.Now), Serving.Ct);
            }
        }

        private Task UseSome(Serving serving, BillingMonth month, int of) => Use(
            serving, month,
            [.. Enumerable.Range(0, 5).Where(_ => draw.Next(3) < of).Select(n => ($"p-{n}", 1 + draw.Next(300)))]);

        private async Task Use(Serving serving, BillingMonth month, params (string Project, int Vcpu)[] servers)
        {
            clock.Now = Instant.Max(clock.Now, month.Start + Duration.FromDays(11));
            if (servers.Length == 0)
            {
                return;
            }

            using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
            using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
                string.Concat(servers.Select(of => UsedMonth.Event($"vm-{_events++}", of.Project, of.Vcpu)
                    .Replace("2026-10-", $"{month}-", StringComparison.Ordinal))), "application/x-ndjson"), Serving.Ct);
            Assert.Contains(
                "\"quarantined\":0", await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        private async Task Close(Serving serving, BillingMonth month)
        {
            clock.Now = Instant.Max(clock.Now, month.End + Duration.FromDays(4));
            await CloseMonth.Commit(
                serving.Exchange.Sources, month, Policies.Corrected, Accepted, "test", clock.Now, Serving.Ct);
        }

        /// <summary>What funds pay of the PIs' usage of the months of the plan, once these are closed.</summary>
        private async Task<Dictionary<string, Money>> CloseAll(Serving serving)
        {
            var exchange = serving.Exchange;
            var months = await exchange.Kept.State(Invoicing.Kept.Months.Fold, Invoicing.Kept.Months.Id, Serving.Ct);
            var last = months.Last!.Value.Next;
            for (var month = last; month <= (_plan[^1].Month > last ? _plan[^1].Month : last); month = month.Next)
            {
                await Close(serving, month);
            }

            await exchange.Projections.CatchUp(Serving.Ct);
            var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, Serving.Ct);
            var owners = new Attribution(directory, exchange.Institutions, exchange.Facts.Billability);
            var paid = new Dictionary<string, Money>(StringComparer.Ordinal);
            foreach (var (month, _) in _plan)
            {
                var pi = owners.Of(new("stack"), new(_project), month.Start).Pi!.Value;
                var billed = await BilledLines.Of(exchange.Database, month, Serving.Ct);
                foreach (var share in billed.Following(directory.PiOf)[new(pi)].SelectMany(line => line.Funds))
                {
                    paid[share.Fund] = paid.GetValueOrDefault(share.Fund) + share.Amount;
                }
            }

            return paid;
        }

        /// <summary>A vCPU is a service unit of 0.013 an hour, for 240 hours.</summary>
        private Charge Planned((BillingMonth Month, int Vcpu) plan) => new()
        {
            Month = plan.Month,
            Period = plan.Month.Period,
            Landlord = new("nerc"),
            Service = "openstack",
            Cluster = new("stack"),
            Project = new(_project),
            Sku = new("OpenStack CPU"),
            Quantity = new(plan.Vcpu * 240, new("SU-hour")),
            Rate = new(0.013m, new("SU-hour")),
            Amount = new(plan.Vcpu * 312),
            Sheet = "nerc/openstack/2025-06-01#1",
            Policies = Policies.Corrected,
        };
    }
}
