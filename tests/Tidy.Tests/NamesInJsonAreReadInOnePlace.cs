using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>
/// Whether a name stands twice in an object is said by one rule of ours. The framework's own is set where the forms of
/// all JSON are, and its sentences are read nowhere.
/// </summary>
public class NamesInJsonAreReadInOnePlace
{
    private static readonly string[] Ways = ["AllowDuplicateProperties", "Duplicate property"];

    /// <summary>What is read without that rule: our own words, and what is looked at by it afterwards.</summary>
    private static readonly string[] Documents =
    [
        "src/Journal/EventText.cs", // What the database gives back; it keeps a name once.
        "src/Kernel/NamesInObjects.cs",
        "src/Kernel/Text.cs",
        "src/Metering/Bench/UsageLoad.cs",
        "src/Metering/Collectors/Live/BundleSpool.cs", // Whoever takes the bundle looks at each event.
        "src/Metering/Collectors/Live/FileDrop.cs", // Each event is looked at.
        "src/Metering/Collectors/Live/NotificationCollector.cs", // Each record is looked at.
        "src/Metering/Collectors/OpenStackNotification.cs", // The record inside is looked at.
        "src/Metering/Events/EventFile.cs", // Each event is looked at.
        "src/Metering/Events/EventParser.cs", // Each event is looked at.
        "src/Metering/Events/RawShapes.cs", // Each name of a shape is looked at.
        "src/Metering/Quarantine/ReadAgain.cs", // The event is looked at.
        "src/Metering/Usage/UsageCorrection.cs", // Our own words around what was looked at.
        "src/Metering/Usage/UsageEvent.cs", // What is packed in base64 is looked at beside the event.
        "src/Portal/Api/BinaryEvent.cs", // It becomes an event, which is looked at.
        "src/Portal/Bench/QuoteBench.cs",
        "src/Portal/Demo/UsageEvent.cs",
        "src/Portal/Web/Forms/ETag.cs", // Our own answer.
        "src/Portal/Web/Html/Show.cs", // What was set aside is shown and not read.
        "src/Portal/Web/SigningIn/IdTokenChecks.cs", // The token is looked at.
    ];

    [Fact]
    public void The_framework_s_own_check_is_set_with_the_forms_of_all_JSON() => Assert.Equal(
        ["src/Kernel/Text.cs", "src/Portal/Web/Serving/Server.cs"],
        Repository.Files("src", "*.cs").Where(file => Ways.Any(
            way => Repository.Read(file).Contains(way, StringComparison.Ordinal))).Order(StringComparer.Ordinal));

    [Fact]
    public void Documents_are_read_by_the_rule_or_are_looked_at_by_it() => Assert.Equal(
        Documents, Repository.Files("src", "*.cs").Where(file =>
            Repository.Read(file).Contains("JsonDocument.Parse", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}
