using Exchange.Invoicing.Exports;
using Exchange.Portal.Exports;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using Microsoft.AspNetCore.Mvc;

namespace Exchange.Portal.Api;

/// <summary>
/// GET /v1/exports/REPORT?month= — a report as 'exchange export' writes it: one file as it is, several as a zip.
/// </summary>
internal static class GetExport
{
    /// <summary>Reports that hold one landlord's part alone when asked for it.</summary>
    private static readonly string[] ByLandlord = ["focus", "charges", "settlement"];

    /// <summary>Of what a report is asked for, and how it is to look.</summary>
    internal sealed record ExportParameters
    {
        [FromQuery(Name = "cluster")]
        public ClusterId? Cluster { get; init; }

        [FromQuery(Name = "landlord")]
        public LandlordId? Landlord { get; init; }

        [FromQuery(Name = "policies")]
        public string? Policies { get; init; }

        [FromQuery(Name = "focus")]
        public string? Focus { get; init; }

        [FromQuery(Name = "as")]
        public string? As { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/exports/{report}", Get).ReadsFile(
        "GetExport", "A report of a month: one file as it is, several as a zip.", "application/octet-stream");

    private static async Task<IResult> Get(
        HttpContext http, Composition exchange, string report, BillingMonth month,
        [AsParameters] ExportParameters asked, CancellationToken ct)
    {
        if (LandlordScope.Of(http, asked.Landlord) is not { } reach ||
            (!ReadRoute.IsForAll(http) && !ByLandlord.Contains(report)))
        {
            return new LandlordScope.Refused();
        }

        if (Report.All.FirstOrDefault(r => r.Name == report) is not { } known)
        {
            return Problem.Of(new(
                "request/no-such-report",
                $"There is no report '{report}'. There are: " +
                $"{string.Join(", ", Report.All.Select(r => r.Name))}."), 400);
        }

        if (asked.Policies is not (null or Policies.Corrected or Policies.NercCompatible))
        {
            return Problem.Of(new(
                "request/malformed", $"'policies' is '{Policies.Corrected}' or '{Policies.NercCompatible}'."), 400);
        }

        if (FormOf(report, asked.Focus, asked.As) is not { } version)
        {
            return Problem.Of(new(
                "request/malformed",
                $"'focus' is {string.Join(" or ", FocusVersions.Names)} and 'as' is csv or parquet, both of the " +
                "report 'focus' alone."), 400);
        }

        return await Files(known, directory => new(
            exchange, month, directory, asked.Cluster, reach.Landlord, asked.Policies ?? Policies.Corrected)
        {
            Focus = version,
            AsParquet = asked.As == "parquet",
        }, $"{report}-{month}", ct);
    }

    private static async Task<IResult> Files(
        Report report, Func<string, Asked> asked, string name, CancellationToken ct)
    {
        var directory = Directory.CreateTempSubdirectory("exchange-export-");
        try
        {
            await report.Write(asked(directory.FullName), ct);
            return await Pack(directory, name, ct);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The version of FOCUS that is asked for; null where the report has no such form.</summary>
    private static FocusVersion? FormOf(string report, string? focus, string? form) =>
        form is not (null or "csv" or "parquet") ||
        (report != "focus" && (form is "parquet" || focus is not (null or FocusVersions.Default)))
            ? null
            : FocusVersions.Named(focus ?? FocusVersions.Default);

    private static async Task<IResult> Pack(DirectoryInfo directory, string name, CancellationToken ct)
    {
        var files = directory.GetFiles("*", SearchOption.AllDirectories);
        if (files is [var only])
        {
            return Results.Stream(only.OpenRead(), TypeOf(only.Extension), only.Name);
        }

        return await Zipped.Of(directory, name, ct);
    }

    private static string TypeOf(string extension) => extension switch
    {
        ".csv" => "text/csv; charset=utf-8",
        ".zip" => "application/zip",
        ".parquet" => "application/vnd.apache.parquet",
        _ => "text/plain; charset=utf-8",
    };
}
