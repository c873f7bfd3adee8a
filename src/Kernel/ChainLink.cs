namespace Exchange;

/// <summary>How one of a numbered sequence fits those that are known.</summary>
public enum ChainFit
{
    /// <summary>It is not known, and contradicts none that is.</summary>
    New,

    /// <summary>It is known already, to the byte.</summary>
    Known,

    /// <summary>Its number was used for another.</summary>
    NumberUsedTwice,

    /// <summary>It and a neighbor do not name each other: one of them was replaced.</summary>
    Broken,
}

/// <summary>
/// One of a numbered sequence, each of which names the hash of the one before: a bundle of a meter, a statement of a
/// peer.
/// </summary>
public readonly record struct ChainLink(long Sequence, string Sha256, string? Previous)
{
    /// <summary>How it fits the known ones beside it, and which of them says so.</summary>
    public (ChainFit Fit, ChainLink Beside) Among(IEnumerable<ChainLink> known)
    {
        var fit = (ChainFit.New, this);
        foreach (var link in known)
        {
            if (link.Sequence == Sequence && link.Sha256 != Sha256)
            {
                return (ChainFit.NumberUsedTwice, link);
            }

            if (link.Sequence == Sequence)
            {
                fit = (ChainFit.Known, link);
            }
            else if ((link.Sequence == Sequence - 1 && link.Sha256 != Previous) ||
                (link.Sequence == Sequence + 1 && link.Previous != Sha256))
            {
                return (ChainFit.Broken, link);
            }
        }

        return fit;
    }
}
