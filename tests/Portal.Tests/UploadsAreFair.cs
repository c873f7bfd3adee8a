using System.Net;
using System.Net.Sockets;
using System.Text;
using Exchange.Portal.Api;
using Exchange.Portal.Keys;
using Exchange.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Whoever sends slowly, much, or under ever new names harms nobody else: with one hostile landlord the answers of the
/// others are those of a server without it. Seen to fail where sixteen slow uploads took every place.
/// </summary>
public sealed class UploadsAreFair
{
    private const string Lines = "application/x-ndjson";

    [Fact]
    public async Task Uploads_that_trickle_leave_the_places_of_others_and_are_cut_off()
    {
        await using var serving = await Serving.Start();
        var slow = await KeyOf(serving, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Usage, Serving.Other);
        using var sibling = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Serving.Ct);
        var trickling = Enumerable.Range(0, 30).Select(_ => Trickle(serving.Address, slow, gone.Token)).ToArray();
        await Waiting.For(
            () => trickling.Count(one => one.IsCompleted) >= trickling.Length - UploadBudgets.MaxUploadsOfKey,
            () => $"{trickling.Count(one => one.IsCompleted)} were told to come again.");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal((HttpStatusCode.Accepted, Counted), await Post(other, Of("other", $"{i}")));
            Assert.Equal((HttpStatusCode.Accepted, Counted), await Post(sibling, Of("nerc", $"{i}")));
        }

        var statuses = await Task.WhenAll(trickling);
        Assert.All(statuses, status => Assert.Contains(status, (int[])[408, 429]));
        Assert.Contains(429, statuses);
        Assert.True(statuses.Count(status => status == 408) >= UploadBudgets.MaxUploadsOfKey); // More if some are late.
    }

    [Fact]
    public async Task Who_holds_as_many_bytes_as_it_may_is_asked_to_come_again_and_others_are_not()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Usage, Serving.Other);
        var budgets = serving.App.Services.GetRequiredService<UploadBudgets>();
        using (var first = budgets.Begin(Serving.Nerc, "key:a"))
        using (var second = budgets.Begin(Serving.Nerc, "key:b"))
        {
            first!.Add((int)budgets.MaxBytesOfKey);
            second!.Add((int)(budgets.MaxBytesOfLandlord - budgets.MaxBytesOfKey));
            Assert.Throws<UploadBudgets.TooManyException>(() => first.Add(1));
            var (status, said) = await Post(client, Of("nerc", "good"));
            Assert.True(status == HttpStatusCode.TooManyRequests, said);
            Assert.Equal((HttpStatusCode.Accepted, Counted), await Post(other, Of("other", "good")));
        }

        Assert.Equal((HttpStatusCode.Accepted, Counted), await Post(client, Of("nerc", "good")));
    }

    /// <summary>The answers about each event of a body are held in memory for who does not read them.</summary>
    [Fact]
    public async Task An_answer_about_each_event_keeps_its_place_until_it_is_read()
    {
        await using var serving = await Serving.Start();
        var slow = await KeyOf(serving, Serving.Nerc);
        using var same = new HttpClient { BaseAddress = serving.Address };
        same.DefaultRequestHeaders.Authorization = new("Bearer", slow);
        using var other = await serving.WithKey(KeyScope.Usage, Serving.Other);
        var events = string.Join('\n', Enumerable.Range(0, 3_000).Select(i => Of("nerc", $"{i}").Replace(
            "urn:nerc:", $"urn:{new string('x', 200)}:", StringComparison.Ordinal)));
        var readers = new List<Socket>();
        for (var n = 0; n < UploadBudgets.MaxUploadsOfKey; n++)
        {
            readers.Add(await AskForEach(serving.Address, slow, events));
        }

        await Waiting.For(
            async () => (await Post(same, Of("nerc", "good"))).Status == HttpStatusCode.TooManyRequests,
            () => "Whoever reads nothing is given more and more.");
        Assert.Equal((HttpStatusCode.Accepted, Counted), await Post(other, Of("other", "good")));
        readers.ForEach(reader => reader.Dispose());
        await Waiting.For(
            async () => (await Post(same, Of("nerc", "good"))).Status == HttpStatusCode.Accepted,
            () => "The places are not given back.");
    }

    [Theory]
    [InlineData(64L << 30, 192, 112, 72, 64)]
    [InlineData(1L << 30, 85, 49, 31, 31)]
    [InlineData(384L << 20, 32, 18, 12, 12)]
    [InlineData(32L << 20, 24, 14, 9, 9)]
    public void What_may_wait_follows_the_memory_that_there_is(
        long memory, long all, long landlord, long key, long request)
    {
        var budgets = new UploadBudgets(memory);
        Assert.Equal((all, landlord, key, request), (
            budgets.MaxBytes >> 20, budgets.MaxBytesOfLandlord >> 20, budgets.MaxBytesOfKey >> 20,
            budgets.MaxBytesOfRequest >> 20));
    }

    [Theory]
    [InlineData(24L << 30, null)]
    [InlineData(1L << 30, null)]
    [InlineData(384L << 20, 192)] // A group of 512 MiB.
    [InlineData(100L << 20, 96)]
    public void The_heap_leaves_a_database_beside_it_room_where_there_is_little(long memory, int? heap) =>
        Assert.Equal(heap, (int?)(MemoryLimit.HeapBeside(memory) >> 20));

    [Fact]
    public void However_places_are_taken_and_left_no_one_has_more_than_its_own()
    {
        var random = new Random(6);
        var budgets = new UploadBudgets(1L << 32);
        var held = new List<(string Landlord, string Key, UploadBudgets.Upload Upload)>();
        for (var step = 0; step < 20_000; step++)
        {
            var landlord = $"landlord {random.Next(8)}";
            var key = $"{landlord} {random.Next(4)}";
            if (held.Count > 0 && random.Next(5) < 2)
            {
                var left = random.Next(held.Count);
                held[left].Upload.Dispose();
                held[left].Upload.Dispose();
                held.RemoveAt(left);
            }

            var isFree = held.Count < UploadBudgets.MaxUploads &&
                held.Count(one => one.Landlord == landlord) < UploadBudgets.MaxUploadsOfLandlord &&
                held.Count(one => one.Key == key) < UploadBudgets.MaxUploadsOfKey;
            var upload = budgets.Begin(new(landlord), key);
            Assert.Equal(isFree, upload is not null);
            if (upload is not null)
            {
                held.Add((landlord, key, upload));
            }
        }
    }

    [Fact]
    public async Task Shapes_of_tens_of_thousands_of_keys_are_set_aside_and_no_name_of_them_is_kept()
    {
        await using var serving = await Serving.Start();
        using var client = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        for (var i = 0; i < 12; i++)
        {
            var start = i;
            var keys = string.Join(',', Enumerable.Range(0, 40_000).Select(k => $"\"k{start}-{k}\":\"{k}\""));
            var hostile = Of("nerc", $"h{i}").Replace("\"vcpu\":4", keys, StringComparison.Ordinal);
            Assert.Equal(
                (HttpStatusCode.Accepted, """{"accepted":1,"duplicate":0,"quarantined":1}"""),
                await Post(client, $"{Of("nerc", $"g{i}")}\n{hostile}"));
        }

        await using var names = serving.Exchange.Database.CreateCommand(
            "select sum(octet_length(names)) from metering.block");
        Assert.InRange((long)(await names.ExecuteScalarAsync(Serving.Ct))!, 1, 2_000);
        Assert.All(await serving.Exchange.Meter.Quarantine(99, Serving.Ct),
            misfit => Assert.Equal("reading/shape-too-large", misfit.Reason));
    }

    private const string Counted = """{"accepted":1,"duplicate":0,"quarantined":0}""";

    private static string Of(string landlord, string id) => UsageOverHttp.Event(id)
        .Replace("\"landlord\":\"nerc\"", $"\"landlord\":\"{landlord}\"", StringComparison.Ordinal)
        .Replace("urn:nerc:stack", $"urn:{landlord}:{id}", StringComparison.Ordinal);

    private static async Task<string> KeyOf(Serving serving, LandlordId landlord) =>
        (await serving.Exchange.Do(new CreateKey("slow", landlord, KeyScope.Usage, "test"))).Key;

    /// <summary>Sends some kilobytes a second of a large body, until it is answered; the status.</summary>
    private static async Task<int> Trickle(Uri server, string key, CancellationToken ct)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port, ct);
        var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/usage HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {key}\r\n" +
            $"Content-Type: {Lines}\r\nContent-Length: 10000000\r\n\r\n"), ct);
        var answer = new StreamReader(stream, Encoding.ASCII).ReadLineAsync(ct).AsTask();
        var blanks = Encoding.ASCII.GetBytes(new string(' ', 499) + "\n");
        for (var sent = 0; sent < 400 && !answer.IsCompleted; sent++)
        {
            try
            {
                await stream.WriteAsync(blanks, ct);
            }
            catch (IOException)
            {
                break; // It was cut off; what was answered before is read.
            }

            await Task.WhenAny(answer, Task.Delay(100, ct));
        }

        return int.Parse((await answer)!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Asks what became of each event over a connection that takes little at once, and reads nothing.</summary>
    private static async Task<Socket> AskForEach(Uri server, string key, string events)
    {
        const int Tcp = 6, MaxSegment = 2;
        var body = Encoding.UTF8.GetBytes(events);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 4 << 10,
        };
        socket.SetRawSocketOption(Tcp, MaxSegment, BitConverter.GetBytes(1_000)); // The other side keeps little, too.
        await socket.ConnectAsync(server.Host, server.Port, Serving.Ct);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/usage?details=true HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {key}\r\n" +
            $"Content-Type: {Lines}\r\nContent-Length: {body.Length}\r\n\r\n"), Serving.Ct);
        for (var sent = 0; sent < body.Length;)
        {
            sent += await socket.SendAsync(body.AsMemory(sent), Serving.Ct);
        }

        return socket;
    }

    private static async Task<(HttpStatusCode Status, string Said)> Post(HttpClient client, string events)
    {
        using var content = Serving.Json(events, Lines);
        using var answer = await client.PostAsync(new Uri("/v1/usage", UriKind.Relative), content, Serving.Ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Serving.Ct));
    }
}
