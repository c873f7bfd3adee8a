using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What promises to be done within a minute is tried while no other test of this program runs.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
