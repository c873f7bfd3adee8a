using System.Reflection;
using Xunit.v3;

namespace Exchange.Testing;

/// <summary>The databases that a test asked for go when it is over: each test program has this.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class ThrowsDatabasesAwayAttribute : BeforeAfterTestAttribute
{
    /// <inheritdoc />
    public override void After(MethodInfo methodUnderTest, IXunitTest test) => TestDatabase.End(test);
}
