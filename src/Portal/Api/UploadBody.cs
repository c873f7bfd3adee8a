using System.Diagnostics;
using System.IO.Compression;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Exchange.Portal.Api;

/// <summary>
/// The body of an upload as it comes, unpacked: its bytes are counted against the budgets, and who sends too slowly to
/// be worth a place is cut off.
/// </summary>
internal sealed class UploadBody : ForwardStream
{
    /// <summary>As many bytes must come in each span of waiting for them, unless the body ends before.</summary>
    public const int MinBytesASecond = 8 << 10;
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Paced _paced;
    private readonly Stream _unpacked;
    private readonly Action<int> _onRead;

    public UploadBody(Stream body, bool isGzip, UploadBudgets.Upload upload, TimeSpan? patience = null)
    {
        _paced = new(body, patience ?? (Patience + TimeSpan.FromSeconds(2)));
        _unpacked = isGzip ? new GZipStream(_paced, CompressionMode.Decompress, leaveOpen: true) : _paced;
        _onRead = upload.Add;
    }

    /// <summary>Has Kestrel end a request whose body comes slower, where it counts.</summary>
    public static void AskForSpeed(HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol) &&
            http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = new(MinBytesASecond, Patience);
        }
    }

    /// <exception cref="TooSlowException">The sender takes too long.</exception>
    /// <exception cref="UploadBudgets.TooManyException">More bytes wait than may.</exception>
    /// <exception cref="InvalidDataException">It was to be gzip and is not.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _unpacked.ReadAsync(buffer, cancellationToken);
        _onRead(read);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked.Dispose();
            _paced.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The sender takes longer than a place is worth.</summary>
    public sealed class TooSlowException() : Exception("The body comes too slowly.");

    /// <summary>A body whose sender is waited for in spans: each must bring its share.</summary>
    private sealed class Paced(Stream body, TimeSpan patience) : ForwardStream
    {
        private CancellationTokenSource? _late;
        private TimeSpan _waited;
        private long _came;

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _late ??= CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var reading = body.ReadAsync(buffer, _late.Token);
            var read = reading.IsCompletedSuccessfully
                ? reading.Result
                : await Wait(reading, _late, cancellationToken);
            _came += read;
            if (_waited >= patience)
            {
                if (read > 0 && _came < MinBytesASecond * patience.TotalSeconds)
                {
                    throw new TooSlowException();
                }

                (_waited, _came) = (TimeSpan.Zero, 0);
            }

            return read;
        }

        /// <summary>Waits a little longer than the span, so that bytes that come at its end are counted.</summary>
        private async Task<int> Wait(ValueTask<int> reading, CancellationTokenSource late, CancellationToken ct)
        {
            var start = Stopwatch.GetTimestamp();
            late.CancelAfter(patience - _waited + TimeSpan.FromMilliseconds(50));
            try
            {
                return await reading; // Canceled, it lets go of the buffer before this goes on.
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new TooSlowException();
            }
            finally
            {
                late.CancelAfter(Timeout.InfiniteTimeSpan);
                _waited += Stopwatch.GetElapsedTime(start);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _late?.Dispose();
            base.Dispose(disposing);
        }
    }
}
