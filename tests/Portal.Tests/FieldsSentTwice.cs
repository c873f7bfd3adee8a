using Exchange.Portal.Web;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A field of a form that is sent twice says nothing. Seen before: both were put together, 1 and 250 to 1,250.</summary>
public class FieldsSentTwice
{
    [Fact]
    public void Are_no_amount_and_no_text_and_the_field_says_so()
    {
        var form = new Form(new Dictionary<string, StringValues>
        {
            ["amount"] = new(["1", "250.00"]),
            ["name"] = new(["a", "b"]),
            ["month"] = new(["2026-10", "2026-10"]),
            ["event"] = new(["a", "b"]),
        });
        Assert.Null(form.Amount("amount", "The amount"));
        Assert.Equal("", form.Line("name", "The name"));
        Assert.Null(form.Value<BillingMonth>("month", "The month"));
        Assert.All(["amount", "name", "month"], name =>
            Assert.Contains("sent twice", form.Wrong(name), StringComparison.Ordinal));
        Assert.False(form.IsRight);
        Assert.Equal(["a", "b"], form.All("event"));
        Assert.Null(form.Wrong("event"));
    }
}
