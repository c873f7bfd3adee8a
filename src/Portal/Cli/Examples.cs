using System.CommandLine;
using System.CommandLine.Help;

namespace Exchange.Portal.Cli;

/// <summary>What people type: every verb's help ends with lines that can be copied.</summary>
internal static partial class Examples
{
    private static readonly Dictionary<string, string[]> Lines = new(StringComparer.Ordinal)
    {
        [""] = ["exchange serve", "exchange keys list"],
        ["install"] = ["exchange install --dry-run", "exchange install --urls http://127.0.0.1:8080",
            "exchange install --user exchange --data /srv/exchange --no-start"],
        ["doctor"] = ["exchange doctor", "exchange doctor --json"],
        ["completion"] = ["exchange completion bash", "exchange completion zsh"],
        ["serve"] = ["exchange serve", "exchange serve --urls http://127.0.0.1:8080"],
        ["sign-in-link"] = ["exchange sign-in-link --as finance", "exchange sign-in-link --as landlord --of nerc"],
        ["bench ingest"] = ["exchange bench ingest", "exchange bench ingest --readings 200000 --duplicates 0.5 --json"],
        ["bench hours"] = ["exchange bench hours", "exchange bench hours --vms 100000 --hours 3 --json"],
        ["bench fold"] = ["exchange bench fold", "exchange bench fold --readings 1000000 --json"],
        ["bench queries"] = ["exchange bench queries", "exchange bench queries --readings 5000000 --requests 20 " +
            "--json"],
        ["bench export"] = ["exchange bench export", "exchange bench export --charges 100000 --json"],
        ["bench page"] = ["exchange bench page", "exchange bench page --charges 100000 --json"],
        ["bench soak"] = ["exchange bench soak", "exchange bench soak --seconds 60 --rate 50000 --kill-every 10"],
        ["stop"] = ["exchange stop", "exchange stop --data /srv/exchange"],
        ["ingest"] = ["exchange ingest usage.ndjson",
            "exchange ingest notifications.json --format openstack-notifications --landlord nerc --cluster stack",
            "exchange ingest yesterday.ndjson.gz today.ndjson"],
        ["collect run"] = ["exchange collect run", "exchange collect run prod-pods --collectors collectors.yaml"],
        ["collect pack"] = ["exchange collect pack --meter site-17 --key site-17.key --out spool hour.ndjson"],
        ["collect status"] = ["exchange collect status", "exchange collect status --json"],
        ["import nerc"] = [
            "exchange import nerc --month 2025-10 --services *.csv --coldfront coldfront.json --pi-ledger PI.csv",
            "exchange import nerc --month 2025-10 --services 'ocp-prod 2025-10.csv' 'NERC OpenStack 2025-10.csv' " +
                "--coldfront coldfront.json"],
        ["export"] = ["exchange export focus --month 2026-10 --out focus --focus 1.3 --as parquet",
            "exchange export journal --month 2026-10 --out journal --as workday --by posted",
            "exchange export nerc-service --month 2025-06 --cluster ocp-prod --out services --json"],
        ["savings list"] = ["exchange savings list --pi ada@bu.edu", "exchange savings list --pi ada@bu.edu --json"],
        ["savings dismiss"] =
            ["exchange savings dismiss idle-gpu:nerc/stack/p-17 --pi ada@bu.edu --because \"a course begins Monday\""],
        ["savings restore"] = ["exchange savings restore idle-gpu:nerc/stack/p-17 --pi ada@bu.edu"],
        ["costs"] = ["exchange costs --from 2026-08-01 --to 2026-11-01 --group-by sku",
            "exchange costs --from 2026-10 --to 2026-11 --group-by month project --pi ada@bu.edu --compare previous " +
                "--csv", "exchange costs --from 2026-10 --to 2026-11 --pi ada@bu.edu --why"],
        ["prices check"] = ["exchange prices check pricing/nerc/openstack/2025-06.yaml",
            "exchange prices check pricing/"],
        ["prices publish"] = ["exchange prices publish pricing/"],
        ["prices list"] = ["exchange prices list", "exchange prices list --json"],
        ["prices show"] = ["exchange prices show nerc", "exchange prices show nerc --at 2025-05-31T23:59:59Z"],
        ["prices simulate"] = ["exchange prices simulate new-prices.yaml --month 2026-10"],
        ["prices withdraw"] = ["exchange prices withdraw nerc/openstack/2027-01-01#1"],
        ["prices correct"] = ["exchange prices correct corrected.yaml --because \"a digit too many\""],
        ["prices corrections"] = ["exchange prices corrections"],
        ["prices accept"] = ["exchange prices accept nerc/openstack!1"],
        ["prices decline"] = ["exchange prices decline nerc/openstack!1 --because \"the contract says otherwise\""],
        ["prices notice"] = ["exchange prices notice", "exchange prices notice --days 30"],
        ["outages list"] = ["exchange outages list", "exchange outages list --landlord nerc --json"],
        ["outages add"] = ["exchange outages add --landlord nerc --name power-7 --cluster stack " +
            "--from 2026-11-20T02:00:00Z --until 2026-11-20T03:00:00Z --because \"a feed failed\""],
        ["outages withdraw"] =
            ["exchange outages withdraw --landlord nerc --name power-7 --because \"it was the neighbor's\""],
        ["prices compare"] = ["exchange prices compare", "exchange prices compare --month 2026-10",
            "exchange prices compare pricing/nerc/openstack/2025-06.yaml"],
        ["bench quote"] = ["exchange bench quote", "exchange bench quote --segments 0 --json"],
        ["quotes elsewhere"] = ["exchange quotes elsewhere --month 2026-10 --project p-17 --at stora"],
        ["bench rate"] = ["exchange bench rate", "exchange bench rate --segments 300000 --projects 2000 --json"],
        ["quote"] = ["exchange quote --vcpu 4 --ram 16 --storage 500 --egress 200",
            "exchange quote --machines 8 --gpus 1 --gpu a100 --vcpu 24 --ram 74 --hours 100 --json",
            "exchange quote --vcpu 4 --ram 16 --project p-17 --save --valid-days 30 --landlord nerc"],
        ["offers list"] = ["exchange offers list", "exchange offers list --landlord nerc --search GPU --json"],
        ["offers draft"] = [
            "exchange offers draft nerc openstack \"OpenStack CPU\" --institution \"Boston University\" --approval",
            "exchange offers draft nerc openstack \"OpenStack CPU\" --capacity 4096 --level \"99.9 % a month\""],
        ["offers publish"] = ["exchange offers publish nerc openstack \"OpenStack CPU\""],
        ["offers pause"] = [
            "exchange offers pause nerc openstack \"OpenStack CPU\" --because \"new racks come in May\""],
        ["offers retire"] = [
            "exchange offers retire nerc openstack \"OpenStack CPU\" --because \"see OpenStack CPU 2\""],
        ["offers check"] = ["exchange offers check nerc openstack \"OpenStack CPU\" --project p-17 --json"],
        ["orders list"] = ["exchange orders list", "exchange orders list --landlord nerc --json"],
        ["orders place"] = ["exchange orders place Q-7F3K2M9Q", "exchange orders place Q-7F3K2M9Q --part 2"],
        ["orders approve"] = ["exchange orders approve O-7F3K2M9Q --for landlord"],
        ["orders reject"] = ["exchange orders reject O-7F3K2M9Q --for payer --because \"no money is left\""],
        ["orders cancel"] = ["exchange orders cancel O-7F3K2M9Q --because \"the group has moved\""],
        ["orders fulfill"] = ["exchange orders fulfill O-7F3K2M9Q --reference lease-17"],
        ["quotes list"] = ["exchange quotes list", "exchange quotes list --project p-17 --json"],
        ["quotes show"] = ["exchange quotes show Q-7F3K2M9Q"],
        ["quotes accept"] = ["exchange quotes accept Q-7F3K2M9Q"],
        ["agreements list"] = ["exchange agreements list", "exchange agreements list --landlord nerc"],
        ["agreements end"] = ["exchange agreements end Q-7F3K2M9Q",
            "exchange agreements end Q-7F3K2M9Q --from 2026-12-15"],
        ["rate"] = ["exchange rate --month 2026-10", "exchange rate --month 2026-10 --landlord nerc --json",
            "exchange rate --month 2025-06 --policies nerc-compatible --project proj-28",
            "exchange rate --month 2026-10 --compare"],
        ["demo"] = ["exchange demo", "exchange demo --once", "exchange demo --year --data .exchange-year"],
        ["close"] = ["exchange close --month 2026-10", "exchange close --month 2026-10 --commit"],
        ["bench close"] = ["exchange bench close --projects 10000 --json", "exchange bench close --months 24 --json"],
        ["programs list"] = ["exchange programs list"],
        ["programs versions"] = ["exchange programs versions nerc-bu-subsidy",
            "exchange programs versions nerc-bu-subsidy --as-of 2026-10-01"],
        ["programs publish"] = ["exchange programs publish --dry-run",
            "exchange programs publish pricing/programmes/nerc-bu-subsidy.yaml --from 2026-12"],
        ["programs withdraw"] = ["exchange programs withdraw nerc-new-pi-credit --from 2026-12"],
        ["directory list"] = ["exchange directory list", "exchange directory list --json"],
        ["directory show"] = ["exchange directory show \"Boston University\""],
        ["directory publish"] = ["exchange directory publish --dry-run",
            "exchange directory publish pricing/institutions.yaml --from 2026-12"],
        ["directory withdraw"] = ["exchange directory withdraw Photrek --from 2026-12"],
        ["directory opening"] = ["exchange directory opening billed-before.csv"],
        ["directory bill"] = ["exchange directory bill cluster:ocp-test --from 2026-12"],
        ["directory affiliate"] =
            ["exchange directory affiliate ada@gmail.com --institution \"Boston University\" --from 2026-12-01"],
        ["landlords list"] = ["exchange landlords list", "exchange landlords list --as-of 2026-10-01"],
        ["landlords show"] = ["exchange landlords show nerc"],
        ["landlords publish"] = ["exchange landlords publish --dry-run",
            "exchange landlords publish pricing/landlords.yaml --from 2026-12"],
        ["landlords withdraw"] = ["exchange landlords withdraw gatefarm --from 2026-12"],
        ["programs show"] = ["exchange programs show nerc-bu-subsidy --month 2026-10"],
        ["programs enroll"] = ["exchange programs enroll nerc-bu-subsidy --pi ada@example.org --from 2026-10"],
        ["programs cap"] =
            ["exchange programs cap nerc-bu-subsidy --pi ada@bu.edu --amount \"50.00 USD\" --from 2026-10"],
        ["programs suspend"] = ["exchange programs suspend nerc-bu-subsidy --pi ada@bu.edu --from 2026-10"],
        ["programs resume"] = ["exchange programs resume nerc-bu-subsidy --pi ada@bu.edu --from 2026-12"],
        ["programs free"] =
            ["exchange programs free nerc-free-skus --pi ada@bu.edu --sku \"OpenStack CPU\" --from 2026-10"],
        ["invoices list"] = ["exchange invoices list", "exchange invoices list --month 2026-10 --json"],
        ["invoices parties"] = ["exchange invoices parties --month 2026-10"],
        ["jobs list"] = ["exchange jobs list", "exchange jobs list --json"],
        ["jobs run"] = ["exchange jobs run rating"],
        ["stripe push"] = ["exchange stripe push", "exchange stripe push --json"],
        ["stripe replay"] = ["exchange stripe replay"],
        ["stripe status"] = ["exchange stripe status", "exchange stripe status --json"],
        ["stripe refund"] = [
            "exchange stripe refund PI-2026-0001 --reference mistake-1 --amount \"12.34 USD\""],
        ["prepaid list"] = ["exchange prepaid list", "exchange prepaid list --json"],
        ["prepaid open"] = ["exchange prepaid open Genomes --contact ada@bu.edu"],
        ["prepaid pay"] = ["exchange prepaid pay Genomes --amount \"5000.00 USD\" --reference wire-7 --from 2026-10"],
        ["prepaid cover"] = ["exchange prepaid cover Genomes --project genomes --from 2026-10 --until 2027-01"],
        ["invoices show"] = ["exchange invoices show PI-2026-0001"],
        ["invoices pdf"] = ["exchange invoices pdf PI-2026-0001 --out invoice.pdf"],
        ["invoices pay"] = ["exchange invoices pay PI-2026-0001 --reference wire-17 --amount \"57.52 USD\""],
        ["invoices refund"] = ["exchange invoices refund PI-2026-0001 --reference wire-18 --amount \"57.52 USD\""],
        ["invoices credit"] =
            ["exchange invoices credit PI-2026-0001 --amount \"12.00 USD\" --because \"a node was slow\""],
        ["invoices void"] = ["exchange invoices void PI-2026-0001 --because \"billed to the wrong PI\"",
            "exchange invoices void IN-2026-0001 --reissue --because \"the wrong code\""],
        ["explain"] = ["exchange explain PI-2026-0001", "exchange explain PI-2026-0001#2"],
        ["backup"] = ["exchange backup /srv/backups --recipient-file backup.pub",
            "exchange backup friday.backup --passphrase-file words"],
        ["restore"] = ["exchange restore friday.backup --passphrase-file words --data /srv/again",
            "exchange restore friday.backup --key-file backup.key --data /srv/again"],
        ["verify"] = [
            "exchange verify", "exchange verify --rate 2026-10", "exchange verify --head kept/close-2026-10.json",
        ],
        ["replay"] = ["exchange replay"],
        ["projects import"] = ["exchange projects import coldfront.json", "exchange projects import projects.csv"],
        ["projects list"] = ["exchange projects list"],
        ["projects merge"] = ["exchange projects merge ada@bu.edu ada@gmail.com"],
        ["correct"] = [
            "exchange correct a1b2 --landlord nerc --source urn:nerc:stack --reason sent-by-a-test",
            "exchange correct a1b2 --landlord nerc --source urn:nerc:stack --reason half-the-size --with right.json",
            "exchange correct --landlord nerc --source urn:nerc:stack --from 2026-10-01 --to 2026-10-02 " +
                "--reason collected-again --with day.ndjson"],
        ["sources list"] = ["exchange sources list", "exchange sources list --silent --json"],
        ["sources twice"] = ["exchange sources twice --month 2026-10"],
        ["sources expect"] = ["exchange sources expect nerc/key:0f3a9c1d/urn:nerc:stack --every 1h",
            "exchange sources expect nerc/files/urn:nerc:old --every never"],
        ["collect again"] =
            ["exchange collect again pods --from 2026-10-01 --to 2026-10-02 --reason labels-were-wrong"],
        ["quarantine list"] = ["exchange quarantine list", "exchange quarantine list --all --json"],
        ["quarantine release"] = ["exchange quarantine release 0f3a9c1d2e4b5a67",
            "exchange quarantine release 0f3a9c1d2e4b5a67 --with corrected.json"],
        ["quarantine correct"] =
            ["exchange quarantine correct 0f3a9c1d2e4b5a67 --reason half-the-size"],
        ["quarantine discard"] =
            ["exchange quarantine discard 0f3a9c1d2e4b5a67 --because sent-by-a-test"],
        ["keys create"] = ["exchange keys create --name stack-collector --landlord nerc --scope usage",
            "exchange keys create --name warehouse --landlord '*' --scope read --json",
            "exchange keys create --name coldfront --institution \"Boston University\" --scope read"],
        ["keys list"] = ["exchange keys list"],
        ["keys revoke"] = ["exchange keys revoke k7f3a09c1d2e4"],
        ["webhooks add"] = ["exchange webhooks add --url https://books.example.org/exchange",
            "exchange webhooks add --url https://cloud.example.org/told --landlord nerc --event price-published"],
        ["webhooks list"] = ["exchange webhooks list"],
        ["webhooks remove"] = ["exchange webhooks remove w7f3a09c1d2e4"],
        ["webhooks log"] = ["exchange webhooks log w7f3a09c1d2e4"],
        ["webhooks replay"] = ["exchange webhooks replay w7f3a09c1d2e4 --after 4711"],
    };

    public static void AddTo(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public static IReadOnlyList<string> Of(Command command)
    {
        var words = new List<string>();
        for (var at = command; at is not RootCommand; at = (Command)at.Parents.First())
        {
            words.Insert(0, at.Name);
        }

        var verb = string.Join(' ', words);
        return Lines.GetValueOrDefault(verb) ?? OfMarket.GetValueOrDefault(verb) ??
            OfFinance.GetValueOrDefault(verb) ?? OfAwards.GetValueOrDefault(verb, []);
    }
}
