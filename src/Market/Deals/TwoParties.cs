namespace Exchange.Market.Deals;

/// <summary>How something stands that two parties agree on, and what of it waits for an answer.</summary>
/// <param name="Id">Null where there is nothing.</param>
/// <param name="State">'proposed', 'agreed' or 'declined'.</param>
internal readonly record struct Talk<TChange, TSide>(
    string? Id, string State, bool IsAgreed, (TChange? Change, TSide Side)? Pending)
    where TChange : class
    where TSide : struct, Enum;

/// <summary>The rule of whatever two parties agree on: one proposes, the other accepts or declines.</summary>
/// <param name="Area">What it is called: 'lease'.</param>
/// <param name="NoneToAnswer">The code of what waits for no answer.</param>
/// <param name="Answerless">The code of what waits for the other side.</param>
internal sealed record TwoParties(string Area, string NoneToAnswer, string Answerless)
{
    private const int MaxText = 500;

    /// <summary>Something is asked of what is agreed.</summary>
    public Decision<TEvent> Ask<TEvent, TChange, TSide>(
        in Talk<TChange, TSide> talk, TChange change, TSide side, TEvent says)
        where TChange : class
        where TSide : struct, Enum
    {
        if (!talk.IsAgreed)
        {
            return NotAgreed(talk.Id, talk.State);
        }

        if (talk.Pending is not { } pending)
        {
            return [says];
        }

        return change.Equals(pending.Change) && pending.Side.Equals(side) ? [] : Waiting(talk.Id);
    }

    /// <summary>Nobody accepts their own proposal.</summary>
    public Decision<TEvent> Accept<TEvent, TChange, TSide>(in Talk<TChange, TSide> talk, TSide side, TEvent says)
        where TChange : class
        where TSide : struct, Enum
    {
        if (talk.Pending is not { } pending)
        {
            return talk.IsAgreed ? [] : NotAgreed(talk.Id, talk.State);
        }

        return pending.Side.Equals(side) ? Waiting(talk.Id) : [says];
    }

    /// <summary>Either side ends what is proposed: the one says no, the other takes it back.</summary>
    public Decision<TEvent> Decline<TEvent, TChange, TSide>(
        in Talk<TChange, TSide> talk, string reason, TEvent says)
        where TChange : class
        where TSide : struct, Enum
    {
        if (talk.Pending is null)
        {
            return talk.IsAgreed ? NotAgreed(talk.Id, talk.State) : [];
        }

        return NoReason(reason, talk.Id) is { } refusal ? refusal : [says];
    }

    /// <summary>Why a reason is none; null where it is one.</summary>
    public Refusal? NoReason(string reason, string? id) => reason.Trim().Length is > 0 and <= MaxText ? null : new(
        $"{Area}/no-reason", $"Say why in 1 to {MaxText} characters: the other side sees it.", id);

    public Refusal NotAgreed(string? id, string state) => id is null
        ? Unknown(null)
        : new(NoneToAnswer, $"{id} is {state}: nothing of it is to be answered.", id);

    public Refusal Unknown(string? id) => new(
        $"{Area}/unknown", $"There is no such {Area}. 'exchange {Area}s list' shows them.", id);

    private Refusal Waiting(string? id) => new(
        Answerless, $"{id} waits for the other side. It accepts or declines first.", id);
}
