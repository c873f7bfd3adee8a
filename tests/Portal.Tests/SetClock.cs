using NodaTime;

namespace Exchange.Portal.Tests;

/// <summary>A clock that a test sets.</summary>
internal sealed class SetClock : IClock
{
    public Instant Now { get; set; }

    public Instant GetCurrentInstant() => Now;
}
