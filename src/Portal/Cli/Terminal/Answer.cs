namespace Exchange.Portal.Cli;

/// <summary>What a verb answers: one document for programs, and how a person is told the same.</summary>
internal sealed record Answer(object Document, Action<Terminal> Tell, int Exit = ExitCode.Done);
