using Microsoft.AspNetCore.Mvc;

namespace Exchange.Portal.Web;

/// <summary>
/// How large the body of a request may be: a form's size, unless its route says more. Nothing is read of a body before
/// its route is known, and nothing of what needs somebody before that somebody is.
/// </summary>
internal static class BodySizes
{
    /// <summary>Enough for any form that is filled in by hand.</summary>
    public const int Usual = 64 << 10;

    /// <summary>A list or sheet that is pasted into a form, where a character may take three bytes.</summary>
    public const int Pasted = 4 << 20;

    /// <summary>A document that a program sends, and a little for what it says too much.</summary>
    public const int Document = (1 << 20) + (64 << 10);

    /// <summary>The route takes larger bodies than others do.</summary>
    public static RouteHandlerBuilder TakesUpTo(this RouteHandlerBuilder route, int bytes) =>
        route.WithMetadata(new RequestSizeLimitAttribute(bytes));
}
