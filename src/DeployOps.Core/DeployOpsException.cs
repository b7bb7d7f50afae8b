namespace DeployOps;

/// <summary>
/// A fact that stops the work, told so that an operator can act on it: what, where, and what to do next.
/// The cmdlets turn it into an error record whose id is <see cref="ErrorId"/>.
/// </summary>
public class DeployOpsException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="errorId">The constant id of this one code path, such as <c>MigrationChecksumMismatch</c>.</param>
    /// <param name="kind">What sort of fault it is.</param>
    /// <param name="message">What happened and where, with the numbers that decided.</param>
    /// <param name="nextStep">What the operator does next; it is appended to the message.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public DeployOpsException(string errorId, FaultKind kind, string message, string? nextStep = null, Exception? innerException = null)
        : base(nextStep is null ? message : $"{message} {nextStep}", innerException)
    {
        ErrorId = errorId;
        Kind = kind;
        NextStep = nextStep;
    }

    /// <summary>The constant id of the code path that failed.</summary>
    public string ErrorId { get; }

    /// <summary>What sort of fault it is.</summary>
    public FaultKind Kind { get; }

    /// <summary>What to do next, or null where the message already says it.</summary>
    public string? NextStep { get; }

    /// <summary>What happened and where, with the numbers that decided, without what to do next.</summary>
    public string Fact => NextStep is null ? Message : Message[..^(NextStep.Length + 1)];

    /// <summary>What production is in now, in words; null where the error is not one of a phase.</summary>
    public string? Production { get; init; }

    /// <summary>The next command to type, literally; null where none follows from the error.</summary>
    public string? Command { get; init; }

    /// <summary>Whether what the work was about is known to be as it was before it began. Default false: it may be, or it may not.</summary>
    public bool IsAsBefore { get; init; }

    /// <summary>What the fault is about: the failed result, the plan's path, the file. Shown as the error's target.</summary>
    public object? Target { get; init; }
}
