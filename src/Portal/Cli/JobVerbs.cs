using System.CommandLine;
using Exchange.Portal.Jobs;

namespace Exchange.Portal.Cli;

/// <summary>exchange jobs list | run — what is done by itself, and how it went.</summary>
internal static class JobVerbs
{
    public static Command Command() => new("jobs", "Shows jobs and their runs, and runs one now.")
    {
        List(), RunOne(),
    };

    private static Command List() => new Command("list", "Lists the jobs with their last results.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await using var connection = await exchange.Database.OpenConnectionAsync(ct);
            var rows = await JobList.Run(connection, AllJobs.Of(JobSettings.Here()), ct);
            return new(rows, terminal => terminal.Table(
                ["job", "schedule (UTC)", "state", "due", "ended", "what it said"],
                rows.Select(r => (IReadOnlyList<string>)[
                    r.Name, r.Schedule ?? "by hand or off", r.State, r.Due is { } due ? Exchange.Text.Of(due) : "",
                    r.EndedAt is { } at ? Exchange.Text.Of(at) : "", r.Said])));
        });

    private static Command RunOne()
    {
        var name = new Argument<string>("job") { Description = "The job, as 'exchange jobs list' names it." };
        return new Command("run", "Runs a job now, whatever its schedule.") { name }.Does(async (verb, ct) =>
        {
            var job = AllJobs.Named(AllJobs.Of(JobSettings.Here()), verb.Get(name));
            if (job.NotHere is { } off)
            {
                throw new RefusedException(off); // Nothing was run, so no run is noted.
            }

            await using var exchange = await verb.Open(ct);
            var outcome = await verb.Terminal.Progress(
                $"Running {job.Name} …", _ => RunJob.Run(exchange, job, verb.Clock.GetCurrentInstant(), ct));
            return outcome is null
                ? new(
                    new { job = job.Name, ran = false }, terminal => terminal.Say(
                        $"Another server runs '{job.Name}' now. 'exchange jobs list' shows how far it is."),
                    ExitCode.Refused)
                : new(
                    new { job = job.Name, ran = true, outcome.IsDone, outcome.Said },
                    terminal => terminal.Say(outcome.Said), outcome.IsDone ? ExitCode.Done : ExitCode.Refused);
        });
    }
}
