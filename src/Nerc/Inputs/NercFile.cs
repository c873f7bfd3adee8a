namespace Exchange.Nerc;

/// <summary>What a file is to NERC's pipeline. The names are stored for ever.</summary>
public enum NercRole
{
    /// <summary>A service invoice: rated lines. There are several, and their order counts.</summary>
    Service,
    ColdFront,
    PiLedger,
    Aliases,
    NonbillablePis,
    NonbillableProjects,
    PrepayCredits,
    PrepayDebits,
    PrepayProjects,
    PrepayContacts,

    /// <summary>The institutions of the product, as they stood at the import.</summary>
    Institutions,

    /// <summary>A programme of the product, as it stood at the import.</summary>
    Programme,
}

/// <summary>A file of a month: what it is, its name without folders, and its text.</summary>
public sealed record NercFile(NercRole Role, string Name, string Text);
