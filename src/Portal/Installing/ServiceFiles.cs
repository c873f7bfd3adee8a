using System.Security.Cryptography;
using System.Text;

namespace Exchange.Portal.Installing;

/// <summary>The files that make the exchange a service of a machine.</summary>
internal static class ServiceFiles
{
    private const string Mark = "# Written by 'exchange install', sha256 ";

    /// <summary>What the service cannot do: whatever it does not need.</summary>
    private const string Closed = """
        NoNewPrivileges=yes
        CapabilityBoundingSet=
        ProtectSystem=strict
        ProtectHome=yes
        PrivateTmp=yes
        PrivateDevices=yes
        ProtectKernelTunables=yes
        ProtectKernelModules=yes
        ProtectKernelLogs=yes
        ProtectControlGroups=yes
        ProtectClock=yes
        ProtectHostname=yes
        RestrictSUIDSGID=yes
        RestrictRealtime=yes
        LockPersonality=yes
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
        SystemCallArchitectures=native
        """;

    /// <summary>The unit of systemd: its own user, who can write nothing but the data.</summary>
    public static string Unit(InstallOptions options) => Marked($"""
        # Change it with 'systemctl edit exchange', so that an upgrade finds it as it was written.
        [Unit]
        Description=The Exchange: meter, marketplace and bill of shared research clouds
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=exec
        User={options.User}
        Group={options.User}
        UMask=0077
        Environment=EXCHANGE_SETTINGS={InstallOptions.SettingsPath}
        WorkingDirectory={options.Data}
        ExecStart={options.Program} serve
        # The server is told to stop, then its database is stopped; neither is killed while it writes.
        ExecStopPost={options.Program} stop
        KillMode=mixed
        TimeoutStopSec=2min
        Restart=on-failure
        RestartSec=5s
        LimitNOFILE=65536
        ReadWritePaths={options.Data}
        {Closed}

        [Install]
        WantedBy=multi-user.target

        """);

    /// <summary>For the database's log; what the server says is in the system's journal.</summary>
    public static string LogRotation(InstallOptions options) => Marked($$"""
        {{options.Data}}/postgres/*.log {
            su {{options.User}} {{options.User}}
            weekly
            rotate 8
            compress
            missingok
            notifempty
            copytruncate
        }

        """);

    /// <summary>The settings, written once; from then on they are the operator's.</summary>
    public static string Settings(InstallOptions options) => $"""
        # Settings of the exchange. Restart it after a change: systemctl restart exchange
        # 'exchange doctor' says what is missing or wrong.

        EXCHANGE_DATA={options.Data}
        EXCHANGE_URLS={string.Join(';', options.Urls)}

        # Where people reach it, and the proxy that is believed about who asks.
        #EXCHANGE_ADDRESS=https://exchange.example.org
        #EXCHANGE_TRUST_PROXY=127.0.0.1

        # The identity provider people sign in with: docs/operating/sign-in.md.
        #EXCHANGE_SIGN_IN={InstallOptions.SettingsDirectory}/sign-in.yaml

        # A Postgres of your own instead of the one that the exchange keeps in its data directory.
        #EXCHANGE_DATABASE=Host=db.example.org;Username=exchange;Database=exchange

        # Mail, and who is told of silent sources.
        #EXCHANGE_MAIL=smtp://user:password@mail.example.org:587?from=billing@example.org
        #EXCHANGE_OPERATORS=cloud-operators@example.org

        # The day on which the month before is closed by itself, and where reports of closed months are written.
        #EXCHANGE_CLOSE_ON=3
        #EXCHANGE_EXPORTS={options.Data}/reports

        """;

    /// <summary>Whether a file is as an installation wrote it, so that it may be replaced.</summary>
    public static bool IsAsWritten(string text) => text.StartsWith(Mark, StringComparison.Ordinal) &&
        text.IndexOf('\n', StringComparison.Ordinal) is > 0 and var end &&
        text[Mark.Length..end] == Hash(text[(end + 1)..]);

    private static string Marked(string text) => $"{Mark}{Hash(text)}\n{text}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
