using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Exchange.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Debian's glewlwyd on loopback: a real OpenID provider, with one client and one person who signed in there.
/// </summary>
internal sealed class Glewlwyd : IAsyncDisposable
{
    public const string Secret = "secret-of-the-exchange";

    private const string Password = "password-of-ada";

    private readonly Component _program;
    private readonly HttpClient _browser;

    private Glewlwyd(Component program, HttpClient browser) => (_program, _browser) = (program, browser);

    public string Issuer => $"{_browser.BaseAddress}api/oidc";

    public static async Task<Glewlwyd> Start()
    {
        var program = Component.Find("glewlwyd", "/usr/bin/glewlwyd");
        var sqlite = Component.Find("sqlite3", "/usr/bin/sqlite3");
        var tables = Component.Find("glewlwyd", "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3");
        var folder = Component.NewFolder().FullName;
        var port = Ports.Free();
        var database = Path.Combine(folder, "g.db");
        await Component.Run(sqlite, folder, database, $".read {tables}");
        var settings = Path.Combine(folder, "g.conf");
        await File.WriteAllTextAsync(settings, Settings(port, database), Serving.Ct);
        var component = Component.Start(
            program, folder, new Dictionary<string, string>(), $"--config-file={settings}");
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        };
        await component.Until(async () =>
        {
            using var answer = await browser.GetAsync(new Uri("/api/scope", UriKind.Relative), Serving.Ct);
            return answer.StatusCode == HttpStatusCode.Unauthorized;
        });
        var provider = new Glewlwyd(component, browser);
        await provider.SignIn("admin", "password");
        await provider.Do(HttpMethod.Post, "/api/mod/plugin/", provider.Plugin());
        await provider.Do(HttpMethod.Post, "/api/user/", new
        {
            username = "ada",
            name = "Ada",
            email = "ada@bu.edu",
            enabled = true,
            password = Password,
            scope = new[] { "openid", "g_profile" },
        });
        return provider;
    }

    /// <summary>Registers the exchange under its address, and lets Ada sign in and agree.</summary>
    public async Task Know(Uri callback)
    {
        await Do(HttpMethod.Post, "/api/client/", new
        {
            client_id = "exchange",
            name = "exchange",
            confidential = true,
            enabled = true,
            password = Secret,
            redirect_uri = new[] { callback.ToString() },
            authorization_type = new[] { "code" },
            scope = new[] { "openid" },
            token_endpoint_auth_method = new[] { "client_secret_basic" },
        });
        await SignIn("ada", Password);
        await Do(HttpMethod.Put, "/api/auth/grant/exchange", new { scope = "openid" });
    }

    /// <summary>What the provider answers Ada's browser when the exchange sends it there.</summary>
    public async Task<Uri> Authorize(Uri asked)
    {
        using var answer = await _browser.GetAsync(
            new Uri(QueryHelpers.AddQueryString(asked.ToString(), "g_continue", "")), Serving.Ct);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!;
    }

    public ValueTask DisposeAsync()
    {
        _browser.Dispose();
        return _program.DisposeAsync();
    }

    private Task SignIn(string username, string password) =>
        Do(HttpMethod.Post, "/api/auth/", new { username, password });

    private async Task Do(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = JsonContent.Create(body),
        };
        await request.Content.LoadIntoBufferAsync(Serving.Ct); // It does not read chunks.
        using var answer = await _browser.SendAsync(request, Serving.Ct);
        Assert.True(
            answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} " +
                $"{await answer.Content.ReadAsStringAsync(Serving.Ct)}");
    }

    private object Plugin()
    {
        using var key = RSA.Create(2_048);
        return new
        {
            module = "oidc",
            name = "oidc",
            display_name = "oidc",
            parameters = new Dictionary<string, object>
            {
                ["iss"] = Issuer,
                ["jwt-type"] = "rsa",
                ["jwt-key-size"] = "256",
                ["key"] = key.ExportRSAPrivateKeyPem(),
                ["cert"] = key.ExportSubjectPublicKeyInfoPem(),
                ["access-token-duration"] = 3_600,
                ["refresh-token-duration"] = 86_400,
                ["code-duration"] = 600,
                ["refresh-token-rolling"] = true,
                ["allow-non-oidc"] = false,
                ["auth-type-code-enabled"] = true,
                ["auth-type-token-enabled"] = false,
                ["auth-type-id-token-enabled"] = true,
                ["auth-type-none-enabled"] = false,
                ["auth-type-password-enabled"] = false,
                ["auth-type-client-enabled"] = false,
                ["auth-type-refresh-enabled"] = true,
                ["pkce-allowed"] = true,
                ["pkce-method-plain-allowed"] = false,
                ["pkce-required"] = true,
                ["name-claim"] = "mandatory",
                ["email-claim"] = "mandatory",
                ["claims"] = new[]
                {
                    new Dictionary<string, object>
                    {
                        ["name"] = "email_verified",
                        ["user-property"] = "username",
                        ["type"] = "boolean",
                        ["boolean-value-true"] = "ada",
                        ["boolean-value-false"] = "nobody",
                        ["mandatory"] = true,
                    },
                },
                ["secret-type"] = "",
                ["subject-type"] = "public",
                ["request-parameter-allow"] = false,
                ["address-claim"] = new { type = "no" },
                ["allowed-scope"] = new[] { "openid" },
            },
        };
    }

    private static string Settings(int port, string database) => $$"""
        port={{port}}
        bind_address="127.0.0.1"
        external_url="http://127.0.0.1:{{port}}"
        login_url="login.html"
        api_prefix="api"
        allow_origin="*"
        log_mode="console"
        log_level="WARNING"
        cookie_secure=0
        session_expiration=86400
        session_key="GLEWLWYD2_SESSION_ID"
        login_api_enabled=true
        max_post_size=1000000
        admin_scope="g_admin"
        profile_scope="g_profile"
        user_module_path="/usr/lib/glewlwyd/user"
        client_module_path="/usr/lib/glewlwyd/client"
        user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
        plugin_module_path="/usr/lib/glewlwyd/plugin"
        use_secure_connection=false
        secure_connection_key_file=""
        secure_connection_pem_file=""
        secure_connection_ca_file=""
        hash_algorithm="SHA512"
        database = { type = "sqlite3"; path = "{{database}}"; };
        """ + "\n";
}

/// <summary>Signing in with a real provider.</summary>
public class SigningInWithGlewlwyd
{
    [Fact]
    public async Task Ada_signs_in_once_for_each_code_and_sees_her_page()
    {
        await using var provider = await Glewlwyd.Start();
        await using var serving = await Serving.Start(signIn: new(
            new Uri(provider.Issuer), "exchange", Glewlwyd.Secret, null, ["openid"], "name", "email", []));
        await provider.Know(new Uri(serving.Address, Web.SigningIn.SignInSettings.CallbackPath));
        using var browser = serving.Anonymous();
        using var start = await browser.GetAsync(new Uri("/sign-in/start", UriKind.Relative), Serving.Ct);
        var callback = await provider.Authorize(start.Headers.Location!);
        using var signedIn = await browser.GetAsync(callback, Serving.Ct);
        Assert.True(signedIn.StatusCode == HttpStatusCode.Redirect,
            await signedIn.Content.ReadAsStringAsync(Serving.Ct));
        var page = await browser.GetStringAsync(new Uri("/pi", UriKind.Relative), Serving.Ct);
        Assert.Contains("Ada", page, StringComparison.Ordinal);

        // The same code again, in a sign-in that is right in everything else.
        using var second = await browser.GetAsync(new Uri("/sign-in/start", UriKind.Relative), Serving.Ct);
        var fresh = QueryHelpers.ParseQuery((await provider.Authorize(second.Headers.Location!)).Query);
        var used = QueryHelpers.ParseQuery(callback.Query)["code"].ToString();
        using var replayed = await browser.GetAsync(
            new Uri(QueryHelpers.AddQueryString(Web.SigningIn.SignInSettings.CallbackPath, new Dictionary<string,
                string?>
            {
                ["code"] = used,
                ["state"] = fresh["state"],
            }), UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
    }
}
