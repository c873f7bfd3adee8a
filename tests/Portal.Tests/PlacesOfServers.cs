using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Servers;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Where a server may be reached by others, and whom it takes for one of them.</summary>
public sealed class PlacesOfServers
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData("10.1.0.1:5081", "serve/cluster-without-tls")]
    [InlineData("[2001:db8::1]:5081", "serve/cluster-without-tls")]
    [InlineData("0.0.0.0:5081", "serve/cluster-address")]
    [InlineData("[::]:5081", "serve/cluster-address")]
    [InlineData("127.0.0.1", "serve/cluster-address")]
    [InlineData("localhost:5081", "serve/cluster-address")]
    [InlineData("", "serve/cluster-address")]
    public void Elsewhere_than_on_loopback_without_certificates_is_refused(string address, string code) =>
        Assert.Equal(code, Refused(() => ServerPlace.Of(address, null, null)));

    [Fact]
    public void Loopback_needs_none() => Assert.Equal(5081, ServerPlace.Of("127.0.0.1:5081", null, null).At.Port);

    [Fact]
    public void A_server_is_whoever_has_a_certificate_of_the_authority()
    {
        using var scratch = new Scratch();
        using var authority = Authority("ours");
        using var other = Authority("theirs");
        var (issuer, own) = (Written(scratch, "issuer.pem", authority, isKey: false),
            Written(scratch, "own.pem", Issued(authority, Now.AddDays(1)), isKey: true));
        var tls = ServerPlace.Of("10.1.0.1:5081", own, issuer).Tls!;
        Assert.True(tls.Trusts(Issued(authority, Now.AddDays(1))));
        Assert.False(tls.Trusts(Issued(other, Now.AddDays(1))));
        Assert.False(tls.Trusts(Issued(authority, Now.AddDays(-1))));

        Assert.Equal("serve/cluster-certificate", Refused(() => ServerPlace.Of("10.1.0.1:5081", own, null)));
        Assert.Equal("serve/cluster-certificate", Refused(() => ServerPlace.Of("10.1.0.1:5081", null, issuer)));
        Assert.Equal("serve/cluster-certificate", Refused(() => ServerPlace.Of("10.1.0.1:5081", issuer, issuer)));
        Assert.Equal("serve/cluster-certificate", Refused(() => ServerPlace.Of("10.1.0.1:5081", own + "x", issuer)));
        Assert.Equal("serve/cluster-certificate", Refused(() => ServerPlace.Of(
            "127.0.0.1:5081", Written(scratch, "foreign.pem", Issued(other, Now.AddDays(1)), isKey: true), issuer)));
        File.SetUnixFileMode(own, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal("serve/cluster-key-open", Refused(() => ServerPlace.Of("127.0.0.1:5081", own, issuer)));
    }

    /// <summary>A certificate of an authority, with its key.</summary>
    internal static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
    }

    internal static X509Certificate2 Issued(X509Certificate2 authority, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        return request.Create(authority, Now.AddDays(-5), end, RandomNumberGenerator.GetBytes(8))
            .CopyWithPrivateKey(key);
    }

    internal static string Written(Scratch scratch, string name, X509Certificate2 certificate, bool isKey)
    {
        var file = Path.Combine(scratch.Path, name);
        File.WriteAllText(file, certificate.ExportCertificatePem() +
            (isKey ? $"\n{certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}" : ""));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private static string Refused(Action place) => Assert.Throws<RefusedException>(place).Refusal.Code;
}
