namespace Exchange.Invoicing.Profiles;

/// <summary>A profile as labels and texts, for lists.</summary>
public static class ProfileLines
{
    public static IReadOnlyList<(string What, string Says)> Of(IssuerProfile issuer) =>
    [
        ("name", issuer.Name), .. issuer.Address.Select(line => ("address", line)), .. Some("tax id", issuer.TaxId),
        .. issuer.Remittance.Select(line => ("remittance", line)),
        .. Some("logo", issuer.Logo is { } logo ? LogoImage.HashOf(logo)[..12] : null),
        ("days to pay", $"{issuer.TermsDays}"),
        .. Some("months until closed for good", issuer.HardCloseMonths is { } months ? $"{months}" : null),
        .. Some("text", issuer.Text),
    ];

    public static IReadOnlyList<(string What, string Says)> Of(CustomerProfile customer) =>
    [
        .. Some("name", customer.Name), .. customer.Address.Select(line => ("address", line)),
        .. Some("tax id", customer.TaxId), .. Some("PO number", customer.PurchaseOrder),
        .. Some("days to pay", customer.TermsDays is { } days ? $"{days}" : null), .. Some("text", customer.Text),
    ];

    private static IEnumerable<(string, string)> Some(string what, string? says) =>
        says is null ? [] : [(what, says)];
}
