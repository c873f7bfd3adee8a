using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>
/// What somebody does is a command, and the executor of commands notes it with what it did, and catches that others
/// were faster. Whoever notes by hand can forget to, and a crash between an act and its note leaves an act of nobody.
/// </summary>
public partial class AuditNotesStandInOnePlace
{
    /// <summary>What is no command of anybody, or cannot be one, and why.</summary>
    private static readonly Dictionary<string, string> Notes = new()
    {
        ["src/Portal/Commands/CommandExecutor.cs"] = "the one place",
        ["src/Portal/Backups/RestoreBackup.cs"] = "the exchange that would run it is made by it",
        ["src/Portal/Jobs/ClockWatch.cs"] = "nobody asked: the machine's clock was set",
        ["src/Portal/Jobs/Firing.cs"] = "nobody asked: how a run ended that a command began",
        ["src/Portal/Pages/SignIn.cs"] = "who asks is known only after it",
        ["src/Portal/Stripe/StripeEvents.cs"] = "Stripe tells; what it changes are commands",
        ["src/Portal/Web/Guards/AuthorizationResults.cs"] = "a refusal before there is a command",
        ["src/Portal/Web/Guards/SignInLimits.cs"] = "a refusal before there is a command",
        ["src/Portal/Web/JobDashboard.cs"] = "a look; its pages are another library's",
        ["src/Portal/Web/SigningIn/OpenIdConnectSetup.cs"] = "who asks is known only after it",
    };

    /// <summary>Who may catch that others were faster, and why the executor does not do it for them.</summary>
    private static readonly Dictionary<string, string> Catches = new()
    {
        ["src/Portal/Commands/CommandExecutor.cs"] = "the one place",
        ["src/Portal/Audit/AuditLog.cs"] = "what the executor notes with",
        ["src/Invoicing/Commands/UseCredit.cs"] = "the close uses credit of one account after another",
        ["src/Invoicing/Documents/KeepDocuments.cs"] = "a drawing that another server kept first is the same",
        ["src/Invoicing/Documents/KeepPartyDocuments.cs"] = "a drawing that another server kept first is the same",
        ["src/Metering/Lanes/LaneHeads.cs"] = "ends of lanes that another server sealed first may be the same",
        ["src/Invoicing/Settlements/Pseudonyms.cs"] = "a name that another server gave first is taken",
        ["src/Portal/Stripe/StripeEvents.cs"] = "Stripe tells; it hears that it is to tell it again",
    };

    [Fact]
    public void Only_the_executor_notes_what_somebody_did() => Assert.Equal(
        Notes.Keys.Order(StringComparer.Ordinal), With(Note()));

    [Fact]
    public void Only_the_executor_catches_that_others_were_faster() => Assert.Equal(
        Catches.Keys.Order(StringComparer.Ordinal), With(Catch()));

    private static IEnumerable<string> With(Regex what) =>
        Repository.Files("src", "*.cs").Where(file => what.IsMatch(Repository.Read(file)));

    [GeneratedRegex(@"\b[Aa]udit(Log>\(\))?\s*\.Note(Refusal)?\(|AuditLog>\(\)\.Note(Refusal)?\(")]
    private static partial Regex Note();

    [GeneratedRegex(@"catch \(ConflictException")]
    private static partial Regex Catch();
}
