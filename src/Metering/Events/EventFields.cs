using System.Text.Json;

namespace Exchange.Metering;

/// <summary>
/// The fields of one CloudEvent as they stand in its bytes, found in one pass, without a string for any of them.
/// Where one is not as it usually is (escaped, of another type), the event is left to the slow reader.
/// </summary>
internal ref struct EventFields
{
    public ReadOnlySpan<byte> SpecVersion;
    public ReadOnlySpan<byte> Id;
    public ReadOnlySpan<byte> Source;
    public ReadOnlySpan<byte> Type;
    public ReadOnlySpan<byte> Subject;
    public ReadOnlySpan<byte> Time;
    public ReadOnlySpan<byte> Landlord;
    public ReadOnlySpan<byte> Cluster;
    public ReadOnlySpan<byte> Project;
    public ReadOnlySpan<byte> Kind;
    public ReadOnlySpan<byte> From;
    public ReadOnlySpan<byte> To;
    public ReadOnlySpan<byte> State;
    public ReadOnlySpan<byte> Meter;

    /// <summary>The bytes of the JSON object, or empty.</summary>
    public ReadOnlySpan<byte> Shape;

    /// <summary>The shape that these bytes are; null where it was not looked for yet.</summary>
    public RawShape? KnownShape;

    /// <summary>Digits, perhaps with a point; as a number or as text.</summary>
    public ReadOnlySpan<byte> Step;

    /// <summary>The same.</summary>
    public ReadOnlySpan<byte> Quantity;

    /// <summary>Whether some field is not as it usually is.</summary>
    public bool IsUnusual;

    /// <summary>Whether texts are known to hold nothing but <see cref="PlainText"/>.</summary>
    public bool IsPlain;

    private bool _isCut;

    /// <summary>Where the reader came to: the value of a field, the end of the object, or that of the bytes.</summary>
    private enum Next { Value, End, Cut }

    /// <summary>Whether the interval of a count is given.</summary>
    public bool HasFrom;

    /// <summary>One of the fields by its name.</summary>
    public ReadOnlySpan<byte> this[Field field]
    {
        readonly get => field switch
        {
            Field.SpecVersion => SpecVersion,
            Field.Id => Id,
            Field.Source => Source,
            Field.Type => Type,
            Field.Subject => Subject,
            Field.Time => Time,
            Field.Landlord => Landlord,
            Field.Cluster => Cluster,
            Field.Project => Project,
            Field.Kind => Kind,
            Field.From => From,
            Field.To => To,
            Field.State => State,
            Field.Meter => Meter,
            Field.Shape => Shape,
            Field.Step => Step,
            Field.Quantity => Quantity,
        };
        set
        {
            switch (field)
            {
                case Field.SpecVersion: SpecVersion = value; break;
                case Field.Id: Id = value; break;
                case Field.Source: Source = value; break;
                case Field.Type: Type = value; break;
                case Field.Subject: Subject = value; break;
                case Field.Time: Time = value; break;
                case Field.Landlord: Landlord = value; break;
                case Field.Cluster: Cluster = value; break;
                case Field.Project: Project = value; break;
                case Field.Kind: Kind = value; break;
                case Field.From: From = value; break;
                case Field.To: To = value; break;
                case Field.State: State = value; break;
                case Field.Meter: Meter = value; break;
                case Field.Shape: Shape = value; break;
                case Field.Step: Step = value; break;
                case Field.Quantity: Quantity = value; break;
            }
        }
    }

    /// <summary>Reads the object that has just begun; no if its end is not there yet.</summary>
    /// <param name="bytes">What the reader reads.</param>
    public bool Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        Next next;
        var seen = 0UL;
        while ((next = Advance(ref reader, ref seen, out var name)) == Next.Value)
        {
            if (name.SequenceEqual("data"u8) && reader.TokenType == JsonTokenType.StartObject
                ? !ReadData(ref reader, bytes)
                : !Keep(name, ref reader) && !reader.TrySkip())
            {
                return false;
            }
        }

        return next == Next.End;
    }

    private bool ReadData(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        Next next;
        var seen = 0UL;
        while ((next = Advance(ref reader, ref seen, out var name)) == Next.Value)
        {
            if (KeepOfData(name, ref reader))
            {
                continue;
            }

            var start = (int)reader.TokenStartIndex;
            var isShape = name.SequenceEqual("shape"u8);
            IsUnusual |= isShape != (reader.TokenType == JsonTokenType.StartObject) ||
                reader.TokenType == JsonTokenType.StartArray;
            if (!reader.TrySkip())
            {
                return false;
            }

            Shape = isShape ? bytes[start..(int)reader.BytesConsumed] : Shape;
        }

        return next == Next.End;
    }

    /// <summary>Goes to the value of the next field, over its name.</summary>
    private Next Advance(scoped ref Utf8JsonReader reader, scoped ref ulong seen, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!reader.Read() || _isCut)
        {
            return Next.Cut;
        }

        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return Next.End;
        }

        name = reader.ValueSpan;
        IsUnusual |= reader.ValueIsEscaped || SeenNames.MaybeAgain(name, ref seen);
        return reader.Read() ? Next.Value : Next.Cut;
    }

    private bool Keep(ReadOnlySpan<byte> name, scoped ref Utf8JsonReader reader)
    {
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
                Id = Word(ref reader);
                return true;
            case 4 when name.SequenceEqual("type"u8):
                Type = Word(ref reader);
                return true;
            case 4 when name.SequenceEqual("time"u8):
                Time = Word(ref reader);
                return true;
            case 6 when name.SequenceEqual("source"u8):
                Source = Word(ref reader);
                return true;
            case 7 when name.SequenceEqual("subject"u8):
                Subject = Word(ref reader);
                return true;
            case 11 when name.SequenceEqual("specversion"u8):
                SpecVersion = Word(ref reader);
                return true;
            default:
                IsUnusual |= name.SequenceEqual("data"u8) || name.SequenceEqual("data_base64"u8) ||
                    reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                return false;
        }
    }

    private bool KeepOfData(ReadOnlySpan<byte> name, scoped ref Utf8JsonReader reader)
    {
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("to"u8):
                To = Word(ref reader);
                return true;
            case 4 when name.SequenceEqual("from"u8):
                From = Word(ref reader);
                HasFrom = true;
                return true;
            case 4 when name.SequenceEqual("kind"u8):
                Kind = Word(ref reader);
                return true;
            case 5 when name.SequenceEqual("state"u8):
                State = Word(ref reader);
                return true;
            case 5 when name.SequenceEqual("meter"u8):
                Meter = Word(ref reader);
                return true;
            case 7 when name.SequenceEqual("cluster"u8):
                Cluster = Word(ref reader);
                return true;
            case 7 when name.SequenceEqual("project"u8):
                Project = Word(ref reader);
                return true;
            case 8 when name.SequenceEqual("landlord"u8):
                Landlord = Word(ref reader);
                return true;
            case 8 when name.SequenceEqual("quantity"u8):
                Quantity = Number(ref reader);
                return true;
            case 12 when name.SequenceEqual("step_seconds"u8):
                Step = Number(ref reader);
                return true;
            default:
                return false;
        }
    }

    private ReadOnlySpan<byte> Number(scoped ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number ? reader.ValueSpan : Word(ref reader);

    /// <summary>What is not a plain text is left to the slow reader, whole: objects are skipped there.</summary>
    private ReadOnlySpan<byte> Word(scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        IsUnusual = true;
        _isCut |= !reader.TrySkip();
        return default;
    }
}
