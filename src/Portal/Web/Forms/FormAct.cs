namespace Exchange.Portal.Web;

/// <summary>What a button of a form asks for: the value that it sends as 'do', and what stands on it.</summary>
public sealed record FormAct(string Value, string Words, bool IsMain = false);
