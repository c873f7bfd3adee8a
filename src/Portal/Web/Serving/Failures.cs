using System.Text.RegularExpressions;
using Exchange.Portal.Costs;
using Exchange.Portal.Names;
using Npgsql;

namespace Exchange.Portal.Web;

/// <summary>
/// What went wrong while answering, told as a problem document: a refusal, the world, or our own fault.
/// </summary>
internal static partial class Failures
{
    /// <summary>The assembly that reads bodies off the network.</summary>
    private const string WebServer = "Microsoft.AspNetCore.Server.Kestrel.Core";

    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        try
        {
            await next(http);
            if (UnreadableRequest.IsAll(http))
            {
                await Problem.Of(UnreadableRequest.Of(http), StatusCodes.Status400BadRequest).ExecuteAsync(http);
            }
        }
        catch (Exception e) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            http.Response.Clear();
            SecurityHeaders.Set(http);
            await Tell(http, e, app.Logger).ExecuteAsync(http);
        }
    });

    private static IResult Tell(HttpContext http, Exception e, ILogger log)
    {
        switch (e)
        {
            case RefusedException { Refusal: var moving } when Metering.Meter.IsElsewhere(moving):
                http.Response.Headers.RetryAfter = "1";
                return Problem.Of(moving, StatusCodes.Status503ServiceUnavailable);
            case RefusedException { Refusal: var passing } when WorldFailure.IsOne(passing):
                return Later(http, passing);
            case RefusedException refused:
                var isOdd = NameKinds.IsUnknown(refused.Refusal) || CostQuery.IsOdd(refused.Refusal);
                return Problem.Of(refused.Refusal, isOdd
                    ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } large:
                return Problem.Of(new("request/too-large", $"{large.Message} Send less at once."), large.StatusCode);
            case BadHttpRequestException bad:
                return Problem.Of(new("request/malformed", Sentence(http, bad.Message)), bad.StatusCode);
            case IOException { Source: WebServer } bad: // No disk of ours: the body is not as whoever sends it says.
                return Problem.Of(
                    new("request/malformed", $"{bad.Message.TrimEnd('.')}. Send the body as its head says."),
                    StatusCodes.Status400BadRequest);
            case FormatException bad:
                return Problem.Of(new("request/malformed", bad.Message), StatusCodes.Status400BadRequest);
            case PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire }:
                return Problem.Of(
                    new("request/malformed", "A text holds a NUL, which no name here does. Leave it out."),
                    StatusCodes.Status400BadRequest);
        }

        if (WorldFailure.Of(e) is { } failure)
        {
            log.LogWarning(e, "{Failure}", failure);
            return Later(http, failure);
        }

        log.LogError(e, "A request failed.");
        return Problem.Of(
            new("bug", "The program itself failed; its log says where. Please report this."),
            StatusCodes.Status500InternalServerError);
    }

    /// <summary>What the program stands on fails, and whoever asks comes again.</summary>
    private static IResult Later(HttpContext http, Refusal failure)
    {
        http.Response.Headers.RetryAfter = failure.Code == WorldFailure.Busy ? "1" : "5";
        return Problem.Of(failure, StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>What the framework says of a parameter of ours, in the words of whoever sent it.</summary>
    private static string Sentence(HttpContext http, string message)
    {
        if (Parameter().Match(message) is not { Success: true } parameter)
        {
            return message;
        }

        var name = parameter.Groups["name"].Value;
        var like = (http.GetEndpoint()?.Metadata.GetMetadata<System.Reflection.MethodInfo>()?.GetParameters() ?? [])
            .Where(one => one.Name == name).Select(one => QueryValue.Like(one.ParameterType)).FirstOrDefault() ?? "";
        var described = http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase)
            ? " /openapi/v1.json says what it takes." : "";
        return parameter.Groups["sent"] is { Success: true, Value: var sent }
            ? $"'{name}' cannot be '{sent}'.{like}{described}"
            : $"'{name}' is missing.{like}{described}";
    }

    [GeneratedRegex(
        "^(Failed to bind|Required) parameter \"(?<type>[^ \"]*) ?(?<name>\\w+)\"( from \"(?<sent>.*)\"\\.)?")]
    private static partial Regex Parameter();
}
