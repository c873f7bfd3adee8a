namespace Exchange.Portal.Cli;

/// <summary>Examples of the verbs that are about service levels, agreements and leases.</summary>
internal static partial class Examples
{
    private static readonly Dictionary<string, string[]> OfMarket = new(StringComparer.Ordinal)
    {
        ["levels list"] = ["exchange levels list", "exchange levels list --landlord nerc --month 2026-10 --json"],
        ["levels publish"] = ["exchange levels publish --landlord nerc --service openstack --from 2027-01 " +
            "--step 99.9=10 --step 99=25 --step 95=100 --notice-days 3 --maintenance-hours 8"],
        ["agreements calendar"] = ["exchange agreements calendar"],
        ["agreements reserve"] = [
            "exchange agreements reserve --landlord nerc --cluster stack --sku \"OpenStack CPU\" " +
            "--project p-17 --count 40 --from 2027-01-10T00:00:00Z --until 2027-02-10T00:00:00Z --rate 0.010 " +
            "--for customer"],
        ["agreements commit"] = ["exchange agreements commit --landlord nerc --cluster stack --sku \"OpenStack CPU\" " +
            "--project p-17 --spend 500 --from 2027-01-01T00:00:00Z --until 2027-07-01T00:00:00Z --rate 0.011 " +
            "--for landlord"],
        ["agreements accept"] = ["exchange agreements accept R-7F3K2M9Q --for landlord"],
        ["agreements decline"] = [
            "exchange agreements decline R-7F3K2M9Q --for landlord --because \"the racks are full\""],
        ["agreements extend"] = [
            "exchange agreements extend R-7F3K2M9Q --for customer --until 2027-03-10T00:00:00Z",
            "exchange agreements extend Q-7F3K2M9Q --landlord nerc --for customer --until 2027-03-10T00:00:00Z"],
        ["agreements shorten"] = ["exchange agreements shorten R-7F3K2M9Q --for customer --from 2027-01-20T00:00:00Z"],
        ["agreements transfer"] = [
            "exchange agreements transfer R-7F3K2M9Q --for customer --project p-18 --from 2027-01-20T00:00:00Z"],
        ["agreements reprice"] = [
            "exchange agreements reprice R-7F3K2M9Q --for landlord --rate 0.009 --from 2027-01-20T00:00:00Z",
            "exchange agreements reprice Q-7F3K2M9Q --sku \"OpenStack CPU\" --for customer --rate 0.012 " +
            "--from 2027-01-20T00:00:00Z"],
        ["leases list"] = ["exchange leases list"],
        ["leases declare"] = ["exchange leases declare --landlord harvard --cluster bm --node N1 --node N2 " +
            "--from 2027-01-01T00:00:00Z --until 2027-07-01T00:00:00Z"],
        ["leases release"] = [
            "exchange leases release --landlord harvard --cluster bm --node N2 --from 2027-03-01T00:00:00Z"],
        ["leases offer"] = ["exchange leases offer --landlord harvard --cluster bm --node N1 --project p-mit " +
            "--from 2027-01-10T00:00:00Z --until 2027-02-10T00:00:00Z --per-hour 0.5 --notice-days 7 --for lessor",
            "exchange leases offer --landlord harvard --cluster bm --node N1 --project p-17 --parent L-7F3K2M9Q " +
            "--from 2027-01-12T00:00:00Z --until 2027-01-20T00:00:00Z --per-hour 0.8 --for lessor"],
        ["leases accept"] = ["exchange leases accept L-7F3K2M9Q --for lessee"],
        ["leases decline"] = ["exchange leases decline L-7F3K2M9Q --for lessee --because \"another was cheaper\""],
        ["leases extend"] = ["exchange leases extend L-7F3K2M9Q --for lessee --until 2027-03-10T00:00:00Z"],
        ["leases end"] = ["exchange leases end L-7F3K2M9Q --for lessee --from 2027-01-20T00:00:00Z"],
        ["leases transfer"] = [
            "exchange leases transfer L-7F3K2M9Q --for lessee --project p-18 --from 2027-01-20T00:00:00Z"],
        ["leases reprice"] = [
            "exchange leases reprice L-7F3K2M9Q --for lessee --per-hour 0.55 --from 2027-01-20T00:00:00Z"],
        ["leases reclaim"] = [
            "exchange leases reclaim L-7F3K2M9Q --from 2027-01-25T00:00:00Z --because \"a course begins\""],
        ["capacity list"] = [
            "exchange capacity list", "exchange capacity list --landlord harvard --at 2027-01-20T00:00:00Z"],
        ["capacity declare"] = ["exchange capacity declare --landlord harvard --cluster bm --node N3 " +
            "--from 2027-01-01T00:00:00Z --until 2027-07-01T00:00:00Z"],
        ["capacity release"] = [
            "exchange capacity release --landlord harvard --cluster bm --node N3 --from 2027-03-01T00:00:00Z"],
        ["bids open"] = ["exchange bids open --from 2027-01-09T00:00:00Z --until 2027-01-10T00:00:00Z " +
            "--closes-at 2027-01-08T12:00:00Z"],
        ["bids ask"] = ["exchange bids ask A-7F3K2M9Q --landlord harvard --cluster bm --node N1 --node N2 " +
            "--per-hour 0.30"],
        ["bids place"] = ["exchange bids place A-7F3K2M9Q --project p-17 --nodes 2 --per-hour 0.80"],
        ["bids withdraw"] = ["exchange bids withdraw A-7F3K2M9Q B-4C8N1XKE"],
        ["bids list"] = ["exchange bids list", "exchange bids list --json"],
        ["bids clear"] = ["exchange bids clear A-7F3K2M9Q"],
        ["mandates list"] = ["exchange mandates list", "exchange mandates list --landlord broker --json"],
        ["mandates give"] = ["exchange mandates give --pi ada@bu.edu --landlord broker",
            "exchange mandates give --pi ada@bu.edu --landlord broker --from 2027-01-01T00:00:00Z"],
        ["mandates withdraw"] = ["exchange mandates withdraw --pi ada@bu.edu --landlord broker"],
        ["peers key"] = ["exchange peers key", "exchange peers key --new"],
        ["peers rekey"] = ["exchange peers rekey mit --key 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= " +
            "--old-until 2027-02-01T00:00:00Z"],
        ["peers list"] = ["exchange peers list"],
        ["peers admit"] = ["exchange peers admit mit --known-as nerc --url https://exchange.mit.example.org " +
            "--key 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= --pi exchange@mit.edu --landlord mit --from 2026-10"],
        ["peers suspend"] = ["exchange peers suspend mit --because \"its key was stolen\""],
        ["peers months"] = ["exchange peers months mit"],
        ["peers draw"] = ["exchange peers draw mit --month 2026-10"],
        ["peers send"] = ["exchange peers send"],
        ["peers receive"] = ["exchange peers receive mit 2026-10.statement"],
        ["peers statement"] = ["exchange peers statement mit --month 2026-10"],
        ["peers differences"] = ["exchange peers differences mit --month 2026-10"],
        ["peers disputes"] = ["exchange peers disputes mit"],
        ["peers dispute"] = ["exchange peers dispute mit --month 2026-10 --project p-17 --line \"c1 GPU\" " +
            "--because \"an hour is missing here\""],
        ["peers answer-dispute"] = ["exchange peers answer-dispute mit 1 --because \"the hour is billed there\""],
        ["peers withdraw-dispute"] = ["exchange peers withdraw-dispute mit 1 --because \"the hour came late\""],
        ["peers settle"] = ["exchange peers settle mit --month 2026-10"],
    };
}
