using System.Text;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// Marten, as the journal uses it: streams and events in the schema 'journal', always inside a transaction of ours.
/// It is made at the first append, so that a command which only reads does not pay for it.
/// </summary>
internal static class EventStore
{
    public const string CommandHeader = "command";
    public const string DotNetType = "Exchange.Journal.StoredEvent, Exchange.Journal";

    private static readonly Lazy<DocumentStore> Store = new(() => DocumentStore.For(options =>
    {
        // It never connects by itself. Were it to try, it must fail at once and not write beside our transaction.
        options.Connection("Host=/nonexistent/the-journal-brings-its-own-transaction;Username=none;Database=none");
        Configure(options);
    }));

    public static IDocumentSession Within(NpgsqlTransaction transaction, EventHeaders? headers)
    {
        var session = Store.Value.LightweightSession(SessionOptions.ForTransaction(transaction));
        session.LastModifiedBy = headers?.Who!;
        session.CorrelationId = headers?.Correlation!; // Marten would take that of the current activity.
        if (headers?.Command is { } command)
        {
            session.SetHeader(CommandHeader, command);
        }

        return session;
    }

    public static void Configure(StoreOptions options)
    {
        options.DatabaseSchemaName = "journal";
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.DisableNpgsqlLogging = true;
        options.ConfigurePolly(_ => { }); // A decision is never tried again here: its caller reads and decides.
        options.Events.DatabaseSchemaName = "journal";
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps; // Its name misleads: the times are ours.
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.Events.MetadataConfig.CorrelationIdEnabled = true;
        options.Events.MetadataConfig.UserNameEnabled = true;
        options.Events.UseBinarySerializer<StoredEvent>(new ExactBytes());

        // What cannot be read or applied is a fault and is told, never passed over.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipUnknownEvents = false;
    }

    /// <summary>The text that was written is stored and hashed; jsonb would write it again its own way.</summary>
    private sealed class ExactBytes : IEventBinarySerializer
    {
        public byte[] Serialize(Type type, object data) => Encoding.UTF8.GetBytes(((StoredEvent)data).Json);

        public object Deserialize(Type type, byte[] bytes) => new StoredEvent(Encoding.UTF8.GetString(bytes));
    }
}

/// <summary>The one class that Marten sees; the stored name of an event stands beside it, not in it.</summary>
public sealed record StoredEvent(string Json);
