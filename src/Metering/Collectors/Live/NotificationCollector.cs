using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using NodaTime;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Where OpenStack puts its notifications, and as whom they are fetched.</summary>
/// <param name="Url">Like 'amqp://rabbit.example.org:5672/nova'.</param>
/// <param name="User">Null to take the one that stands in the address.</param>
/// <param name="PasswordFile">A file with the password, read at each connection; null without a user.</param>
/// <param name="Queue">The durable queue that is read; it is made when an exchange is named.</param>
/// <param name="Exchange">The topic exchange of the service that notifies, such as 'nova'; null for none.</param>
/// <param name="Topics">The routing keys that the queue is bound to, such as 'notifications.info'.</param>
public sealed record NotificationSource(
    Uri Url, string? User, string? PasswordFile, string Queue, string? Exchange, IReadOnlyList<string> Topics);

/// <summary>
/// Takes OpenStack's notifications from RabbitMQ. A message is acknowledged after what it says is durable, so that
/// what a crash cuts off is delivered again.
/// </summary>
public sealed class NotificationCollector(CollectorIdentity identity, NotificationSource source) : ICollector
{
    private const ushort Ahead = 2_000;
    private const int Batch = 1_000;
    private const int MaxMessageLength = 16 << 20;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    public CollectorIdentity Identity => identity;

    public async Task Collect(Collecting collecting, bool stay, CancellationToken ct)
    {
        try
        {
            await using var connection = await Connection().CreateConnectionAsync(ct);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            await Bind(channel, ct);
            await channel.BasicQosAsync(0, Ahead, global: false, ct);
            var inbox = Channel.CreateUnbounded<Message>(); // Bounded by what may be sent ahead.
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) => inbox.Writer.WriteAsync(
                new(delivery.DeliveryTag, delivery.Body.ToArray()), ct).AsTask();
            channel.ChannelShutdownAsync += (_, end) =>
            {
                inbox.Writer.TryComplete(new IOException($"RabbitMQ closed the channel: {end.ReplyText}."));
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(source.Queue, autoAck: false, consumer, ct);
            await Read(inbox.Reader, channel, collecting, stay, ct);
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or
            AuthenticationFailureException or AlreadyClosedException)
        {
            throw new RefusedException(new("rabbitmq/unreachable",
                $"RabbitMQ: {(e.InnerException ?? e).Message} It is tried again; check address, user and queue.",
                $"{source.Url.Host}:{source.Url.Port} {source.Queue}"));
        }
    }

    private async Task Read(
        ChannelReader<Message> inbox, IChannel channel, Collecting collecting, bool stay, CancellationToken ct)
    {
        while (await Next(inbox, stay, ct) is { Count: > 0 } batch)
        {
            var context = collecting.Context(identity.Name);
            List<Collected> collected = [.. batch.SelectMany(message => Understand(message, context))];
            var waiting = await channel.MessageCountAsync(source.Queue, ct);
            var last = collected.Where(c => c.Reading is not null)
                .Select(c => Instant.Min(c.Reading!.From, context.Now)).DefaultIfEmpty(NodaConstants.UnixEpoch).Max();
            await collecting.Take(
                collected, $"message of {Text.Of(last)}", last > NodaConstants.UnixEpoch ? last : null, waiting,
                context.Tally, ct);
            await channel.BasicAckAsync(batch[^1].Tag, multiple: true, ct);
        }

        // Nothing waits: what the source had to say until now was taken.
        await collecting.Move(
            collecting.Position ?? "the beginning", collecting.Now, 0, new(0, 0, 0), new Tally(), ct);
    }

    /// <summary>What has arrived, at most a batch of it; nothing when nothing comes and nobody wants to stay.</summary>
    private static async Task<List<Message>> Next(ChannelReader<Message> inbox, bool stay, CancellationToken ct)
    {
        List<Message> batch = [];
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct);
        if (!stay)
        {
            soon.CancelAfter(Idle);
        }

        try
        {
            await inbox.WaitToReadAsync(soon.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return batch; // The queue is empty.
        }

        while (batch.Count < Batch && inbox.TryRead(out var message))
        {
            batch.Add(message);
        }

        if (batch.Count == 0)
        {
            await inbox.Completion; // It ended, and says why.
        }

        return batch;
    }

    private static IReadOnlyList<Collected> Understand(Message message, CollectorContext context)
    {
        if (message.Body.Length > MaxMessageLength)
        {
            return [Unreadable(message, context, $"The message is longer than {MaxMessageLength >> 20} MiB.")];
        }

        try
        {
            using var document = JsonDocument.Parse(message.Body);
            return OpenStackNotifications.Of(document.RootElement, context);
        }
        catch (JsonException e)
        {
            return [Unreadable(message, context, $"The message is not JSON: {e.Message.Split(" LineNumber:")[0]}")];
        }
    }

    private static RejectedReading Unreadable(Message message, CollectorContext context, string why)
    {
        context.Tally.Records++;
        var text = Encoding.UTF8.GetString(message.Body.AsSpan(0, int.Min(message.Body.Length, 64 << 10)))
            .Replace('\0', '\uFFFD');
        var cluster = context.RequiredCluster(OpenStackNotifications.Format);
        return new("rabbitmq/not-json", $"{why} Look at what writes to the queue, then discard it.",
            context.Source(cluster, OpenStackNotifications.Format), Record.Hash(text), context.Landlord,
            Record.Kept(text));
    }

    private async Task Bind(IChannel channel, CancellationToken ct)
    {
        if (source.Exchange is not { } exchange)
        {
            await channel.QueueDeclarePassiveAsync(source.Queue, ct);
            return;
        }

        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: false, cancellationToken: ct);
        await channel.QueueDeclareAsync(
            source.Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: ct);
        foreach (var topic in source.Topics)
        {
            await channel.QueueBindAsync(source.Queue, exchange, topic, cancellationToken: ct);
        }
    }

    private ConnectionFactory Connection()
    {
        var factory = new ConnectionFactory
        {
            Uri = source.Url,
            AutomaticRecoveryEnabled = false, // The next run connects anew, and knows what was not acknowledged.
            ClientProvidedName = string.Create(CultureInfo.InvariantCulture, $"exchange {identity.Name}"),
        };
        if (source.User is { } user)
        {
            factory.UserName = user;
            factory.Password = source.PasswordFile is { } file ? File.ReadAllText(file).Trim() : "";
        }

        return factory;
    }

    private sealed record Message(ulong Tag, byte[] Body);
}
