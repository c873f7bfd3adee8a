using System.Security.Cryptography;
using System.Text;

namespace Exchange.Rating;

/// <summary>What a file of pricing/ is about.</summary>
public enum PricingKind { Sheet, Outages, Levels, PublicPrices, Other }

/// <summary>A file of pricing/ as it was handed in: its path, and its text.</summary>
public sealed record PricingText(string File, string Yaml)
{
    /// <summary>Equal for equal text: what was published before is not published again.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Yaml)));

    /// <summary>The path from 'pricing/' on, so that the same file has the same name on every machine.</summary>
    public string Name
    {
        get
        {
            var path = '/' + File.Replace('\\', '/');
            var at = path.LastIndexOf("/pricing/", StringComparison.Ordinal);
            return at < 0 ? File : path[(at + 1)..];
        }
    }

    /// <summary>
    /// Told by its keys: programmes, institutions and landlords, which live in pricing/ too, are something other.
    /// </summary>
    /// <exception cref="RefusedException">It is not YAML.</exception>
    public PricingKind Kind()
    {
        var yaml = YamlMap.Read(Yaml, File);
        return yaml.Has("outages") ? PricingKind.Outages
            : yaml.Has("levels") ? PricingKind.Levels
            : yaml.Has("provider") ? PricingKind.PublicPrices
            : yaml.Has("programme") || yaml.Has("institutions") || yaml.Has("landlords") || yaml.Has("nonbillable")
                ? PricingKind.Other
            : PricingKind.Sheet;
    }
}
