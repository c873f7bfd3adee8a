namespace Exchange.Invoicing;

/// <summary>
/// What a part of a document is to whoever hears it read, by PDF's own names. Those from <see cref="H1"/> on hold text,
/// those before hold others.
/// </summary>
internal enum Tag { Document, Table, TR, H1, H2, P, TH, TD, Figure }

/// <summary>What a document is drawn on. Lengths are points of 1/72 inch, y counts from the top.</summary>
internal interface IPaper : IDisposable
{
    /// <summary>What is said until its end is of this part; what is said within no part that holds text is not read
    /// aloud: page numbers, and heads that stand again on each page.</summary>
    void Begin(Tag tag);

    void End();

    void Say(string text, double x, double y, double width, string font, Edge edge = Edge.Left);

    /// <summary>How high a text stands when it may be so wide.</summary>
    double HeightOf(string text, double width, string font, Edge edge = Edge.Left);

    void Grey(double shade);

    void Colour(double red, double green, double blue);

    void Rule(double x, double y, double width);

    void Box(double x, double y, double width, double height);

    /// <summary>Draws a PNG into a box, as large as it fits with its sides in proportion.</summary>
    /// <param name="alt">What is said of it to whoever does not see it.</param>
    /// <exception cref="RefusedException">It is no PNG that can be read.</exception>
    void Picture(byte[] png, string alt, double x, double y, double width, double height);

    void NextPage();

    /// <summary>Ends the document.</summary>
    byte[] Finish();
}

/// <summary>Saying a part of a document in one call.</summary>
internal static class Parts
{
    public static void Say(
        this IPaper paper, Tag tag, string text, (double X, double Y, double Width) at, string font,
        Edge edge = Edge.Left)
    {
        paper.Begin(tag);
        paper.Say(text, at.X, at.Y, at.Width, font, edge);
        paper.End();
    }
}
