namespace Exchange.Invoicing;

/// <summary>What a document is drawn on. Lengths are points of 1/72 inch, y counts from the top.</summary>
internal interface IPaper : IDisposable
{
    void Say(string text, double x, double y, double width, string font, Edge edge = Edge.Left);

    /// <summary>How high a text stands when it may be so wide.</summary>
    double HeightOf(string text, double width, string font, Edge edge = Edge.Left);

    void Grey(double shade);

    void Colour(double red, double green, double blue);

    void Rule(double x, double y, double width);

    void Box(double x, double y, double width, double height);

    /// <summary>Draws a PNG into a box, as large as it fits with its sides in proportion.</summary>
    void Picture(byte[] png, double x, double y, double width, double height);

    void NextPage();

    /// <summary>Ends the document.</summary>
    byte[] Finish();
}
