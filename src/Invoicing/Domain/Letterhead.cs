using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Exchange.Invoicing;

/// <summary>
/// Who issued a document to whom, as was said on the day of issue. It is kept with the document, so that nothing that
/// is said later changes it.
/// </summary>
/// <param name="Issuer">The legal name of who issues it.</param>
/// <param name="TermsDays">How many days there were to pay.</param>
public sealed record Letterhead(string Issuer, int TermsDays)
{
    public ImmutableArray<string> Address { get; init; } = [];
    public string? TaxId { get; init; }

    /// <summary>Where to pay to, line by line.</summary>
    public ImmutableArray<string> Remittance { get; init; } = [];

    /// <summary>The hash of the logo's PNG.</summary>
    public string? Logo { get; init; }

    /// <summary>What the issuer says on every invoice.</summary>
    public string? Text { get; init; }

    /// <summary>The customer's legal name; null for the one that the directory has.</summary>
    public string? Customer { get; init; }
    public ImmutableArray<string> CustomerAddress { get; init; } = [];
    public string? CustomerTaxId { get; init; }
    public string? PurchaseOrder { get; init; }

    /// <summary>What is said on each invoice of this customer.</summary>
    public string? CustomerText { get; init; }

    /// <summary>Whose name stands above: the issuer with its address.</summary>
    [JsonIgnore]
    public ImmutableArray<string> From =>
        [Issuer, .. Address, .. TaxId is { } id ? [$"Tax ID: {id}"] : Array.Empty<string>()];

    /// <summary>What stands below the customer's own lines.</summary>
    [JsonIgnore]
    public ImmutableArray<string> CustomerLines =>
        [.. CustomerAddress, .. CustomerTaxId is { } id ? [$"Tax ID: {id}"] : Array.Empty<string>()];

    /// <summary>What is said on it, besides how it was worked out.</summary>
    [JsonIgnore]
    public ImmutableArray<string> Texts => [.. new[] { CustomerText, Text }.OfType<string>()];
}
