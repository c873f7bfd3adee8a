using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Servers;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Servers with certificates of one authority bring each other readings; nobody else is heard.</summary>
public sealed class ServersKnowEachOther
{
    [Fact]
    public async Task By_certificates_on_both_sides()
    {
        using var scratch = new Scratch();
        using var ours = PlacesOfServers.Authority("ours");
        var issuer = PlacesOfServers.Written(scratch, "issuer.pem", ours, isKey: false);
        var connection = await TestDatabase.NewConnectionString(typeof(IJournal).Assembly, typeof(Meter).Assembly);
        await using var ledger = DataSources.Open(connection);
        string[] places = [$"127.0.0.1:{Ports.Free()}", $"127.0.0.1:{Ports.Free()}"];
        Meter[] meters = [new(ledger, SystemClock.Instance), new(ledger, SystemClock.Instance)];
        using var one = Started(meters[0], places[0], scratch, ours, issuer, ledger, connection);
        using var two = Started(meters[1], places[1], scratch, ours, issuer, ledger, connection);
        await one.StartAsync(Serving.Ct);
        await two.StartAsync(Serving.Ct);
        try
        {
            await SharedLanes.Until(
                () => Task.FromResult(one.Intake.Owned!.Count + two.Intake.Owned!.Count), owned => owned == 1);
            await SharedLanes.Until(() => LaneOwners.Read(ledger, Serving.Ct), owners => owners.Count == 1);
            var owner = (await LaneOwners.Read(ledger, Serving.Ct))[0];
            var other = owner == places[0] ? two : one;
            foreach (var fate in (ItemFate[])[ItemFate.Accepted, ItemFate.Duplicate])
            {
                await using var body = new MemoryStream(Encoding.UTF8.GetBytes(
                    RequestsAreForwarded.Count("bu", "1", "vm", 2)));
                var done = Assert.IsType<Received.Done>(
                    await other.Intake.Receive(body, new("bu"), 1 << 20, withItems: true, Serving.Ct));
                Assert.Equal(fate, Assert.Single(done.Items).Fate);
            }

            await IsNotHeard(owner);
        }
        finally
        {
            await two.StopAsync(Serving.Ct);
            await one.StopAsync(Serving.Ct);
        }
    }

    private static Member Started(
        Meter meter, string place, Scratch scratch, System.Security.Cryptography.X509Certificates.X509Certificate2 ours,
        string issuer, NpgsqlDataSource ledger, string connection) => new(
            meter,
            ServerPlace.Of(place, PlacesOfServers.Written(
                scratch, $"{place.Split(':')[1]}.pem",
                PlacesOfServers.Issued(ours, TimeProvider.System.GetUtcNow().AddDays(1)), isKey: true), issuer),
            ledger, connection, 1 << 20, NullLoggerFactory.Instance);

    /// <summary>Who shows no certificate is let go before anything is said.</summary>
    private static async Task IsNotHeard(string place)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(System.Net.IPEndPoint.Parse(place), Serving.Ct);
        await using var stream = new SslStream(client.GetStream(), false, (_, other, _, _) => other is not null);
        var heard = 1;
        try
        {
            await stream.AuthenticateAsClientAsync("exchange");
            heard = await stream.ReadAsync(new byte[16], Serving.Ct);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            heard = 0;
        }

        Assert.Equal(0, heard);
    }
}
